"""Lineage over one lake (a session of walks): its data files' indexes of ids, kept in a folder, and walks by them.

Belongs here: which indexes there are to make, open and remove, and the snapshot that a walk reads. Does not belong
here: what an index is (index.py), how rows are fetched (rows.py), the tree (walk.py).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import duckdb

from resources.lake.connection import LakeConnection
from resources.lake.sql_files import tables
from wethink_assets.lineage.files import Contents, DataFile, contents, snapshot_of
from wethink_assets.lineage.index import IdIndex, build
from wethink_assets.lineage.links import followed
from wethink_assets.lineage.rows import PlacedRows, ScannedRows
from wethink_assets.lineage.tree import Node
from wethink_assets.lineage.walk import walk_rows

T = TypeVar("T")
Progress = Callable[[int, int], None]  # rows that are indexed, of how many


class Lineage:
    """Walks over a lake. Without a folder, DuckLake scans for every row.

    `progress` is told while indexes are made, which the first walk after new data files does. A folder that cannot be
    written costs speed and nothing else.
    """

    def __init__(self, lake: LakeConnection, folder: Path | None = None, progress: Progress | None = None) -> None:
        self._lake = lake
        # Two lakes may share a home; the indexes of the one are not to be swept with those of the other.
        self._folder = folder / sha256(lake.catalog.encode()).hexdigest()[:16] if folder else None
        self._progress = progress or (lambda done, of: None)
        self._contents: Contents | None = None
        self._indexes: dict[int, IdIndex] = {}

    def walk(self, prefix: str) -> Node:
        """The tree around the row that this names.

        Raises:
            UnknownIdError: no row, or several.
            LakeError: the lake could not be read.
        """
        return self._reading(lambda con: walk_rows(self._rows(con), prefix))

    def rows(self, read: Callable[[ScannedRows], T]) -> T:
        """What `read` makes of the rows that it asks for, all of one snapshot.

        Raises:
            LakeError: the lake could not be read.
        """
        return self._reading(lambda con: read(self._rows(con)))

    def refresh(self) -> None:
        """Make the indexes that are missing, and remove those of data files that are gone."""
        if self._folder is None:
            return
        self._reading(self._rows)
        held = self._contents
        live = {_name(file) for files in held.files.values() for file in files} if held else set()
        for path in self._folder.glob("*.ids"):
            if path.name not in live:
                path.unlink(missing_ok=True)

    def _reading(self, read: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        return self._lake.in_snapshot(lambda snapshot: read(snapshot.connection))

    def _rows(self, con: duckdb.DuckDBPyConnection) -> ScannedRows:
        if self._folder is None:
            return ScannedRows(con)
        if self._contents is None or self._contents.snapshot != snapshot_of(con):
            con.execute("SET parquet_metadata_cache = true")  # data files never change
            self._contents = contents(con, self._lake.data_path, sqlite=self._lake.is_sqlite)
            self._indexes = self._open(con, self._folder, self._contents)
        return PlacedRows(con, self._contents, self._indexes, inlined=self._lake.is_sqlite, folder=self._folder)

    def _open(self, con: duckdb.DuckDBPyConnection, folder: Path, held: Contents) -> dict[int, IdIndex]:
        """Indexes by number of the data file, those that are missing made now."""
        indexes: dict[int, IdIndex] = {}
        missing: list[tuple[DataFile, tuple[str, ...]]] = []
        for name, table in tables().items():
            columns = followed(table)
            for file in held.files.get(name, []) if columns and name not in held.opaque else []:
                index = self._indexes.get(file.number) or _index(folder / _name(file))
                if index is not None and index.has(columns):
                    indexes[file.number] = index
                else:
                    missing.append((file, columns))
        done, of = 0, sum(file.rows for file, _ in missing)
        with suppress(OSError):
            for file, columns in missing:
                build(con, file.path, columns, folder / _name(file))
                if index := _index(folder / _name(file)):
                    indexes[file.number] = index
                done += file.rows
                self._progress(done, of)
        return indexes


def walk(lake: LakeConnection, prefix: str, folder: Path | None = None) -> Node:
    """One walk; see Lineage."""
    return Lineage(lake, folder).walk(prefix)


def _name(file: DataFile) -> str:
    return Path(file.path).name + ".ids"


def _index(path: Path) -> IdIndex | None:
    """None where it is not there or broken, so that it is made again."""
    try:
        return IdIndex(path)
    except (OSError, ValueError, KeyError, TypeError):
        return None
