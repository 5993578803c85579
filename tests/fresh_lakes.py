"""Lakes for tests as copies on disk: creating all tables takes half a CPU second, copying a catalog nothing."""

from __future__ import annotations

import atexit
import functools
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from resources.lake.store import LakeStore
from wethink_assets.settings import Settings


@functools.cache
def _empty_catalog() -> Path:
    """The catalog of a lake with all its tables and no row, one per process."""
    folder = Path(tempfile.mkdtemp(prefix="wethink-empty-lake-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    store = LakeStore(f"sqlite:{folder}/catalog.sqlite", f"{folder}/data")
    store.snapshot_id()
    store.close()
    _count_no_rows(folder / "catalog.sqlite")
    return folder / "catalog.sqlite"


def _count_no_rows(catalog: Path) -> None:
    """Statistics of zero rows for every table, as DuckLake keeps them for one whose rows are gone.

    It keeps none for a table that never had a row, and looks for them anew for every column that a statement names:
    selecting from an empty table costs two to six times the CPU of selecting from a full one.
    """
    with closing(sqlite3.connect(catalog)) as con, con:
        con.execute(
            "INSERT INTO ducklake_table_stats (table_id, record_count, next_row_id, file_size_bytes) "
            "SELECT table_id, 0, 0, 0 FROM ducklake_table"
        )
        con.execute(
            "INSERT INTO ducklake_table_column_stats (table_id, column_id, contains_null) "
            "SELECT table_id, column_id, 0 FROM ducklake_column"
        )


def fresh_lake(folder: Path) -> tuple[str, str]:
    """Catalog and data path of a new lake in `folder`, which has all its tables."""
    return copied_lake(_empty_catalog(), folder)


def fresh_lake_of(settings: Settings) -> tuple[str, str]:
    """Catalog and data path of an installation whose lake is at its default place, and new."""
    assert settings.lake_catalog == f"sqlite:{settings.home}/lake/catalog.sqlite"
    return fresh_lake(settings.home / "lake")


def copied_lake(catalog: Path, folder: Path) -> tuple[str, str]:
    """Catalog and data path of a copy in `folder` of the lake with that catalog, whose data lie in `data` beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    if (catalog.parent / "data").is_dir():
        shutil.copytree(catalog.parent / "data", folder / "data", dirs_exist_ok=True)
    target = folder / "catalog.sqlite"
    with closing(sqlite3.connect(catalog)) as given, closing(sqlite3.connect(target)) as copy, copy:
        given.backup(copy)
    return f"sqlite:{target}", f"{folder}/data"
