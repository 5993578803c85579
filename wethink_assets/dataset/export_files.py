"""Files of an export: the JSONL, licences and Parquet of a release's rows, window by window.

Belongs here: what of a row stands in which file, and what files come to (sizes, hashes, pictures by path).
Does not belong here: the folder around them (export.py), reading them back critically (export_defects.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import polars as pl

from resources.lake.store import Windows
from wethink_assets.presentation.json_lines import json_line
from wethink_assets.presentation.spreadsheet import text_cell

FIELDS = ("problem", "answer", "category", "abilities", "refined_cot", "image_path", "reward")
FILES = {"train": "wethink.jsonl", "heldout": "heldout.jsonl"}
LICENCES = "licences.tsv"
PARQUET = "wethink.parquet"
ROW_GROUP = 262_144  # rows; named, since Polars would else cut groups by the parts that it reads
_PARQUET_COLUMNS = (
    "sample_id",
    "split",
    "position",
    *FIELDS,
    "answer_typed",
    "answer_type",
    "source",
    "licence",
    "image_id",
    "batch",
    "cluster_id",
    "marks",
)

Row = Mapping[str, Any]
Rows = Iterable[Sequence[Row]]  # in windows


@dataclass(frozen=True)
class Contents:
    """What an export of some rows holds: size and SHA-256 of its text files, and its image ids by path."""

    files: dict[str, dict[str, Any]]
    images: dict[str, str]


class _TextFiles:
    """The text files of an export as their rows come: hashed, and written where there is a folder."""

    def __init__(self, folder: Path | None = None) -> None:
        self._open = ExitStack()
        self._files: dict[str, IO[bytes]] = {}
        self._digests = {name: hashlib.sha256() for name in (*FILES.values(), LICENCES)}
        self._bytes = dict.fromkeys(self._digests, 0)
        self._licences: set[tuple[str, str, str]] = set()
        self._images: dict[str, str] = {}
        if folder is not None:
            for name in self._digests:
                self._files[name] = self._open.enter_context((folder / name).open("wb"))

    def __enter__(self) -> _TextFiles:
        return self

    def __exit__(self, *error: object) -> None:
        self._open.close()

    def add(self, window: Sequence[Row]) -> None:
        for split, name in FILES.items():
            lines = [json_line({f: row[f] for f in FIELDS}) for row in window if row["split"] == split]
            self._append(name, "".join(lines))
        self._licences.update((row["image_path"], row["source"], row["licence"]) for row in window)
        self._images.update((row["image_path"], row["image_id"]) for row in window)

    def end(self) -> Contents:
        lines = (_licence_line(*line) for line in sorted(self._licences))
        self._append(LICENCES, "\n".join(["image_path\tsource\tlicence", *lines]) + "\n")
        files = {
            name: {"bytes": self._bytes[name], "sha256": digest.hexdigest()}
            for name, digest in sorted(self._digests.items())
        }
        return Contents(files, self._images)

    def _append(self, name: str, text: str) -> None:
        data = text.encode("utf-8", "replace")
        self._digests[name].update(data)
        self._bytes[name] += len(data)
        if self._files:
            self._files[name].write(data)


def contents_of(rows: Rows, folder: Path | None = None) -> Contents:
    """What an export of these rows holds, by reading them once; with a `folder` its text files are written there.

    Raises:
        OSError: they could not be.
    """
    with _TextFiles(folder) as files:
        for window in rows:
            files.add(window)
        return files.end()


def write_parquet(rows: Windows, path: Path, copies: Mapping[str, str] | None = None) -> None:
    """All rows as one file, from the files that they lie in: a row group is in memory at a time."""
    parts = pl.scan_parquet(rows.files, glob=False, hive_partitioning=False)
    picture_id = pl.col("image_id").replace(dict(copies or {})).alias("picture_id")
    parts.select(*_PARQUET_COLUMNS, picture_id).sink_parquet(path, row_group_size=ROW_GROUP)


def is_parquet_of(rows: Windows, path: Path) -> bool:
    """Whether the file says of the rows what the texts do not, which may change while the rows stay."""
    told = pl.concat_str("sample_id", "cluster_id", pl.col("marks").list.join(" "), separator=" ", ignore_nulls=True)
    try:
        there, due = (
            pl.scan_parquet(files, glob=False, hive_partitioning=False).select(told.hash()).collect(engine="streaming")
            for files in (path, rows.files)
        )
        return there.equals(due)
    except (OSError, pl.exceptions.PolarsError):
        return False


def _licence_line(image_path: str, source: str, licence: str) -> str:
    """The licence is foreign text for people; path and source are keys, which a quote would change."""
    return "\t".join((_cell(image_path), _cell(source), text_cell(_cell(licence))))


def _cell(text: str) -> str:
    return " ".join(text.split())
