"""The assets of growth: `growth_plan` before a batch, `growth_report` after its policy was scored.

Belongs here: reading the evidence, committing, describing. Does not belong here: the rule (plan.py), rows (report.py).
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from resources.lake.resource import Lake
from resources.settings import SettingsResource
from wethink_assets.accounting import StageResult, Stopped
from wethink_assets.asset_factory import lake_asset
from wethink_assets.benchmark_sets.registry import HELDOUT_SET
from wethink_assets.code_versions import code_version
from wethink_assets.commit import commit_result, rows_version
from wethink_assets.commit_changed import commit_if_changed
from wethink_assets.dataset.assets import target_shares
from wethink_assets.evaluation import scoreboard
from wethink_assets.evaluation.assets import BOARD, items_by_set
from wethink_assets.evaluation.families.registry import scored_sets
from wethink_assets.growth import report
from wethink_assets.growth.gates import PLAN_GATES, REPORT_GATES
from wethink_assets.growth.plan import Evidence, Planned, plan
from wethink_assets.presentation.markdown import cell
from wethink_assets.presentation.plots import figure_markdown
from wethink_assets.settings import Settings
from wethink_assets.sources.catalog import sources_of
from wethink_assets.sources.ingest import PLAN, quota_of
from wethink_assets.sources.new_files import new_files

REPORT = dg.AssetKey("growth_report")
COUNT_S = 60.0  # for counting the files that are left; sources that are not reached by then count as endless


def _materialise(context: dg.AssetExecutionContext, lake: Lake, settings: SettingsResource) -> dg.MaterializeResult:
    started = time.monotonic()
    batch, config = context.partition_key, settings.get()
    rows = lake.rows("growth/select_plan", batch=batch)
    if rows and lake.rows("growth/count_taken_of_batch", batch=batch):
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
        context.log.warning("[growth] cost limits nothing yet: no batch that is whole has cost anything")
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
    counts = config.growth.policy != "fixed"
    untaken = new_files(lake, config, late=lambda: time.monotonic() > end).untaken if counts else {}
    nothing = {"images": 0, "samples": 0, "coming": 0, "taken": 0}
    return [
        Evidence(
            source.key,
            quota_of(source, config.sources),
            shares.get(source.key, 0.0),
            untaken=untaken.get(source.key),
            accuracy=learnt.get(source.key, {}).get("accuracy"),
            answers=learnt.get(source.key, {}).get("n", 0),
            **{name: yields.get(source.key, nothing)[name] for name in nothing},
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


def _report(context: dg.AssetExecutionContext, lake: Lake, settings: SettingsResource) -> dg.MaterializeResult:
    started = time.monotonic()
    config = settings.get()
    trained = lake.rows("growth/select_trained_policies")
    if not trained:
        raise dg.Failure("no trained policy was scored yet: materialise scoreboard", allow_retries=False)
    policy_id, previous_id = trained[-1]["policy_id"], trained[-2]["policy_id"] if len(trained) > 1 else None
    sets = (*scored_sets(config.evaluation), HELDOUT_SET)
    pair = {"base": previous_id or policy_id, "rl": policy_id}
    main = lake.rows("evaluation/select_main_scores", **pair)
    changes = (
        scoreboard.board(
            items_by_set(lake, sets),
            lake.rows("evaluation/select_item_scores", **pair),
            main,
            base_id=previous_id,
            rl_id=policy_id,
            resamples=config.evaluation.resamples,
            seed=config.evaluation.seed,
            sets=sets,
        )
        if previous_id
        else []
    )
    costs = lake.rows("synthesis/select_calls_over_batches")
    release = trained[-1]
    grown = report.Grown(
        release["release_id"],
        len(release["batches"]),
        release["rows"],
        lake.rows("growth/count_release_images", release_id=release["release_id"])[0]["n"],
        sum(row["cost"] for row in costs if row["batch"] in release["batches"]),
    )
    rows = report.report_rows(
        policy_id, previous_id, grown, [row for row in main if row["policy_id"] == policy_id], changes
    )
    earlier = [row for row in lake.rows("growth/select_report") if row["policy_id"] != policy_id]
    order = [row["batch"] for row in lake.rows("growth/select_batches")]
    return commit_if_changed(
        context,
        lake,
        StageResult(len(rows), len(rows), {"growth_report": rows}),
        key=REPORT,
        started=started,
        modes={"growth_report": "upsert"},
        metadata={
            "changes": dg.MetadataValue.md(report.markdown(rows)),
            "curve": dg.MetadataValue.md(figure_markdown(report.curve([*earlier, *rows]), "scores over rows")),
            "batches": dg.MetadataValue.md(
                report.batches_markdown(lake.rows("growth/select_batch_accounts"), costs, order)
            ),
            "policies": len({row["policy_id"] for row in earlier} | {policy_id}),
            "rows_of_the_release": grown.rows,
            "cost_of_its_batches": round(grown.cost, 4),
        },
    )


def growth_assets() -> list[dg.AssetsDefinition]:
    """The assets of growth: the plan of each batch, and the report over all."""
    return [
        lake_asset(
            key=REPORT,
            group="evaluation",
            description=(
                "Growth report: what each trained policy scored by the size of its release, the paired change of every "
                "set since the policy before, losses first, and what each batch took, made and cost."
            ),
            tables=("growth_report",),
            kinds={"duckdb", "python"},
            owner="team:vlm-research",
            deps=[BOARD],
            gates=REPORT_GATES,
            code_version=code_version(["growth/report", "evaluation/scoreboard"]),
        )(_report),
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
        )(_materialise),
    ]
