"""Committing an evaluation asset only when its rows changed.

Belongs here: that comparison. Does not belong here: what the rows are. A second run over unchanged policies and
items writes nothing, and still reports its checks and what people look at.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg

from resources.lake.resource import Lake
from wethink_assets.accounting import StageResult, content_id
from wethink_assets.asset_factory import asset_label, shown
from wethink_assets.commit import commit_result, commit_stage, conservation_result, conservation_results


def rows_id(result: StageResult) -> str:
    """Changes when any row, or any reason of a stopped row, does."""
    stopped = [[s.subject_id, s.reason, s.detail, s.related_id] for s in [*result.dropped, *result.failed]]
    return content_id({table: list(rows) for table, rows in result.rows.items()}, stopped)[:16]


@dataclass(frozen=True)
class Earlier:
    """What one asset noted with its last commit, and whether that adds up."""

    details: Mapping[str, Any]
    check: dg.AssetCheckResult


def recorded(lake: Lake, key: dg.AssetKey) -> dict[str, Any]:
    """What the asset noted with its last commit; empty where there was none."""
    found = lake.rows("evaluation/select_accounting", assets=[asset_label(key)])
    return json.loads(found[0]["details"] or "{}") if found else {}


def earlier(lake: Lake, keys: Sequence[dg.AssetKey]) -> dict[dg.AssetKey, Earlier]:
    """What several assets noted, in two queries: one asset after the other, fifteen take seconds."""
    rows = lake.rows("evaluation/select_accounting", assets=[asset_label(key) for key in keys])
    details = {row["asset"]: json.loads(row["details"] or "{}") for row in rows}
    checks = conservation_results(lake, keys, "")
    return {key: Earlier(details.get(asset_label(key), {}), checks[key]) for key in keys}


def record(
    context: dg.AssetExecutionContext,
    lake: Lake,
    result: StageResult,
    *,
    key: dg.AssetKey,
    started: float,
    metadata: Mapping[str, Any],
    checks: Sequence[dg.AssetCheckResult] = (),
    replace: Mapping[str, Mapping[str, Any]] | None = None,
    modes: Mapping[str, str] | None = None,
    before: Earlier | None = None,
) -> dg.MaterializeResult:
    """As `commit_stage` for an unpartitioned asset, without a commit where the lake holds these rows already.

    `before` is what `earlier` said of the asset, where it was asked.
    """
    version = rows_id(result)
    details = recorded(lake, key) if before is None else before.details
    if details.get("data_version") == version:
        context.log.info(f"{asset_label(key)}: nothing changed")
        return dg.MaterializeResult(
            asset_key=key,
            metadata={"dagster/row_count": sum(len(r) for r in result.rows.values()), "unchanged": True, **metadata},
            check_results=[before.check if before else conservation_result(lake, key, ""), *checks],
            data_version=dg.DataVersion(version),
        )
    result.details["data_version"] = version
    return commit_stage(
        context,
        lake,
        result,
        key=key,
        batch="",
        run_id=context.run.run_id,
        started=started,
        replace=replace,
        modes=modes,
        metadata=metadata,
        checks=checks,
        data_version=version,
    )


def details_of(lake: Lake, keys: Sequence[dg.AssetKey]) -> dict[dg.AssetKey, dict[str, Any]]:
    """What unpartitioned assets noted with their last commits, in one query; empty where there was none."""
    rows = lake.rows("evaluation/select_accounting", assets=[asset_label(key) for key in keys])
    details = {row["asset"]: json.loads(row["details"] or "{}") for row in rows}
    return {key: details.get(asset_label(key), {}) for key in keys}


def commit_if_changed(
    context: dg.AssetExecutionContext,
    lake: Lake,
    result: StageResult,
    *,
    key: dg.AssetKey,
    started: float,
    metadata: Mapping[str, Any],
    replace: Mapping[str, Mapping[str, Any]] | None = None,
    modes: Mapping[str, str] | None = None,
    details: Mapping[str, Any] | None = None,
) -> dg.MaterializeResult:
    """As `commit_result` for an unpartitioned asset, without a commit where the lake holds these rows already.

    `details` is what `details_of` said of the asset, where it was asked.
    """
    version = rows_id(result)
    known = details_of(lake, [key])[key] if details is None else details
    if known.get("data_version") == version:
        context.log.info(f"{asset_label(key)}: nothing changed")
        rows = sum(len(rows) for rows in result.rows.values())
        return dg.MaterializeResult(
            asset_key=key,
            metadata={"dagster/row_count": rows, "unchanged": True, **shown(metadata)},
            data_version=dg.DataVersion(version),
        )
    result.details["data_version"] = version
    return commit_result(
        context,
        lake,
        result,
        key=key,
        started=started,
        replace=replace,
        modes=modes,
        metadata=metadata,
        data_version=version,
    )
