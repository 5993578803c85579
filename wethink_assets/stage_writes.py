"""The writes of a stage's result: its rows, the verdict on every stopped row, its accounting.

Belongs here: those writes, of one transaction. Does not belong here: committing them and describing them to Dagster
(commit.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import polars as pl

from resources.lake.spool import Spool
from resources.lake.store import Write
from wethink_assets.accounting import StageResult, verdict_rows
from wethink_assets.stage_spool import StageSpool


def stage_writes(
    result: StageResult | StageSpool,
    asset: str,
    *,
    batch: str,
    run_id: str,
    seconds: float,
    replace: Mapping[str, Mapping[str, Any]] | None = None,
    modes: Mapping[str, str] | None = None,
) -> tuple[list[Write], int]:
    """The writes of one transaction, and the number of rows that they hold in the stage's own tables.

    `replace` gives the slice to replace per table (default `{"batch": batch}`; `{}` replaces the table);
    `modes` may name `upsert` or `add_missing` for a table instead.
    """
    writes = []
    written = 0
    for name, rows, count in _tables(result, run_id):
        written += count
        mode = (modes or {}).get(name, "replace")
        slice_ = None if mode != "replace" else (replace or {}).get(name, {"batch": batch})
        writes.append(Write(name, rows, replace=slice_, mode=mode))
    own = {"asset": asset, "batch": batch}
    verdicts: Spool | list[dict[str, Any]] = (
        result.verdicts if isinstance(result, StageSpool) else verdict_rows(result, **own, run_id=run_id)
    )
    writes.append(Write("verdicts", verdicts, replace=own))
    accounting = {
        **own,
        "run_id": run_id,
        "rows_in": result.rows_in,
        "continued": result.continued,
        "dropped": result.rows_dropped,
        "failed": result.rows_failed,
        "rows_written": written,
        "seconds": seconds,
        "committed_at": datetime.now(UTC),
        "details": result.details,
    }
    writes.append(Write("materializations", [accounting], replace=own))
    return writes, written


def _tables(
    result: StageResult | StageSpool, run_id: str
) -> Iterator[tuple[str, Sequence[Mapping[str, Any]] | pl.DataFrame | Spool, int]]:
    """Each table with its rows, which name the run, and their number."""
    if isinstance(result, StageSpool):
        for name, spool in result.spools.items():
            yield name, spool, spool.rows
        return
    for name, table in result.rows.items():
        yield name, [{**row, "run_id": run_id} for row in table], len(table)
    for name, frame in result.frames.items():
        if isinstance(frame, Spool):
            yield name, frame, frame.rows
        else:
            yield name, frame.with_columns(pl.lit(run_id).alias("run_id")), frame.height


def merged(writes: Iterable[Write]) -> list[Write]:
    """Batched writes: rows of one table that replace slices of the same columns go into one statement.

    For many small stages, since a statement costs 20 ms whatever it writes. Slices must not overlap.
    """
    together: list[Write] = []
    rows: dict[tuple[str, tuple[str, ...]], list[Mapping[str, Any]]] = {}
    slices: dict[tuple[str, tuple[str, ...]], list[Mapping[str, Any]]] = {}
    for write in writes:
        if not isinstance(write.replace, Mapping) or not write.replace or isinstance(write.rows, (pl.DataFrame, Spool)):
            together.append(write)
            continue
        key = (write.table, tuple(sorted(write.replace)))
        if key not in rows:
            rows[key], slices[key] = [], []
            together.append(Write(write.table, rows[key], replace=slices[key], mode=write.mode))
        rows[key] += write.rows
        slices[key].append(write.replace)
    return together
