"""The assets of growth: `growth_plan` before a batch, `growth_report` after its policy was scored.

Belongs here: committing, describing. Does not belong here: evidence (evidence.py), rules (plan.py, abilities.py),
rows of the report (report.py).
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
from wethink_assets.growth import evidence, report
from wethink_assets.growth.abilities import AbilityPlanned, ask_for
from wethink_assets.growth.gates import PLAN_GATES, REPORT_GATES
from wethink_assets.growth.plan import Planned, plan
from wethink_assets.presentation.markdown import cell
from wethink_assets.presentation.plots import figure_markdown
from wethink_assets.settings import Settings
from wethink_assets.sources.ingest import PLAN
from wethink_assets.written_rows import GrowthAbilityRow, GrowthPlanRow

REPORT = dg.AssetKey("growth_report")


def _materialise(context: dg.AssetExecutionContext, lake: Lake, settings: SettingsResource) -> dg.MaterializeResult:
    started = time.monotonic()
    batch, config = context.partition_key, settings.get()
    taken = bool(lake.rows("growth/count_taken_of_batch", batch=batch))
    rows: Sequence[Mapping[str, Any]] = lake.rows("growth/select_plan", batch=batch)
    if rows and taken:
        context.log.info(f"{batch} has taken files by its plan, which stays as it is")
    else:
        rows = _planned(context, lake, config, batch)
    # A batch that has taken files may have asked its questions: what they asked for stays, also where it is nothing.
    abilities = lake.rows("growth/select_abilities", batch=batch) if taken else _abilities(lake, config, batch)
    asked_for = [row["ability"] for row in abilities if row["asked"]]
    result = StageResult(
        len(rows),
        sum(row["quota"] != 0 for row in rows),
        {"growth_plans": rows, "growth_abilities": abilities},
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
            "abilities": dg.MetadataValue.md(abilities_markdown(abilities)),
            "abilities_asked": ", ".join(asked_for) or "none in particular",
            "images_asked": sum(asked) if len(asked) == len(rows) else "all that there are",
            "policy": rows[0]["policy"] if rows else config.growth.policy,
        },
        data_version=rows_version(
            [*(f"{row['source']} {row['quota']}" for row in rows), *(f"asks for {name}" for name in asked_for)]
        ),
    )


def _planned(context: dg.AssetExecutionContext, lake: Lake, config: Settings, batch: str) -> list[GrowthPlanRow]:
    sources = evidence.of_sources(lake, config, batch, target_shares(config))
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


def _abilities(lake: Lake, config: Settings, batch: str) -> list[GrowthAbilityRow]:
    own = config.growth
    planned = ask_for(
        evidence.of_abilities(lake, config, batch),
        policy=own.policy,
        most=own.most_abilities,
        weak_boost=own.weak_boost,
    )
    return [_ability_row(one, batch, own.policy) for one in planned]


def _row(planned: Planned, batch: str, policy: str) -> GrowthPlanRow:
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
        "rated": known.rated,
        "learnable": known.learnable,
    }


def _ability_row(planned: AbilityPlanned, batch: str, policy: str) -> GrowthAbilityRow:
    known = planned.evidence
    return {
        "batch": batch,
        "ability": known.ability,
        "policy": policy,
        "asked": planned.asked,
        "aim": planned.aim,
        "share": planned.share,
        "samples": known.samples,
        "proposed": known.proposed,
        "gives": planned.gives,
        "rated": known.rated,
        "learnable": known.learnable,
        "accuracy": known.accuracy,
        "answers": known.answers,
        "weight": planned.weight,
        "reason": planned.reason,
    }


def abilities_markdown(rows: Sequence[Mapping[str, Any]]) -> str:
    """Which abilities are asked for as a Markdown table, those that are furthest behind first."""
    if not rows:
        return "the batch took files before abilities were planned: its questions ask for none in particular"
    lines = [
        f"| {cell(row['ability'])} | {'yes' if row['asked'] else 'no'} | {cell(row['reason'], 300)} |"
        for row in sorted(rows, key=lambda row: (not row["asked"], -row["weight"], row["ability"]))
    ]
    return "\n".join(["| ability | asked for | why |", "|---|---|---|", *lines])


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
                "Growth policy: how many images this batch takes of each source, and which abilities its questions ask "
                "for, with reasons in words. `[growth] policy` decides: the settings' quotas, what the release's mix "
                "still lacks, or chance (a control). A batch that has taken files keeps its plan."
            ),
            tables=("growth_plans", "growth_abilities"),
            kinds={"duckdb", "python"},
            owner="team:data-platform",
            gates=PLAN_GATES,
            partitioned=True,
            code_version=code_version(["growth/plan", "growth/abilities"]),
        )(_materialise),
    ]
