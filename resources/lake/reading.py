"""Statements that only read (statement allow-list): what `wethink sql` runs, and the refusal of all else.

Belongs here: telling a statement that shows from one that changes, and keeping a connection to the lake's own files.
Does not belong here: attaching the lake (shell.py), the project's own statements (connection.py).

A lake attached read-only is not enough: files can be written and read beside it, it can be attached again, and DuckLake
has functions in a FROM that remove files. So both are said: which statements, and which files.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import duckdb

TAKEN = "SELECT, FROM, WITH, VALUES, PIVOT with IN, SHOW, DESCRIBE, SUMMARIZE, EXPLAIN and PRAGMAs that only show"
# No comments of the other form, which nest: what follows is then the statement that DuckDB sees.
_EXPLAIN = re.compile(
    r"(?:\s|--[^\n]*\n)*EXPLAIN\b(?:\s+ANALYZE\b)?(?:\s*\(\s*(?:ANALYZE|FORMAT)\b[\w\s,]*\))?", re.IGNORECASE
)
# Functions in a FROM that read. Others run SQL of a text, write the log to a file, or clean up after the lake.
_READING = re.compile(
    r"range|generate_series|unnest|repeat|repeat_row|glob|query_table|sniff_csv|json_each|json_tree"
    r"|read_(csv|json|ndjson|parquet|text|blob)\w*|parquet_\w+|histogram(_values)?|(duckdb|pragma)_\w+"
    r"|icu_calendar_names|pg_timezone_names|(ducklake_)?(current_snapshot|last_committed_snapshot|snapshots|options)"
    r"|(ducklake_)?table_(info|changes|insertions|deletions)|ducklake_(list_files|settings)"
)


class RefusedError(ValueError):
    """A statement that is not run here; the message names it and what is taken."""


def statements_that_read(con: duckdb.DuckDBPyConnection, text: str) -> Iterator[str]:
    """The statements of a text, one by one, each to be run before the next is asked for.

    Raises:
        duckdb.Error: the text is no SQL.
        RefusedError: the next one does more than read.
    """
    for one in con.extract_statements(text):  # by this connection: some statements open files when they are parsed
        query, kind = one.query, one.type
        if kind == duckdb.StatementType.EXPLAIN and (start := _EXPLAIN.match(query)):
            query = query[start.end() :]  # EXPLAIN ANALYZE runs what it explains
        elif kind != duckdb.StatementType.SELECT:
            raise RefusedError(f"{kind.name} is refused, since the lake is only read here: it takes {TAKEN}")
        (parsed,) = con.execute("SELECT json_serialize_sql(?)", [query]).fetchone() or ("",)
        tree = json.loads(parsed)
        if tree["error"]:
            raise RefusedError(f"{kind.name} of this form is refused, since the lake is only read here: {TAKEN}")
        for name in _functions_in_from(tree):
            if not _READING.fullmatch(name.lower()):
                raise RefusedError(f"the function {name} in a FROM is refused: it is none of those that only read")
        yield one.query


def only_files_below(con: duckdb.DuckDBPyConnection, folder: str) -> None:
    """From now on the connection opens files below this folder or bucket prefix alone; no setting can be changed.

    What is attached stays attached: a catalog is opened by SQLite's or PostgreSQL's own library. DuckDB adds its folder
    to spill to by itself.
    """
    con.execute("SET allowed_directories = ?", [[folder]])
    con.execute("SET enable_external_access = false")
    con.execute("SET lock_configuration = true")


def _functions_in_from(tree: Any) -> Iterator[str]:
    if isinstance(tree, dict):
        if tree.get("type") == "TABLE_FUNCTION":
            yield tree["function"]["function_name"]
        tree = list(tree.values())
    if isinstance(tree, list):
        for part in tree:
            yield from _functions_in_from(part)
