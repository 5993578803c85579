"""Idempotent writes (delete the slice, then insert; upsert; insert what is missing), as statements of one transaction.

Belongs here: what a commit and a write are, and the statements that a write becomes.
Does not belong here: the transaction itself (store.py), whether rows fit their table (rows.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
import polars as pl

from resources.lake.connection import Snapshot
from resources.lake.parameters import bound, storable
from resources.lake.rows import LakeWriteError
from resources.lake.spool import READ_PARTS, Spool
from resources.lake.sql_files import Table


@dataclass(frozen=True)
class Commit:
    """Who writes: becomes the snapshot's author, message and extra info."""

    asset: str
    batch: str = ""
    run_id: str = ""


@dataclass(frozen=True)
class Write:
    """Rows for one table within a transaction.

    `replace` deletes the slice in which these columns have these values, then inserts: re-running is idempotent.
    Several slices, of the same columns, go in one statement. Mode `add_missing` inserts only rows whose key is not
    there, `upsert` replaces rows of equal key. Rows that were spooled to disk are read from there.

    `known` tells, within the transaction, which of the keys are there, for a table with a key of one column that has an
    index beside it: `add_missing` scans the table otherwise.
    """

    table: str
    rows: pl.DataFrame | Sequence[Mapping[str, Any]] | Spool
    replace: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    mode: str = field(default="replace")  # replace | add_missing | upsert
    known: Callable[[Snapshot, Sequence[str]], set[str]] | None = None


def apply_write(con: duckdb.DuckDBPyConnection, table: Table, rows: pl.DataFrame | Spool, item: Write) -> int:
    """Run one write within the connection's transaction; the number of rows inserted.

    Table and column names come from the parsed schema; values only ever travel as parameters, Arrow or Parquet.

    Raises:
        LakeWriteError: the slices to replace name an unknown column, or differ in their columns; or a key is there
            twice in spooled rows.
    """
    if isinstance(rows, Spool):
        rows.check_keys(con)
        incoming = READ_PARTS if rows.files else f"(SELECT * FROM {table.name} LIMIT 0)"
        return _apply(con, table, table.column_names, incoming, {"files": rows.files} if rows.files else {}, item)
    if item.mode == "add_missing" and item.known is not None:
        (key,) = table.key
        there = item.known(Snapshot(con), rows[key].to_list())
        rows, item = rows.filter(~pl.col(key).is_in(there)), Write(item.table, ())
        if rows.is_empty():
            return 0
    con.register("incoming", rows.to_arrow())
    try:
        return _apply(con, table, rows.columns, "incoming", {}, item)
    finally:
        con.unregister("incoming")


def _apply(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    columns: Sequence[str],
    incoming: str,
    parameters: Mapping[str, Any],
    item: Write,
) -> int:
    given = dict(parameters) or None
    names = ", ".join(columns)
    same = " AND ".join(f"t.{k} IS NOT DISTINCT FROM i.{k}" for k in table.key)
    if item.mode == "add_missing":
        source = f"SELECT {names} FROM {incoming} i WHERE NOT EXISTS (SELECT 1 FROM {table.name} t WHERE {same})"
    else:
        source = f"SELECT {names} FROM {incoming}"
        if item.mode == "upsert":
            con.execute(f"DELETE FROM {table.name} t WHERE EXISTS (SELECT 1 FROM {incoming} i WHERE {same})", given)
        elif item.replace is not None:
            slices = [item.replace] if isinstance(item.replace, Mapping) else item.replace
            _delete(con, table, [{k: storable(v) for k, v in one.items()} for one in slices])
    result = con.execute(f"INSERT INTO {table.name} ({names}) {source}", given).fetchone()
    return int(result[0]) if result else 0


def _delete(con: duckdb.DuckDBPyConnection, table: Table, slices: Sequence[Mapping[str, Any]]) -> None:
    """Delete the rows of these slices; a slice without columns is the whole table."""
    for one in slices:
        if unknown := set(one) - set(table.column_names):
            raise LakeWriteError(f"table {table.name} has no column {sorted(unknown)} to replace by")
        if one.keys() != slices[0].keys():
            raise LakeWriteError(f"slices of {table.name} to replace differ in their columns")
    if len(slices) == 1:
        where = " AND ".join(f"{k} = ${k}" for k in slices[0]) or "true"
        con.execute(f"DELETE FROM {table.name} WHERE {where}", bound(slices[0]))
    elif slices:
        con.register("slices", pl.DataFrame(list(slices)).to_arrow())
        try:
            same = " AND ".join(f"t.{k} = s.{k}" for k in slices[0]) or "true"
            con.execute(f"DELETE FROM {table.name} t WHERE EXISTS (SELECT 1 FROM slices s WHERE {same})")
        finally:
            con.unregister("slices")
