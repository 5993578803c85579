"""Rows of an import between its passes (staging area): parts on disk, in the order in which they came.

Belongs here: what is put aside of rows and images, and reading it back. Does not belong here: what is done with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from resources.lake.spool import read_part, write_part
from resources.lake.store import Windows

PART = 8_192  # rows in memory

_TEXT, _LIST = pl.String(), pl.List(pl.String())
RECORD = {
    **dict.fromkeys(("problem", "answer", "answer_typed", "answer_type", "category"), _TEXT),
    "abilities": _LIST,
    **dict.fromkeys(("refined_cot", "image_path", "reward"), _TEXT),
}
LINE = {"line": pl.Int64(), "repairs": _LIST, **RECORD}
IMAGE = {
    **dict.fromkeys(("image_id", "image_uri", "format"), _TEXT),
    **dict.fromkeys(("width", "height"), pl.Int64()),
    **dict.fromkeys(("phash", "phash256", "picture_id"), _TEXT),
}
CANDIDATE = {**dict.fromkeys(("sample_id", "batch", "image_id", "source", "licence"), _TEXT), **RECORD}


class Parts:
    """Rows that are put aside `PART` at a time, then read in windows of as many."""

    def __init__(self, folder: Path, schema: Mapping[str, pl.DataType]) -> None:
        self._folder, self._schema = folder, dict(schema)
        self._folder.mkdir(parents=True)
        self._waiting: list[Mapping[str, Any]] = []
        self._windows = Windows(PART)

    def add(self, row: Mapping[str, Any]) -> None:
        """Put a row behind those that are there.

        Raises:
            LakeError: the disk failed.
        """
        self._waiting.append(row)
        if len(self._waiting) == PART:
            self._write()

    def end(self) -> Windows:
        """All rows; none may be added any more."""
        self._write()
        return self._windows

    def _write(self) -> None:
        if not self._waiting:
            return
        path = self._folder / f"{len(self._windows.files):06}.parquet"
        write_part(pl.DataFrame(self._waiting, schema=self._schema), path)
        self._windows.files.append(path)
        self._windows.rows += len(self._waiting)
        self._waiting = []


def every(windows: Windows, *columns: str) -> Iterator[dict[str, Any]]:
    """The rows of all windows, one by one; of `columns` alone where some are named."""
    for path in windows.files:
        yield from read_part(path, columns or None).iter_rows(named=True)
