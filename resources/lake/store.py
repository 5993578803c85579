"""The lake: every row and all lineage, in one DuckLake.

Belongs here: attaching, reading, transactional and validated writing, retries.
Does not belong here: what a row means (sql/tables/), any statement (sql/), or Dagster (lake.py), which
worker processes need not import.

Commits take turns: under a file lock where the catalog is SQLite, which answers a second writer with
errors, and under an advisory lock on PostgreSQL, where concurrent deletes from one table would else
abort one another again and again. Both locks end with the process that holds them.
"""

from __future__ import annotations

import fcntl
import json
import os
import random
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from resources.lake.catalog import (
    OFFLINE,
    LakeError,
    create_s3_secret,
    create_tables,
    extension,
    roll_back,
    without_password,
)
from resources.lake.rows import LakeWriteError, validated
from resources.lake.sql_files import Table, statement, tables

MAX_ATTEMPTS = 12
_ADVISORY_KEY = 0x57_65_54_68  # "WeTh": any constant that other users of the database do not take
# SQLite rolls back by itself on a full disk; where it did, DuckDB tells of its own ROLLBACK that failed and no more of the disk.
_DISK_MARKS = (
    "disk i/o error",
    "disk is full",
    "no space left",
    "unable to open database file",
    "readonly database",
    "cannot rollback - no transaction is active",
)
_RETRY_MARKS = (
    "database is locked",
    "conflict",
    "could not serialize",
    "deadlock",
    "being used by another",
    "duplicate key",
)


@dataclass(frozen=True)
class Commit:
    """Who writes: becomes the snapshot's author, message and extra info."""

    asset: str
    batch: str = ""
    run_id: str = ""


@dataclass(frozen=True)
class Write:
    """Rows for one table within a transaction.

    `replace` deletes the slice in which these columns have these values, then inserts: re-running is
    idempotent. Several slices, of the same columns, go in one statement. `add_missing` inserts only rows whose key is not there. `upsert` replaces rows of equal key.
    """

    table: str
    rows: pl.DataFrame | Sequence[Mapping[str, Any]]
    replace: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    mode: str = field(default="replace")  # replace | add_missing | upsert


