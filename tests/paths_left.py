"""Where a path lies in a folder (a scan of everything): bytes of files, cells of SQLite and Parquet, names of links.

Belongs here: finding it. Does not belong here: which places are allowed (the test that asks).
"""

from __future__ import annotations

import gzip
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb


def places_of(text: str, folder: Path) -> list[str]:
    """`file`, or `file: table.column`, relative to the folder, wherever the text lies; sorted."""
    return sorted(set(_places(text, folder)))


def _places(text: str, folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            if text in str(path.readlink()):
                yield f"{name}: link"
        elif path.is_file():
            data = path.read_bytes()
            if path.suffix == ".gz":
                data = gzip.decompress(data)
            if data.startswith(b"SQLite format 3\0"):
                yield from (f"{name}: {cell}" for cell in _in_sqlite(text, path))
            elif data.startswith(b"PAR1"):
                yield from (f"{name}: {cell}" for cell in _in_parquet(text, path))
            if text.encode() in data or text.encode("utf-16-le") in data:
                yield name


def _in_sqlite(text: str, path: Path) -> Iterator[str]:
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as con:
        for (table,) in con.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
            for column in con.execute(f'PRAGMA table_info("{table}")').fetchall():
                found = f'SELECT 1 FROM "{table}" WHERE instr(CAST("{column[1]}" AS TEXT), ?) LIMIT 1'
                if con.execute(found, [text]).fetchone():
                    yield f"{table}.{column[1]}"


def _in_parquet(text: str, path: Path) -> Iterator[str]:
    with closing(duckdb.connect()) as con:
        rows = con.read_parquet(str(path))
        for column in rows.columns:
            if rows.filter(f"contains(CAST(\"{column}\" AS VARCHAR), '{text}')").limit(1).fetchone():
                yield column
