"""Normalised copies (derivatives) of images: the picture that is sent and trained on, where the file is not it already.

Belongs here: which files are pictures as they lie, the copies' encoding, names and folder. Does not belong here: what
the pixels are (decode.py), the process that makes a copy (process.py), which rows have one (picture_files.py).

A copy is a PNG of the decoded picture, so every reader sees exactly its pixels. It lies at
`ab/<image id>-<SHA-256 of the copy>.png`: found by its original, checked by its own hash. It is there whole or not at
all, and what a killed process left is cleared when the copy is made again. The folder holds nothing that cannot be made
again from the originals.
"""

from __future__ import annotations

import hashlib
import io
import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from resources.private import private_folder
from wethink_assets.decoding.decode import MAX_PIXELS, is_still, is_upright, needs_no_ground

RULES = "1"  # raise it when decode.py gives other pixels for the same file: copies of other rules are not looked at
PLAIN = "plain"
OPENED = ("JPEG", "PNG", "WEBP")  # MPO comes with JPEG
LEVEL = 4  # of zlib [D]: half the time of the usual 6, and 2 % more bytes
_LATE = (b"eXIf", b"Raw profile type", b"XML:com.adobe.xmp")  # may stand behind a PNG's pixels and turn it


@dataclass(frozen=True)
class Picture:
    """The picture of an image: `sha256` of the file that holds it. That is the image itself, where `path` is None."""

    sha256: str
    path: Path | None = None


class PictureFile(NamedTuple):
    """The file of an image's picture and its SHA-256; `size` in pixels, where a row says it."""

    path: Path
    sha256: str
    size: tuple[int, int] | None = None


class PictureCopies:
    """The folder of copies. Safe to share between threads and processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / RULES

    def find(self, image_id: str, sha256: str = "") -> Picture | None:
        """What is known of an image's picture; `sha256` where a row names the copy."""
        if sha256 == image_id:
            return Picture(image_id)
        if sha256 and (path := self._path(image_id, sha256)).is_file():
            return Picture(sha256, path)
        for path in sorted((self.folder / image_id[:2]).glob(f"{image_id}-*")):
            if path.name.endswith(f"-{PLAIN}"):
                return Picture(image_id)
            if path.suffix == ".png":
                return Picture(path.stem.rpartition("-")[2], path)
        return None

    def keep(self, image_id: str, image: Image.Image) -> Picture:
        """Write the copy of a decoded picture."""
        private_folder(self.folder)
        folder = self.folder / image_id[:2]
        folder.mkdir(exist_ok=True)
        for left in folder.glob(f"{image_id}.*.part"):
            left.unlink(missing_ok=True)
        part = folder / f"{image_id}.{os.getpid()}.part"
        try:
            with part.open("wb") as out:
                image.save(out, "PNG", compress_level=LEVEL)
            with part.open("rb") as written:
                sha256 = hashlib.file_digest(written, "sha256").hexdigest()
            path = self._path(image_id, sha256)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        return Picture(sha256, path)

    def keep_plain(self, image_id: str) -> None:
        """Remember that an image is its picture, which its header alone does not tell."""
        private_folder(self.folder)
        mark = self.folder / image_id[:2] / f"{image_id}-{PLAIN}"
        mark.parent.mkdir(exist_ok=True)
        mark.touch()

    def _path(self, image_id: str, sha256: str) -> Path:
        return self.folder / image_id[:2] / f"{image_id}-{sha256}.png"


def plain_by_header(data: bytes) -> bool:
    """Whether a file's header shows that its bytes are the picture; False where only decoding it can tell."""
    if data.startswith(b"\x89PNG") and any(mark in data for mark in _LATE):
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = Image.open(io.BytesIO(data), formats=OPENED)
            if image.width * image.height > MAX_PIXELS or not (is_still(image) and needs_no_ground(image)):
                return False
            return image.format == "PNG" or is_upright(image)
    except Exception:  # noqa: BLE001 - readers of headers raise anything: the decoder says what is wrong
        return False


def size_of(path: Path) -> tuple[int, int]:
    """Width and height of a picture's file, by its header.

    Raises:
        OSError: it cannot be read, or is no picture.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=OPENED) as image:
                return image.size
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001 - as above
        raise OSError(f"{path}: {error}") from None
