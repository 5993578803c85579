"""Idempotent commit of an unpartitioned asset: only rows that changed are written.

Belongs here: that comparison. Does not belong here: what the rows are.

A second run over unchanged policies and items writes nothing, and still shows its metadata.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from resources.lake.resource import Lake
from wethink_assets.accounting import StageResult, content_id
from wethink_assets.asset_factory import asset_label, shown
from wethink_assets.commit import commit_result
from wethink_assets.stage_spool import StageSpool


def rows_id(result: StageResult) -> str:
    """Data version of a stage's result, 16 hex digits: changes with any row and with any reason of a stopped row."""
    stopped = [[s.subject_id, s.reason, s.detail, s.related_id] for s in [*result.dropped, *result.failed]]
    return content_id({table: list(rows) for table, rows in result.rows.items()}, stopped)[:16]


def details_of(lake: Lake, keys: Sequence[dg.AssetKey]) -> dict[dg.AssetKey, dict[str, Any]]:
    """Details that unpartitioned assets recorded with their last commits, in one query; empty for those without."""
    rows = lake.rows("evaluation/select_accounting", assets=[asset_label(key) for key in keys])
    details = {row["asset"]: json.loads(row["details"] or "{}") for row in rows}
    return {key: details.get(asset_label(key), {}) for key in keys}


def commit_if_changed(
    context: dg.AssetExecutionContext,
    lake: Lake,
    result: StageResult | StageSpool,
    *,
    key: dg.AssetKey,
    started: float,
    metadata: Mapping[str, Any],
    replace: Mapping[str, Mapping[str, Any]] | None = None,
    modes: Mapping[str, str] | None = None,
    details: Mapping[str, Any] | None = None,
    version: str | None = None,
) -> dg.MaterializeResult:
    """Idempotent `commit_result` for an unpartitioned asset: no commit where the lake holds these rows already.

    `details` is what `details_of` gives for the asset, for callers that read those of many assets at once. `version` is
    the data version of rows that are spooled.
    """
    if isinstance(result, StageSpool):
        if version is None:
            raise TypeError(f"{asset_label(key)}: spooled rows come with their version")
        rows = sum(spool.rows for spool in result.spools.values())
    else:
        version = version or rows_id(result)
        rows = sum(len(table) for table in result.rows.values())
    last = details_of(lake, [key])[key] if details is None else details
    if last.get("data_version") == version:
        context.log.info(f"{asset_label(key)}: nothing changed")
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
