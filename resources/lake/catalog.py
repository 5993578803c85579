"""Opening a DuckLake catalog: extensions, tables as the files under sql/tables/ say (schema migration), secrets.

Belongs here: what happens once, when a connection is made. Does not belong here: reading (connection.py) and writing
(store.py, writes.py).
"""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb

from resources.lake.database import Database, LakeError, Memory
from resources.lake.sql_files import tables
from resources.private import private_folder


def extension(name: str) -> str:
    spec = importlib.util.find_spec(f"duckdb_extension_{name}")
    if spec is None or not spec.submodule_search_locations:
        raise LakeError(f"the package duckdb-extension-{name.replace('_', '-')} is missing: run `make setup`")
    return str(next(Path(spec.submodule_search_locations[0]).glob("extensions/*/*.duckdb_extension")))


ROW_GROUP = 4_096
# A bucket that answers 503, or not at all, is asked again for 64 s: DuckDB waits before every retry but the first.
HTTP_RETRIES = {"http_retries": 9, "http_retry_wait_ms": 250, "http_retry_backoff": 2}

CONNECT_S = 10  # for PostgreSQL to answer, unless PGCONNECT_TIMEOUT or the catalog's own setting says otherwise

_checked: set[tuple[str, int, int]] = set()  # extensions whose signature this process has checked: path, size, time


def with_extensions(names: Sequence[str], memory: Memory, *, quick: bool = False, **config: Any) -> Database:
    """A database with these extensions.

    DuckDB checks an extension's signature at 0.2 CPU-s [D]; a process does it once for each file. `quick` takes them
    without: they are files of pinned packages, and whoever can change them can change this code as well.

    Raises:
        LakeError: one is missing.
    """
    files = {_state(path): path for path in map(extension, names)}
    if "postgres_scanner" in names:  # libpq would wait for ever for a server that takes a connection and says nothing
        os.environ.setdefault("PGCONNECT_TIMEOUT", str(CONNECT_S))
    database = Database(memory, allow_unsigned_extensions=quick or _checked.issuperset(files), **config)
    try:
        for path in files.values():
            database.connection.execute(f"LOAD '{path}'")
    except BaseException:
        database.close()
        raise
    if not quick:
        _checked.update(files)
    return database


def open_catalog(catalog: str, data_path: str, memory: Memory, *, quick: bool = False) -> tuple[Database, str, str]:
    """DuckDB with the extensions that this catalog needs, what is attached as `lake`, and with which options.

    Raises:
        LakeError: the catalog is of an unknown kind, its folder cannot be created, or an extension is missing.
    """
    kind, _, target = catalog.partition(":")
    if kind not in ("sqlite", "postgres"):
        raise LakeError(f"lake catalog {kind!r} is unknown: use sqlite:<path> or postgres:<connection string>")
    try:
        if kind == "sqlite":
            private_folder(Path(target).parent)
        if "://" not in data_path:
            private_folder(Path(data_path))
    except OSError as error:
        raise LakeError(
            f"cannot create the lake at {target}: {error}. Set WETHINK_HOME to a writable folder."
        ) from error
    needed = ["ducklake", "sqlite_scanner" if kind == "sqlite" else "postgres_scanner"]
    if data_path.startswith("s3://"):
        needed.append("httpfs")
    database = with_extensions(needed, memory, quick=quick, threads=_threads())
    con = database.connection
    con.execute("SET GLOBAL ducklake_max_retry_count = 100")
    con.execute("SET GLOBAL TimeZone = 'UTC'")  # also of cursors, which are sessions of their own
    if data_path.startswith("s3://"):
        create_s3_secret(con)
        for name, value in HTTP_RETRIES.items():
            con.execute(f"SET GLOBAL {name} = {value}")
    options = f"DATA_PATH {_literal(data_path)}, DATA_INLINING_ROW_LIMIT 1000"
    if kind == "sqlite":
        options += ", META_JOURNAL_MODE 'WAL', META_BUSY_TIMEOUT 60000"
    return database, _literal(f"ducklake:{kind}:{target}"), options


def _state(path: str) -> tuple[str, int, int]:
    file = Path(path).stat()
    return path, file.st_size, file.st_mtime_ns


def _threads() -> int:
    """A quarter of the cores.

    Most statements here are small and spend their time in the catalog, where threads wait for one another: with two,
    the data half of the graph takes 1.5 times the CPU. Searches over all rows have connections of their own.
    """
    return max(1, len(os.sched_getaffinity(0)) // 4)


def create_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Create what is missing and add new nullable columns, in one snapshot."""
    present: dict[str, set[str]] = {}
    for name, column in con.execute(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = 'lake' AND schema_name = 'main'"
    ).fetchall():
        present.setdefault(name, set()).add(column)
    missing = [t for t in tables().values() if t.name not in present]
    grown = [(t, c) for t in tables().values() if t.name in present for c in t.columns if c.name not in present[t.name]]
    if not missing and not grown:
        return
    con.begin()
    try:
        for table in missing:
            con.execute(table.ddl)
            con.execute(f"COMMENT ON TABLE {table.name} IS {_literal(table.comment)}")
            for column in table.columns:
                con.execute(f"COMMENT ON COLUMN {table.name}.{column.name} IS {_literal(column.comment)}")
        for table, column in grown:
            if not column.nullable:
                raise LakeError(f"column {table.name}.{column.name} is new and NOT NULL: make it nullable to add it")
            con.execute(f"ALTER TABLE {table.name} ADD COLUMN {column.name} {column.type}")
        con.commit()
    except BaseException:
        roll_back(con)
        raise
    if missing:
        keep_row_groups_small(con)


def keep_row_groups_small(con: duckdb.DuckDBPyConnection) -> None:
    """Row groups of files written from now on: a row is read with its whole group, some 2 ms for 4,096 rows [D].

    DuckDB's own 122,880 take ten times as long, and scans of all rows are no faster.
    """
    con.execute(f"CALL lake.set_option('parquet_row_group_size', {ROW_GROUP})")


def roll_back(con: duckdb.DuckDBPyConnection) -> None:
    """A failed commit has ended its transaction already, and a lost server takes none; the first error is reported."""
    with suppress(duckdb.Error):
        con.rollback()


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def without_password(text: str) -> str:
    """Connection strings with their passwords starred, in both of libpq's forms."""
    text = re.sub(r"(password\s*=\s*)('[^']*'|[^\s\"']+)", r"\1***", text)
    return re.sub(r"(://[^:/@\s]+:)[^@\s]+@", r"\1***@", text)


def create_s3_secret(con: duckdb.DuckDBPyConnection) -> None:
    """Keys from the AWS_* environment only; they live in this connection's memory and nowhere else."""
    options: dict[str, str] = {}
    for variable, option in {
        "AWS_ACCESS_KEY_ID": "KEY_ID",
        "AWS_SECRET_ACCESS_KEY": "SECRET",
        "AWS_SESSION_TOKEN": "SESSION_TOKEN",
        "AWS_REGION": "REGION",
    }.items():
        if os.environ.get(variable):
            options[option] = _literal(os.environ[variable])
    if endpoint := os.environ.get("AWS_ENDPOINT_URL"):
        scheme, _, host = endpoint.partition("://")
        options |= {
            "ENDPOINT": _literal(host),
            "URL_STYLE": "'path'",
            "USE_SSL": "false" if scheme == "http" else "true",
        }
    body = ", ".join(["TYPE s3", *(f"{k} {v}" for k, v in options.items())])
    con.execute(f"CREATE SECRET lake_s3 ({body})")
