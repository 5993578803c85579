"""The asset `growth_plan`: how many images a growth batch takes of each source, and why.

Belongs here: reading the evidence, committing, describing. Does not belong here: the rule (plan.py).
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from resources.lake.resource import Lake
from resources.settings import SettingsResource
from wethink_assets.accounting import StageResult, Stopped
from wethink_assets.asset_factory import lake_asset
from wethink_assets.code_versions import code_version
from wethink_assets.commit import commit_result, rows_version
from wethink_assets.dataset.assets import target_shares
from wethink_assets.growth.gates import PLAN_GATES
from wethink_assets.growth.plan import Evidence, Planned, plan
from wethink_assets.presentation.markdown import cell
from wethink_assets.settings import Settings
from wethink_assets.sources.catalog import sources_of
from wethink_assets.sources.ingest import PLAN, quota_of
from wethink_assets.sources.new_files import new_files

COUNT_S = 60.0  # for counting the files that are left; sources that are not reached by then count as endless


def _materialise(context: dg.AssetExecutionContext, lake: Lake, settings: SettingsResource) -> dg.MaterializeResult:
    started = time.monotonic()
    batch, config = context.partition_key, settings.get()
    rows = lake.rows("growth/select_plan", batch=batch)
    if rows and lake.rows("growth/count_taken_of_batch", batch=batch)[0]["n"]:
        context.log.info(f"{batch} has taken files by its plan, which stays as it is")
    else:
        rows = _planned(context, lake, config, batch)
    result = StageResult(
        len(rows),
        sum(row["quota"] != 0 for row in rows),
        {"growth_plans": rows},
        dropped=[
            Stopped(row["source"], "takes_nothing", f"{row['source']}: {row['reason']}")
            for row in rows
            if row["quota"] == 0
        ],
    )
    asked = [row["quota"] for row in rows if row["quota"] is not None]
    return commit_result(
        context,
        lake,
        result,
        key=dg.AssetKey(PLAN),
        started=started,
        metadata={
            "plan": dg.MetadataValue.md(markdown(rows)),
            "images_asked": sum(asked) if len(asked) == len(rows) else "all that there are",
            "policy": rows[0]["policy"] if rows else config.growth.policy,
        },
        data_version=rows_version([f"{row['source']} {row['quota']}" for row in rows]),
    )


def _planned(context: dg.AssetExecutionContext, lake: Lake, config: Settings, batch: str) -> list[dict[str, Any]]:
    sources = evidence(lake, config, batch)
    made = sum(s.images for s in sources)
    cost = lake.rows("growth/sum_batch_costs", batch=batch)[0]["cost"] / made if made else None
    try:
        planned = plan(
            sources,
            policy=config.growth.policy,
            target=config.release.target,
            batch=batch,
            limit=config.growth.images,
            cost=config.growth.cost,
            cost_per_image=cost,
            weak_boost=config.growth.weak_boost,
        )
    except ValueError as error:
        raise dg.Failure(str(error), allow_retries=False) from None
    if config.growth.cost is not None and not cost:
        context.log.warning("[growth] cost limits nothing yet: no image has cost anything so far")
    return [_row(one, batch, config.growth.policy) for one in planned]


def evidence(lake: Lake, config: Settings, batch: str) -> list[Evidence]:
    """What is known of each source before a batch; files are counted only where the policy asks for it."""
    yields = {row["source"]: row for row in lake.rows("growth/select_source_yields", batch=batch)}
    learnt = {
        row["source"]: row
        for policy in lake.rows("growth/select_board_policy")
        for row in lake.rows("growth/select_heldout_accuracy", **policy)
    }
    shares = target_shares(config)
    end = time.monotonic() + COUNT_S
    untaken = (
        {} if config.growth.policy == "fixed" else new_files(lake, config, late=lambda: time.monotonic() > end).untaken
    )
    return [
        Evidence(
            source.key,
            quota_of(source, config.sources),
            shares.get(source.key, 0.0),
            yields.get(source.key, {}).get("images", 0),
            yields.get(source.key, {}).get("samples", 0),
            untaken.get(source.key),
            learnt.get(source.key, {}).get("accuracy"),
            learnt.get(source.key, {}).get("n", 0),
        )
        for source in sources_of(config.sources)
    ]


def _row(planned: Planned, batch: str, policy: str) -> dict[str, Any]:
    known = planned.evidence
    return {
        "batch": batch,
        "source": known.source,
        "policy": policy,
        "quota": planned.quota,
        "wanted": planned.wanted,
        "samples": known.samples,
        "images": known.images,
        "yield": planned.gives,
        "untaken": known.untaken,
        "accuracy": known.accuracy,
        "weight": planned.weight,
        "reason": planned.reason,
    }


def markdown(rows: Sequence[Mapping[str, Any]]) -> str:
    """The plan as a Markdown table, the sources that give most first."""
    lines = ["| source | images | why |", "|---|---|---|"]
    for row in sorted(rows, key=lambda row: (-(2**31 if row["quota"] is None else row["quota"]), row["source"])):
        images = "all" if row["quota"] is None else f"{row['quota']:,}"
        lines.append(f"| {cell(row['source'])} | {images} | {cell(row['reason'], 300)} |")
    return "\n".join(lines)


def growth_assets() -> list[dg.AssetsDefinition]:
    """The assets of growth."""
    return [
        lake_asset(
            key=PLAN,
            group="sources",
            description=(
                "Growth policy: how many images this batch takes of each source, with the reason in words. `[growth] "
                "policy` decides: the settings' quotas, what the release's mix still lacks, or chance (a control). A "
                "batch that has taken files keeps its plan."
            ),
            tables=("growth_plans",),
            kinds={"duckdb", "python"},
            owner="team:data-platform",
            gates=PLAN_GATES,
            partitioned=True,
            code_version=code_version(["growth/plan"]),
        )(_materialise)
    ]
