"""Pictures of images at their first use: found where a row or the folder knows one, else made in the sandboxed decoder.

Belongs here: the order in which a picture is looked for, and its bytes, checked. Does not belong here: names and
encoding of copies (pictures.py), where originals lie (picture_files.py). No Dagster, no lake.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from pathlib import Path

from wethink_assets.decoding.pictures import Picture, PictureCopies, plain_by_header
from wethink_assets.decoding.process import Decoder, Request


class PictureError(OSError):
    """An image has no picture; the message says why, `reason` in one word as the decoder does."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class PictureMaker:
    """Pictures by image id, with their copies in `folder`. Safe to share between threads."""

    def __init__(self, folder: Path, *, limit_s: float = 30.0) -> None:
        self._copies = PictureCopies(folder)
        self._decoder = Decoder(hashes=False, limit_s=limit_s, pictures=folder)
        self._one_at_a_time = threading.Lock()

    def of(self, image_id: str, read: Callable[[], bytes], known: str | None = None) -> Picture:
        """The picture of an image; `read` gives the image's bytes, `known` is the picture that a row names.

        Raises:
            OSError: the image cannot be read or decoded, or its copy not be written.
        """
        found = self._copies.find(image_id, known or "")
        if found is not None:
            return found
        data = read()
        if plain_by_header(data):
            return Picture(image_id)
        with self._one_at_a_time:
            return self._copies.find(image_id) or self._made(image_id, data)

    def bytes_of(self, image_id: str, read: Callable[[], bytes], known: str | None = None) -> tuple[bytes, str]:
        """The bytes of the file that holds the picture, and their SHA-256, which is `image_id` where it is the image.

        Raises:
            OSError: as `of`.
        """
        picture = self.of(image_id, read, known)
        if picture.path is None:
            return read(), image_id
        data = picture.path.read_bytes()
        if hashlib.sha256(data).hexdigest() == picture.sha256:
            return data, picture.sha256
        picture.path.unlink(missing_ok=True)  # damaged: its original has it still
        again = self.of(image_id, read)
        return (again.path.read_bytes() if again.path else read()), again.sha256

    def _made(self, image_id: str, data: bytes) -> Picture:
        try:
            seen = self._decoder.inspect(Request(image_id, sha256=image_id, read=lambda: data))
        finally:
            self._decoder.close()
        if not seen.ok:
            raise PictureError(f"image {image_id[:16]} gives no picture: {seen.reason}: {seen.detail}", seen.reason)
        if seen.picture_id == image_id:
            self._copies.keep_plain(image_id)
        picture = self._copies.find(image_id, seen.picture_id or "")
        if picture is None:
            where = f"its copy cannot be written to {self._copies.folder}"
            raise PictureError(f"image {image_id[:16]}: {where}; free space or restore access", "no_room")
        return picture
