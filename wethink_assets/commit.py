"""From a stage's result to the lake and to Dagster, in one place for all assets.

Belongs here: the one transaction of an asset, its metadata, its column schema, its conservation check.
Does not belong here: anything about a particular stage.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from resources.lake.resource import Commit, Lake
from wethink_assets.accounting import StageResult, content_id
from wethink_assets.asset_factory import asset_label, column_schema, shown  # noqa: F401
from wethink_assets.stage_writes import stage_writes

CONSERVATION = "rows_conserved"


def conservation_spec(key: dg.AssetKey | str) -> dg.AssetCheckSpec:
    """The check that every asset with rows declares; blocking, since lost rows must not flow on."""
    return dg.AssetCheckSpec(
        CONSERVATION,
        asset=key,
        blocking=True,
        description="Rows in = continued + dropped + failed, and every stopped row has its reason.",
    )


def commit_result(
    context: dg.AssetExecutionContext,
    lake: Lake,
    result: StageResult,
    *,
    key: dg.AssetKey,
    started: float,
    replace: Mapping[str, Mapping[str, Any]] | None = None,
    modes: Mapping[str, str] | None = None,
    metadata: Mapping[str, Any] | None = None,
    data_version: str | None = None,
) -> dg.MaterializeResult:
    """Write a stage's rows, verdicts and accounting in one transaction and describe them to Dagster.

    `replace` gives the slice to replace per table (default the context's batch; `{}` replaces the table);
    `modes` may name `upsert` or `add_missing` for a table instead. `started` is `time.monotonic()` at the start.

    Raises:
        ConservationError: the stage lost rows; nothing was written.
    """
    result.check()
    asset = asset_label(key)
    batch = context.partition_key if context.has_partition_key else ""
    run_id = context.run.run_id
    seconds = time.monotonic() - started
    writes, written = stage_writes(
        result, asset, batch=batch, run_id=run_id, seconds=seconds, replace=replace, modes=modes
    )
    lake.write(Commit(asset, batch, run_id), writes)
    reasons = result.reasons()
    why = ", ".join(f"{reason} {count}" for reason, count in reasons.items()) or "none stopped"
    context.log.info(
        f"{asset}: {result.rows_in} in, {result.continued} on, {len(result.dropped)} dropped, "
        f"{len(result.failed)} failed, {written} written in {seconds:.1f} s ({why})"
    )
    described: dict[str, Any] = {
        "dagster/row_count": written,
        "rows_in": result.rows_in,
        "rows_continued": result.continued,
        "rows_dropped": len(result.dropped),
        "rows_failed": len(result.failed),
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


def commit_stage(
    context: dg.AssetExecutionContext | None,
    lake: Lake,
    result: StageResult,
    *,
    key: dg.AssetKey,
    batch: str,
    run_id: str,
    started: float,
    replace: Mapping[str, Mapping[str, Any]] | None = None,
    modes: Mapping[str, str] | None = None,
    metadata: Mapping[str, Any] | None = None,
    checks: Sequence[dg.AssetCheckResult] = (),
    data_version: str | None = None,
) -> dg.MaterializeResult:
    """Write a stage's rows, verdicts and accounting in one transaction and describe them to Dagster.

    `replace` gives the slice to replace per table (default `{"batch": batch}`; `{}` replaces the table);
    `modes` may name `upsert` or `add_missing` for a table instead. `started` is `time.monotonic()` at the start.

    Raises:
        ConservationError: the stage lost rows; nothing was written.
    """
    result.check()
    asset = asset_label(key)
    seconds = time.monotonic() - started
    writes, written = stage_writes(
        result, asset, batch=batch, run_id=run_id, seconds=seconds, replace=replace, modes=modes
    )
    lake.write(Commit(asset, batch, run_id), writes)
    reasons = result.reasons()
    if context is not None:
        why = ", ".join(f"{k} {v}" for k, v in reasons.items()) or "none stopped"
        context.log.info(
            f"{asset}: {result.rows_in} in, {result.continued} on, {len(result.dropped)} dropped, "
            f"{len(result.failed)} failed, {written} written in {seconds:.1f} s ({why})"
        )
    described: dict[str, Any] = {
        "dagster/row_count": written,
        "rows_in": result.rows_in,
        "rows_continued": result.continued,
        "rows_dropped": len(result.dropped),
        "rows_failed": len(result.failed),
        "seconds": round(seconds, 3),
    }
    if reasons:
        described["why_rows_stopped"] = dg.MetadataValue.md(reasons_table(reasons))
    described |= {k: v for k, v in result.details.items() if isinstance(v, (int, float, str))}
    described |= metadata or {}
    return_checks = [conservation_result(lake, key, batch), *checks]
    return dg.MaterializeResult(
        asset_key=key,
        metadata=described,
        check_results=return_checks,
        data_version=dg.DataVersion(data_version) if data_version else None,
    )


def conservation_result(lake: Lake, key: dg.AssetKey, batch: str) -> dg.AssetCheckResult:
    """Read back what was committed: does the accounting add up, and has every stopped row its reason?"""
    return conservation_results(lake, [key], batch)[key]


def conservation_results(lake: Lake, keys: Sequence[dg.AssetKey], batch: str) -> dict[dg.AssetKey, dg.AssetCheckResult]:
    """As `conservation_result` for several assets, in one query."""
    rows = lake.rows("quality/count_recorded_stops", assets=[asset_label(key) for key in keys], batch=batch)
    return {key: _conserved(key, [row for row in rows if row["asset"] == asset_label(key)]) for key in keys}


def _conserved(key: dg.AssetKey, found: Sequence[Mapping[str, Any]]) -> dg.AssetCheckResult:
    if len(found) != 1:
        return dg.AssetCheckResult(
            asset_key=key, check_name=CONSERVATION, passed=False, description=f"{len(found)} accounting rows, not 1"
        )
    row = {name: value for name, value in found[0].items() if name != "asset"}
    passed = (
        row["rows_in"] == row["continued"] + row["dropped_rows"] + row["failed_rows"]
        and row["dropped"] == row["dropped_rows"]
        and row["failed"] == row["failed_rows"]
        and row["without_reason"] == 0
    )
    return dg.AssetCheckResult(asset_key=key, check_name=CONSERVATION, passed=passed, metadata=row)


def reasons_table(reasons: Mapping[str, int]) -> str:
    """Markdown table of reasons and counts."""
    return "| reason | rows |\n|---|---|\n" + "\n".join(f"| {k} | {v} |" for k, v in reasons.items())


def rows_version(rows: Sequence[Any]) -> str:
    """A data version from row ids: equal rows are equal versions, in any order."""
    return content_id(sorted(rows))[:16]
