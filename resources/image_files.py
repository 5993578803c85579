"""From an image id to its file and bytes, wherever the file lies.

Belongs here: resolving ids through the lake, and checking that a file still is what it was. Does not belong
here: decoding (wethink_assets/images/), or any rule on which images are used.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable
from pathlib import Path

from dagster import ConfigurableResource
from pydantic import PrivateAttr

from resources.lake import Lake
from resources.settings import SettingsResource


class ImageMissing(FileNotFoundError):
    """No readable file has this id; the message names the image, where it was looked for, and the cure."""

    def __str__(self) -> str:
        return str(self.args[0])


class ImageFiles(ConfigurableResource):
    """Images by id. Safe to share between threads."""

    lake: Lake
    settings: SettingsResource
    _paths: dict[str, list[Path]] = PrivateAttr(default_factory=dict)
    _lock: threading.Lock = PrivateAttr(default_factory=threading.Lock)

    def prefetch(self, image_ids: Iterable[str]) -> None:
        """Look up where these images lie, in one query; ids that are known cost nothing."""
        with self._lock:
            wanted = [image_id for image_id in dict.fromkeys(image_ids) if image_id not in self._paths]
            if not wanted:
                return
            chosen = self.settings.get()
            roots = {"source": chosen.sources_dir, "benchmark": chosen.image_store_dir}
            found: dict[str, list[Path]] = {}
            for row in self.lake.rows("images/select_image_places", ids=wanted):
                root = roots[row["place"]]
                path = root / row["image_uri"]
                if _stays_inside(path, root, row["image_uri"]):
                    found.setdefault(row["image_id"], []).append(path)
            self._paths.update(found)

    def path(self, image_id: str) -> Path:
        """The image's file; it is there, but its bytes were not looked at.

        Raises:
            ImageMissing: no stored place of this id has a file.
        """
        self.prefetch([image_id])
        places = self._paths.get(image_id, [])
        for path in places:
            if path.is_file():
                return path
        raise _missing(image_id, places)

    def bytes(self, image_id: str) -> bytes:
        """The image's bytes, whose SHA-256 is the id.

        Raises:
            ImageMissing: no stored place of this id has a file with these bytes.
        """
        self.prefetch([image_id])
        places = self._paths.get(image_id, [])
        for path in places:
            try:
                data = path.read_bytes()
            except OSError:
                continue
            if hashlib.sha256(data).hexdigest() == image_id:
                return data
        raise _missing(image_id, places)


def _stays_inside(path: Path, root: Path, uri: str) -> bool:
    """Below the root, or below the source's folder, which may be a link to where the data lies."""
    real = path.resolve()
    top = (root / uri.split("/", 1)[0]).resolve()
    return ".." not in uri.split("/") and (real.is_relative_to(top) or real.is_relative_to(root.resolve()))


def _missing(image_id: str, places: list[Path]) -> ImageMissing:
    if not places:
        return ImageMissing(f"image {image_id[:16]} is in no table: materialise its source and the image pool first")
    return ImageMissing(
        f"image {image_id[:16]}: {', '.join(map(str, places))} is gone or holds other bytes than were taken; "
        "put the file back, or materialise its source again"
    )
