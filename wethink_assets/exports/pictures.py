"""Pictures of a release: the files of its own export, or of the sources where the export lost them.

Belongs here: which file, held against its SHA-256. Does not belong here: how copies are made (picture_files.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from resources.lake.store import Windows
from wethink_assets.dataset.export import copies_in
from wethink_assets.dataset.manifest import sha256_of
from wethink_assets.decoding.pictures import PictureFile


class ReleasePictures:
    """The picture of an image of one release. Every file is read once and compared with the bytes that it had."""

    def __init__(
        self,
        exported: Path,
        rows: Windows,
        find_picture: Callable[[str], PictureFile],
        prefetch: Callable[[Iterable[str]], None],
    ) -> None:
        self._exported, self._find, self._prefetch = exported, find_picture, prefetch
        self._copies = copies_in(exported)
        self._path_of: dict[str, str] = {}
        for window in rows.only(["image_id", "image_path"]):
            self._path_of.update((row["image_id"], row["image_path"]) for row in window)
        self._known: dict[str, Path] = {}

    def path(self, image_id: str) -> Path:
        """The file of an image's picture.

        Raises:
            OSError: it is gone or changed, in the export and at its source.
        """
        if image_id not in self._known:
            self._known[image_id] = self._path(image_id)
        return self._known[image_id]

    def _path(self, image_id: str) -> Path:
        own, sha256 = self._exported / "images" / self._path_of[image_id], self._copies.get(image_id, image_id)
        if own.is_file() and sha256_of(own) == sha256:
            return own
        self._prefetch([image_id])
        found = self._find(image_id)
        if sha256_of(found.path) != found.sha256:
            raise FileNotFoundError(
                f"{found.path} changed since it was taken in: restore it, or materialise its source again"
            )
        return found.path
