"""The transaction of an asset: a stage's result committed to the lake and described to Dagster.

Belongs here: the one commit of every asset, its log line, its metadata, its data version.
Does not belong here: the rows of the transaction (stage_writes.py), anything about a particular stage.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import dagster as dg

from resources.lake.resource import Commit, Lake, Write
from wethink_assets.accounting import StageResult, content_id
from wethink_assets.asset_factory import asset_label, batch_of, shown
from wethink_assets.memoisation import VERSION, recorded
from wethink_assets.stage_spool import StageSpool
from wethink_assets.stage_writes import stage_writes


def commit_result(
    context: dg.AssetExecutionContext,
    lake: Lake,
    result: StageResult | StageSpool,
    *,
    key: dg.AssetKey,
    started: float,
    replace: Mapping[str, Mapping[str, Any]] | None = None,
    modes: Mapping[str, str] | None = None,
    also: Sequence[Write] = (),
    metadata: Mapping[str, Any] | None = None,
    data_version: str | None = None,
) -> dg.MaterializeResult:
    """Commit a stage's rows, verdicts and accounting in one transaction and describe them to Dagster.

    `replace` gives the slice to replace per table (default the asset's batch; `{}` replaces the table);
    `modes` may name `upsert` or `add_missing` for a table instead. `also` goes into the same transaction.
    `started` is `time.monotonic()` at the start.
    `metadata` may hold Markdown of pure modules.

    Raises:
        ConservationError: the stage lost rows; nothing was written.
    """
    result.check()
    result.details.update(recorded() | ({VERSION: data_version} if data_version else {}))
    asset = asset_label(key)
    batch = batch_of(context)
    run_id = context.run.run_id
    seconds = time.monotonic() - started
    writes, written = stage_writes(
        result, asset, batch=batch, run_id=run_id, seconds=seconds, replace=replace, modes=modes
    )
    lake.write(Commit(asset, batch, run_id), [*writes, *also])
    reasons = result.reasons()
    why = ", ".join(f"{reason} {count}" for reason, count in reasons.items()) or "none stopped"
    context.log.info(
        f"{asset}: {result.rows_in} in, {result.continued} on, {result.rows_dropped} dropped, "
        f"{result.rows_failed} failed, {written} written in {seconds:.1f} s ({why})"
    )
    described: dict[str, Any] = {
        "dagster/row_count": written,
        "rows_in": result.rows_in,
        "rows_continued": result.continued,
        "rows_dropped": result.rows_dropped,
        "rows_failed": result.rows_failed,
        "seconds": round(seconds, 3),
    }
    if reasons:
        described["why_rows_stopped"] = dg.MetadataValue.md(reasons_table(reasons))
    described |= {name: value for name, value in result.details.items() if isinstance(value, (int, float, str))}
    described |= shown(metadata or {})
    return dg.MaterializeResult(
        asset_key=key,
        metadata=described,
        data_version=dg.DataVersion(data_version) if data_version else None,
    )


def reasons_table(reasons: Mapping[str, int]) -> str:
    """Markdown table of why rows stopped: reasons with their counts."""
    return "| reason | rows |\n|---|---|\n" + "\n".join(f"| {k} | {v} |" for k, v in reasons.items())


def rows_version(ids: Iterable[str]) -> str:
    """Data version of rows by their ids, 16 hex digits: equal ids give equal versions, in any order."""
    return content_id(sorted(ids))[:16]
