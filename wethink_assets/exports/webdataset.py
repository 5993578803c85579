"""WebDataset shards: tar files in which a row is a picture and a JSON file of the same name.

Belongs here: shards of bounded size, equal bytes for equal rows. Does not belong here: which rows (choice.py).

The key of a row is its position and the beginning of its sample id: WebDataset takes all behind the first dot of a name
for its ending, and an image's own name may hold dots anywhere.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wethink_assets.presentation.json_lines import json_line

SHARD_BYTES = 256 << 20
FIELDS = (
    "sample_id",
    "problem",
    "answer",
    "answer_type",
    "answer_typed",
    "category",
    "abilities",
    "refined_cot",
    "reward",
    "source",
    "licence",
    "image_path",
)
_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"GIF8", "gif"),
    (b"BM", "bmp"),
    (b"II*\0", "tif"),
    (b"MM\0*", "tif"),
    (b"\0\0\1\0", "ico"),
)


class WebDatasetWriter:
    """`<split>-000000.tar` and on, for each split."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._shards: dict[str, _Shards] = {}

    def add(self, row: Mapping[str, Any], path: Path) -> None:
        shards = self._shards.setdefault(row["split"], _Shards(self._folder, row["split"]))
        data = path.read_bytes()
        record = {name: row[name] for name in FIELDS}
        key = f"{row['position']:08}-{row['sample_id'][:16]}"
        shards.add({f"{key}.{ending(data)}": data, f"{key}.json": json_line(record).encode()})

    def end(self) -> dict[str, list[Path]]:
        return {split: shards.end() for split, shards in self._shards.items()}


class _Shards:
    def __init__(self, folder: Path, split: str) -> None:
        self._folder, self._split = folder, split
        self._paths: list[Path] = []
        self._tar: tarfile.TarFile | None = None
        self._bytes = 0

    def add(self, files: Mapping[str, bytes]) -> None:
        if self._tar is None:
            path = self._folder / f"{self._split}-{len(self._paths):06}.tar"
            self._tar = tarfile.open(path, "w", format=tarfile.USTAR_FORMAT)  # noqa: SIM115
            self._paths.append(path)
        for name, data in files.items():
            entry = tarfile.TarInfo(name)  # no time, no owner: equal rows are equal bytes
            entry.size = len(data)
            self._tar.addfile(entry, io.BytesIO(data))
            self._bytes += len(data)
        if self._bytes >= SHARD_BYTES:
            self._close()

    def end(self) -> list[Path]:
        self._close()
        return self._paths

    def _close(self) -> None:
        if self._tar is not None:
            self._tar.close()
        self._tar, self._bytes = None, 0


def ending(data: bytes) -> str:
    """The file ending of a picture by its first bytes, since an image's own name may say anything."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    return next((name for magic, name in _MAGIC if data.startswith(magic)), "img")
