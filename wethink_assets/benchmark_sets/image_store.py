"""Content-addressed image store: images that came inside another file, kept once each under the hash of their bytes.

Belongs here: the folder's layout and writing into it. Does not belong here: decoding (images/), rows.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from resources.private import private_folder
from wethink_assets.decoding.hashing import sha256_of

_MAGIC = (
    (b"\x89PNG", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"GIF8", "gif"),
    (b"BM", "bmp"),
    (b"II*\x00", "tif"),
    (b"MM\x00*", "tif"),
)


def extension(data: bytes) -> str:
    """File name extension by the bytes, whatever a column says: many published `.png` are JPEG."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    return next((name for magic, name in _MAGIC if data.startswith(magic)), "bin")


class ImageStore:
    """Content-addressed store of files `ab/<sha256>.<ext>` under `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.uris: dict[str, str] = {}

    def keep(self, data: bytes) -> str:
        """Store an image's bytes and return their SHA-256; known bytes are not written again."""
        image_id = sha256_of(data)
        if image_id in self.uris:
            return image_id
        uri = f"{image_id[:2]}/{image_id}.{extension(data)}"
        path = self.root / uri
        if not (path.is_file() and path.stat().st_size == len(data)):
            private_folder(path.parent)
            part = path.with_name(f"{path.name}.{os.getpid()}.part")
            part.write_bytes(data)
            part.replace(path)
        self.uris[image_id] = uri
        return image_id

    def adopt(self, uris: Mapping[str, str]) -> bool:
        """Take over images that an earlier process stored; False where one of them is gone."""
        if not all((self.root / uri).is_file() for uri in uris.values()):
            return False
        self.uris.update(uris)
        return True

    def path(self, image_id: str) -> Path:
        """The path of a stored image.

        Raises:
            KeyError: it was not kept by this store object.
        """
        return self.root / self.uris[image_id]

    def forget(self, image_id: str) -> None:
        """Remove an image that turned out to be none."""
        (self.root / self.uris.pop(image_id)).unlink(missing_ok=True)
