"""Parameters and given tables with which every statement can be run in a test.

Belongs here: what a statement's `$name` may hold, and the frames that its caller registers.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

# A Parquet file of calls, which is there while a statement that reads one is run.
FILE = Path(tempfile.gettempdir()) / f"wethink-calls-{os.getpid()}.parquet"
READ_A_FILE = {"calls/select_ids_of_files", "calls/find_calls_in_file"}
_SELECTED = "sample_id TEXT, image_id TEXT, split TEXT, position BIGINT, cluster_id TEXT, marks TEXT[]"
# Frames that the caller registers with the connection, as the statement's own comment says.
GIVEN = {
    "dataset/order_release_rows": [
        f"CREATE TEMP TABLE selected ({_SELECTED})",
        "CREATE TEMP TABLE candidates AS SELECT *, 1 AS batch_order, 1 AS first_released FROM lake.samples LIMIT 0",
    ],
    "dataset/order_left_out": [
        "CREATE TEMP TABLE stopped (subject_id TEXT, verdict TEXT, reason TEXT, detail TEXT, related_id TEXT)",
        "CREATE TEMP TABLE candidates AS SELECT *, 1 AS batch_order, 1 AS first_released FROM lake.samples LIMIT 0",
    ],
    "calls/select_inlined_ids": ["CREATE TEMP TABLE inlined (row_id BIGINT, call_id VARCHAR)"],
    "images/find_repeated_questions": [
        "CREATE TEMP TABLE asked (subject VARCHAR, words VARCHAR)",
        "CREATE TEMP TABLE items (item VARCHAR, words VARCHAR)",
        "CREATE TEMP TABLE cores (item VARCHAR, words VARCHAR)",
    ],
}
# What parameters hold that are no text.
VALUES: dict[str, Any] = {
    **{name: ["x"] for name in ("ids", "assets", "benchmarks", "batches")},
    **dict.fromkeys(["near", "far", "alike", "alike_far", "n", "long", "part", "min_words", "boilerplate"], 1),
    **{name: ["x"] for name in ("errors", "endpoints", "models", "roles")},
    **dict.fromkeys(("since", "until", "at"), datetime(2026, 1, 1, tzinfo=UTC)),
    **dict.fromkeys(("one", "two", "three", "others"), "word"),
    "replies_too": True,
    "person": "ann",
    "assumed": 4_096,
    "share": 0.5,
    "seed": 0,
    "heldout_share": 0.25,
    "keep_days": 30.0,
    "seconds": 86_400.0,
    "versions": [0],
    "table": "calls",
    "rows": 100,
    "files": [str(FILE)],
    "file": str(FILE),
    "first": 0,
    "last": 100,
    "inlined": "temp.inlined",
    "option": "data_inlining_row_limit",
}


_WORDS = "array_to_string([((n * 7 + i * i) % 5000)::VARCHAR FOR i IN range(20)], ' ')"
_ROWS = {
    "selected": "SELECT sample_id, image_id, 'train', row_number() OVER (), image_id, [] FROM lake.samples",
    "candidates": "SELECT *, 1, 1 FROM lake.samples",
    "stopped": "SELECT sample_id, 'dropped', 'x', 'x', 'x' FROM lake.samples",
    "inlined": "SELECT n, n FROM range(1000) AS t(n)",
    "new": "SELECT n, hash(n), 0 FROM range(1000) AS t(n)",
    "known": "SELECT n, hash(n) FROM range(5000) AS t(n)",
    "asked": f"SELECT n, {_WORDS} FROM range(2000) AS t(n)",
    "items": f"SELECT n, {_WORDS} FROM range(100000, 101000) AS t(n)",
    "cores": f"SELECT n, {_WORDS} FROM range(200000, 200100) AS t(n)",
}


@contextmanager
def given(con: duckdb.DuckDBPyConnection, name: str, *, filled: bool = True) -> Iterator[None]:
    """The frames that a statement is given, with some thousand rows where they are to be `filled`."""
    frames = {ddl.split()[3]: ddl for ddl in GIVEN.get(name, ())}
    for frame, ddl in frames.items():
        con.execute(ddl)
        if filled:
            con.execute(f"INSERT INTO temp.{frame} {_ROWS[frame]}")
    if name in READ_A_FILE:
        con.execute(f"COPY (FROM calls LIMIT {1000 if filled else 0}) TO '{FILE}'")
    try:
        yield
    finally:
        FILE.unlink(missing_ok=True)
        for frame in frames:
            con.execute(f"DROP TABLE temp.{frame}")
