"""Data files of the lake at its latest snapshot (table format metadata), with what was deleted from them.

Belongs here: where the rows of each table lie, asked of DuckLake's catalog once for all tables. Does not belong here:
reading the rows (rows.py).

DuckLake asks its catalog several times for every table of a statement, some 3 ms each [D]; a walk reads twenty tables.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import duckdb

from resources.lake.connection import Snapshot

CATALOG = "__ducklake_metadata_lake"


@dataclass(frozen=True)
class DataFile:
    """`deletes`: a Parquet file of rows deleted from it; `deleted_in_catalog`: a table of the catalog that has more."""

    number: int
    table: str
    path: str
    rows: int
    deletes: str | None = None
    deleted_in_catalog: str | None = None


@dataclass(frozen=True)
class Contents:
    """Where all rows are. `inlined`: by table, the catalog's own tables with rows of it, and columns of each.

    `opaque`: tables with files that only DuckLake itself can read.
    """

    snapshot: int
    files: dict[str, list[DataFile]] = field(default_factory=dict)
    inlined: dict[str, dict[str, frozenset[str]]] = field(default_factory=dict)
    opaque: frozenset[str] = frozenset()


def snapshot_of(con: duckdb.DuckDBPyConnection) -> int:
    return int(Snapshot(con).rows("lineage/select_snapshot")[0]["snapshot_id"])


def contents(con: duckdb.DuckDBPyConnection, data_path: str, *, sqlite: bool) -> Contents:
    """What the lake of this connection holds now. Its catalog is SQLite, or else PostgreSQL."""
    snapshot = Snapshot(con)
    now = snapshot_of(con)
    files: dict[str, list[DataFile]] = {}
    opaque: set[str] = set()
    root = data_path if data_path.endswith("/") else f"{data_path}/"
    deletes: dict[int, str | None] = {}
    filled = (
        _filled(con, [row["inlined"] for row in snapshot.rows("lineage/select_inlined_tables")]) if sqlite else None
    )
    for row in snapshot.rows("lineage/select_data_files"):
        number = row["table_id"]
        if number not in deletes:
            name = f"ducklake_inlined_delete_{number}"
            deletes[number] = name if _columns(con, name) else None
        if not row["plain"]:
            opaque.add(row["table_name"])
        below = root if row["below_data"] else ""
        files.setdefault(row["table_name"], []).append(
            DataFile(
                row["data_file_id"],
                row["table_name"],
                below + row["path"],
                row["record_count"],
                row["deletes"] and below + row["deletes"],
                deletes[number],
            )
        )
    inlined: dict[str, dict[str, frozenset[str]]] = {}
    for row in snapshot.rows("lineage/select_inlined_tables"):
        if row["inlined"] in filled if filled is not None else _has_rows(con, row["inlined"]):
            inlined.setdefault(row["table_name"], {})[row["inlined"]] = _columns(con, row["inlined"])
    return Contents(now, files, inlined, frozenset(opaque))


def _columns(con: duckdb.DuckDBPyConnection, name: str) -> frozenset[str]:
    """Columns of a table of the catalog; none where there is no such table."""
    try:
        found = con.execute(f"SELECT * FROM {CATALOG}.{name} LIMIT 0").description or ()
    except duckdb.CatalogException:
        return frozenset()
    return frozenset(column[0] for column in found)


def _has_rows(con: duckdb.DuckDBPyConnection, name: str) -> bool:
    """Names are the catalog's own, of DuckLake's making."""
    found = con.execute(f"SELECT 1 FROM {CATALOG}.{name} WHERE end_snapshot IS NULL LIMIT 1").fetchall()
    return bool(found)


def _filled(con: duckdb.DuckDBPyConnection, names: list[str]) -> set[str]:
    """Which of these tables have rows, asked of SQLite at once."""
    text = " UNION ALL ".join(
        f"SELECT '{name}' AS name WHERE EXISTS (SELECT 1 FROM {name} WHERE end_snapshot IS NULL)" for name in names
    )
    found = con.execute(f"SELECT name FROM sqlite_query('{CATALOG}', $text)", {"text": text}).fetchall() if text else []
    return {name for (name,) in found}
