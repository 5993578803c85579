"""Spool files: rows of a transaction that is too large for memory, validated and kept as Parquet until its commit.

Belongs here: the parts of one table's rows on disk, and reading them back. Does not belong here: the transaction
(store.py), where its folder lies (resources/scratch.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from resources.lake.database import LakeError
from resources.lake.rows import LakeWriteError, validated
from resources.lake.sql_files import tables

# A folder named `batch=x` above the home must not become a column.
READ_PARTS = "read_parquet($files, hive_partitioning = false)"


def write_part(frame: pl.DataFrame, path: Path) -> None:
    """Write one part of what waits on disk.

    Raises:
        LakeError: the disk failed; the message names the folder and the cure.
    """
    try:
        frame.write_parquet(path, compression="zstd", statistics=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise LakeError(
            f"rows cannot be put aside in {path.parent}: {' '.join(str(error).split())[:300]}. Nothing of them was "
            "committed. Free space there, or point WETHINK_HOME to a larger disk, then run it again."
        ) from error


def read_part(path: str | Path, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """Read such a part back; its folder may have any name."""
    return pl.read_parquet(path, columns=list(columns) if columns else None, glob=False, hive_partitioning=False)


class Spool:
    """Rows of one table on disk, in the order in which they came; to be written like any other rows."""

    def __init__(self, table: str, folder: Path) -> None:
        self.table = tables()[table]
        self.rows = 0
        self.files: list[str] = []
        self._folder = folder / table
        self._folder.mkdir(parents=True, exist_ok=True)

    def append(self, rows: Sequence[Mapping[str, Any]] | pl.DataFrame) -> None:
        """Validate rows and put them behind those that are there.

        Raises:
            LakeWriteError: they do not fit the table, or a key is there twice among them.
            LakeError: the disk failed.
        """
        if not len(rows):
            return
        frame = validated(self.table, rows)
        path = self._folder / f"{len(self.files):06}.parquet"
        write_part(frame, path)
        self.files.append(str(path))
        self.rows += frame.height

    def column(self, name: str) -> list[Any]:
        """All values of one column, in memory."""
        return [value for frame in self._frames([name]) for value in frame[name].to_list()]

    def windows(self, columns: Sequence[str] | None = None) -> Iterator[list[dict[str, Any]]]:
        """The rows as they were appended, a part at a time; JSON columns are text."""
        for frame in self._frames(columns):
            yield frame.to_dicts()

    def check_keys(self, con: duckdb.DuckDBPyConnection) -> None:
        """Look for a key that two parts hold; each part was looked through when it came.

        Raises:
            LakeWriteError: a key is repeated.
        """
        if len(self.files) < 2:
            return
        key = ", ".join(self.table.key)
        repeated = con.execute(
            f"SELECT {key} FROM {READ_PARTS} GROUP BY ALL HAVING count(*) > 1 LIMIT 1", {"files": self.files}
        ).fetchone()
        if repeated:
            raise LakeWriteError(
                f"table {self.table.name}: key {dict(zip(self.table.key, repeated, strict=True))} is repeated"
            )

    def _frames(self, columns: Sequence[str] | None) -> Iterator[pl.DataFrame]:
        for path in self.files:
            yield read_part(path, columns)