class LakeStore:
    """One attached lake. Safe to share between threads; a forked child opens its own."""

    def __init__(self, catalog: str, data_path: str) -> None:
        self.catalog = catalog
        self.data_path = data_path
        self._lock = threading.RLock()
        self._root: duckdb.DuckDBPyConnection | None = None
        self._pid = 0

    # -- connections ---------------------------------------------------------------------------

    @property
    def is_sqlite(self) -> bool:
        return self.catalog.startswith("sqlite:")

    def _attach_sql(self) -> str:
        kind, _, target = self.catalog.partition(":")
        if kind not in ("sqlite", "postgres"):
            raise LakeError(f"lake catalog {kind!r} is unknown: use sqlite:<path> or postgres:<connection string>")
        quoted = target.replace("'", "''")
        data = self.data_path.replace("'", "''")
        options = f"DATA_PATH '{data}', DATA_INLINING_ROW_LIMIT 1000"
        if kind == "sqlite":
            options += ", META_JOURNAL_MODE 'WAL', META_BUSY_TIMEOUT 60000"
        return f"ATTACH IF NOT EXISTS 'ducklake:{kind}:{quoted}' AS lake ({options})"

    def _open(self) -> duckdb.DuckDBPyConnection:
        kind, _, target = self.catalog.partition(":")
        try:
            if kind == "sqlite":
                Path(target).parent.mkdir(parents=True, exist_ok=True)
            if "://" not in self.data_path:
                Path(self.data_path).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LakeError(
                f"cannot create the lake at {target}: {error}. Set WETHINK_HOME to a writable folder."
            ) from error
        con = duckdb.connect(config={**OFFLINE, "threads": _threads()})
        for name in ["ducklake", "sqlite_scanner" if kind == "sqlite" else "postgres_scanner"]:
            con.execute(f"LOAD '{extension(name)}'")
        con.execute("SET ducklake_max_retry_count = 100")
        con.execute("SET TimeZone = 'UTC'")
        if self.data_path.startswith("s3://"):
            con.execute(f"LOAD '{extension('httpfs')}'")
            create_s3_secret(con)
        try:
            with self._commit_lock():
                con.execute(self._attach_sql())
                con.execute("USE lake")
                create_tables(con)
        except duckdb.Error as error:
            con.close()
            raise LakeError(
                f"cannot open the lake catalog {without_password(self.catalog)}: {without_password(str(error))}. "
                "Check WETHINK_LAKE_CATALOG and that the database is running."
            ) from None  # the database's own error repeats the connection string, password and all
        return con

    @contextmanager
    def connection(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection with the lake as its default database. Do not keep it."""
        with self._lock:
            if self._root is None or self._pid != os.getpid():
                self._root, self._pid = self._retry(self._open), os.getpid()
            cursor = self._root.cursor()
        try:
            cursor.execute("USE lake")
            yield cursor
        finally:
            cursor.close()

    def close(self) -> None:
        with self._lock:
            if self._root is not None and self._pid == os.getpid():
                self._root.close()
            self._root = None

    @contextmanager
    def _commit_lock(self) -> Iterator[None]:
        """Exclusive between processes and threads; ends when its holder dies."""
        if not self.is_sqlite:
            with self._advisory_lock():
                yield
            return
        path = self.catalog.removeprefix("sqlite:") + ".lock"
        handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    @contextmanager
    def _advisory_lock(self) -> Iterator[None]:
        """PostgreSQL's transaction-level advisory lock, held on a connection of its own."""
        locker = duckdb.connect(config=OFFLINE)
        try:
            locker.execute(f"LOAD '{extension('postgres_scanner')}'")
            locker.execute(
                f"ATTACH '{self.catalog.partition(':')[2].replace(chr(39), chr(39) * 2)}' AS pg (TYPE postgres)"
            )
            locker.begin()
            locker.execute(f"CALL postgres_execute('pg', 'SELECT pg_advisory_xact_lock({_ADVISORY_KEY})')")
            yield
            locker.commit()
        finally:
            locker.close()

    def _retry(self, action: Any) -> Any:
        for attempt in range(1, MAX_ATTEMPTS + 1):
            try:
                return action()
            except (duckdb.Error, LakeError) as error:
                passing = any(mark in str(error).lower() for mark in _RETRY_MARKS)
                if not passing or attempt == MAX_ATTEMPTS:
                    raise
                time.sleep(random.uniform(0, 0.05 * 2 ** min(attempt, 6)))
        raise AssertionError("unreachable")

    # -- reading -------------------------------------------------------------------------------

    def read(self, name: str, **parameters: Any) -> pl.DataFrame:
        """Run sql/<name>.sql with named parameters ($batch …)."""
        return self.sql(statement(name), **parameters)

    def sql(self, text: str, **parameters: Any) -> pl.DataFrame:
        """Run one reading statement with named parameters. For files, use `read`."""

        def action() -> pl.DataFrame:
            with self.connection() as con:
                return con.execute(text, parameters or None).pl()

        try:
            return self._retry(action)
        except duckdb.Error as error:
            if not _of_the_disk(error):
                raise
            raise LakeError(
                f"the lake could not be read: {_line(error)}. {self._free_space()}, then run it again."
            ) from error

    def rows(self, name: str, **parameters: Any) -> list[dict[str, Any]]:
        """As `read`, as dictionaries; JSON columns stay text."""
        return self.read(name, **parameters).to_dicts()

    def slice(self, table: str, batch: str) -> list[dict[str, Any]]:
        """A table's rows of one growth batch, in the order of its key.

        Raises:
            KeyError: there is no such table.
        """
        order = ", ".join(tables()[table].key)
        return self.sql(f"SELECT * FROM {table} WHERE batch = $batch ORDER BY {order}", batch=batch).to_dicts()

    def snapshot_id(self) -> int:
        """Number of the latest committed snapshot."""
        return int(self.sql("SELECT max(snapshot_id) AS id FROM lake.snapshots()")["id"][0])

    # -- writing -------------------------------------------------------------------------------

    def write(self, commit: Commit, writes: Sequence[Write]) -> int:
        """Write all or nothing, in one snapshot. Returns the number of rows inserted.

        Raises:
            LakeWriteError: rows do not fit their table; nothing was written.
            LakeError: the catalog or the disk failed; nothing was written.
        """
        schema = tables()
        for item in writes:
            if item.table not in schema:
                raise LakeWriteError(f"there is no table {item.table}: add sql/tables/{item.table}.sql")
        frames = [validated(schema[item.table], item.rows) for item in writes]
        info = json.dumps({"asset": commit.asset, "batch": commit.batch, "run_id": commit.run_id})
        message = f"{commit.asset} [{commit.batch or '-'}] run {commit.run_id or '-'}"

        def action() -> int:
            with self.connection() as con, self._commit_lock():
                con.begin()
                try:
                    inserted = sum(
                        _apply(con, schema[item.table], frame, item) for item, frame in zip(writes, frames, strict=True)
                    )
                    con.execute(
                        "CALL lake.set_commit_message($author, $message, extra_info => $info)",
                        {"author": commit.asset, "message": message, "info": info},
                    )
                    con.commit()
                    return inserted
                except BaseException:
                    roll_back(con)
                    raise

        try:
            return self._retry(action)
        except (duckdb.Error, OSError) as error:
            if not isinstance(error, OSError) and not _of_the_disk(error):
                raise
            raise LakeError(
                f"the lake could not write {commit.asset}: {_line(error)}. Nothing of it was committed. "
                f"{self._free_space()}, then run it again."
            ) from error

    def maintain(self) -> None:
        """Flush inlined rows to Parquet, merge small files, drop files no snapshot needs."""
        self._alone("CHECKPOINT")

    def inlined_rows(self, table: str) -> int:
        """Rows of `table` that lie in the catalog, where reading costs some 3 µs a row, and not in Parquet."""
        return int(self.read("lake/count_inlined_rows", table=table)["inlined"][0])

    def flush_inlined(self, table: str) -> None:
        """Move such rows to Parquet; rows and snapshots read the same before and after."""
        self._alone(statement("lake/flush_inlined_rows"), table=table)

    def _alone(self, text: str, **parameters: Any) -> None:
        def action() -> None:
            with self.connection() as con, self._commit_lock():
                con.execute(text, parameters or None)

        self._retry(action)

    def _free_space(self) -> str:
        where = dict.fromkeys([self.data_path, *([self.catalog.removeprefix("sqlite:")] if self.is_sqlite else [])])
        return f"Free space or restore access to {' and '.join(where)}"


def _threads() -> int:
    """A quarter of the cores. Most statements here are small and spend their time in the catalog, where threads wait for one
    another: with two, the data half of the graph takes 1.5 times the CPU. Searches over all rows have connections of their own."""
    return max(1, len(os.sched_getaffinity(0)) // 4)


def _of_the_disk(error: duckdb.Error) -> bool:
    """A full or lost disk, or a bucket out of reach. SQLite says its part as an error of no class of its own."""
    return isinstance(error, duckdb.IOException) or any(mark in str(error).lower() for mark in _DISK_MARKS)


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:500]


def _apply(con: duckdb.DuckDBPyConnection, table: Table, frame: pl.DataFrame, item: Write) -> int:
    """Table and column names come from the parsed schema; values only ever travel as parameters or Arrow."""
    incoming = frame.to_arrow()
    con.register("incoming", incoming)
    try:
        names = ", ".join(frame.columns)
        same = " AND ".join(f"t.{k} IS NOT DISTINCT FROM i.{k}" for k in table.key)
        if item.mode == "add_missing":
            source = f"SELECT {names} FROM incoming i WHERE NOT EXISTS (SELECT 1 FROM {table.name} t WHERE {same})"
        else:
            source = f"SELECT {names} FROM incoming"
            if item.mode == "upsert":
                con.execute(f"DELETE FROM {table.name} t WHERE EXISTS (SELECT 1 FROM incoming i WHERE {same})")
            elif item.replace is not None:
                _delete(con, table, [item.replace] if isinstance(item.replace, Mapping) else item.replace)
        result = con.execute(f"INSERT INTO {table.name} ({names}) {source}").fetchone()
        return int(result[0]) if result else 0
    finally:
        con.unregister("incoming")


def _delete(con: duckdb.DuckDBPyConnection, table: Table, slices: Sequence[Mapping[str, Any]]) -> None:
    """Delete the rows of these slices; a slice without columns is the whole table."""
    for one in slices:
        if unknown := set(one) - set(table.column_names):
            raise LakeWriteError(f"table {table.name} has no column {sorted(unknown)} to replace by")
        if one.keys() != slices[0].keys():
            raise LakeWriteError(f"slices of {table.name} to replace differ in their columns")
    if len(slices) == 1:
        where = " AND ".join(f"{k} = ${k}" for k in slices[0]) or "true"
        con.execute(f"DELETE FROM {table.name} WHERE {where}", dict(slices[0]) or None)
    elif slices:
        con.register("slices", pl.DataFrame(list(slices)).to_arrow())
        try:
            same = " AND ".join(f"t.{k} = s.{k}" for k in slices[0]) or "true"
            con.execute(f"DELETE FROM {table.name} t WHERE EXISTS (SELECT 1 FROM slices s WHERE {same})")
        finally:
            con.unregister("slices")
