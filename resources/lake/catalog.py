"""Opening a lake's catalog: extensions, tables as the files under sql/tables/ say, secrets.

Belongs here: what happens once, when a connection is made. Does not belong here: reading and writing (lake_store.py).
"""

from __future__ import annotations

import importlib.util
import os
import re
from contextlib import suppress
from pathlib import Path

import duckdb

from resources.lake.sql_files import tables

# Extensions come from installed packages; nothing is downloaded at run time.
OFFLINE = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}


class LakeError(RuntimeError):
    """The lake cannot be reached or written; the message names what and the cure."""


def extension(name: str) -> str:
    spec = importlib.util.find_spec(f"duckdb_extension_{name}")
    if spec is None:
        raise LakeError(f"the package duckdb-extension-{name.replace('_', '-')} is missing: run `make setup`")
    return str(next(Path(spec.submodule_search_locations[0]).glob("extensions/*/*.duckdb_extension")))


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


def roll_back(con: duckdb.DuckDBPyConnection) -> None:
    """A failed commit has ended its transaction already; the first error is the one to report."""
    with suppress(duckdb.TransactionException):
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
