"""Evaluation of the SFT policy: its predictions and its scores, beside the scoreboard of base and RL policy.

Belongs here: those two optional assets. Does not belong here: any rule or number (set_scores.py), how a policy is asked
(policy_assets.py).
"""

import time
from collections.abc import Sequence

import dagster as dg

from resources.calls.resource import ModelCalls
from resources.lake.resource import Lake
from resources.settings import SettingsResource
from wethink_assets.accounting import StageResult, content_id
from wethink_assets.asset_factory import AssetFunction, lake_asset
from wethink_assets.benchmark_sets.assets import ITEMS
from wethink_assets.benchmark_sets.registry import HELDOUT_SET, Benchmark
from wethink_assets.commit_changed import commit_if_changed
from wethink_assets.evaluation.assets import contaminated_items, items_by_set, judge_of
from wethink_assets.evaluation.families.registry import scored_sets
from wethink_assets.evaluation.policy_assets import ASIDE, current_policy, predictions_asset
from wethink_assets.evaluation.scorers.vlmevalkit.versions import VERSIONS
from wethink_assets.evaluation.set_scores import score_set, verdicts_by_set
from wethink_assets.evaluation.versions import score_version
from wethink_assets.presentation.markdown import Markdown, cell
from wethink_assets.settings import EvaluationSettings

SCORES = dg.AssetKey("scores_sft")
GROUP = "fine_tuning"


def sft_evaluation_assets(settings: EvaluationSettings | None = None) -> list[dg.AssetsDefinition]:
    """What the SFT policy answers to all sets and held-out samples, and its scores."""
    sets = (*scored_sets(settings or EvaluationSettings()), HELDOUT_SET)
    scores = lake_asset(
        key=SCORES,
        group=GROUP,
        description=(
            "Optional: the SFT policy's scores on every set and on held-out samples, with intervals, by the rules that "
            "score base and RL policy."
        ),
        tables=("scores", "item_scores"),
        kinds=("python", "duckdb"),
        owner="team:vlm-research",
        deps=[*ASIDE.values(), ITEMS, "release"],
        code_version=content_id(*(score_version(benchmark) for benchmark in sets))[:16],
    )
    return [predictions_asset("sft", sets, GROUP), scores(_scores(sets))]


def _scores(sets: Sequence[Benchmark]) -> AssetFunction:
    def score(
        context: dg.AssetExecutionContext, lake: Lake, settings: SettingsResource, calls: ModelCalls
    ) -> dg.MaterializeResult:
        started = time.monotonic()
        config = settings.get()
        policy = current_policy(lake, "sft")["policy_id"]
        items = items_by_set(lake, sets)
        kit = VERSIONS[config.evaluation.vlmevalkit]
        answered = lake.rows("evaluation/select_predictions", base=policy, rl=policy)
        answers = verdicts_by_set(items, answered, sets, judge_of(context, config, calls, "scores_sft"), kit)
        contaminated = contaminated_items(lake)
        unreadable = {row["benchmark"]: row["rows"] for row in lake.rows("evaluation/count_unreadable_rows")}
        whole = StageResult(0, 0, {"item_scores": [], "scores": []})
        for benchmark in sets:
            result, _ = score_set(
                benchmark,
                answers[benchmark.name],
                {policy: "sft"},
                n_set=len(items.get(benchmark.name, ())) + unreadable.get(benchmark.name, 0),
                resamples=config.evaluation.resamples,
                seed=config.evaluation.seed,
                rules_only=config.evaluation.rules_only,
                contaminated=contaminated.get(benchmark.name, ()),
                kit=kit,
            )
            whole = StageResult(
                whole.rows_in + result.rows_in,
                whole.continued + result.continued,
                {table: [*rows, *result.rows[table]] for table, rows in whole.rows.items()},
                [*whole.dropped, *result.dropped],
                [*whole.failed, *result.failed],
            )
        shown = [row for row in whole.rows["scores"] if row["main"] and row["value"] is not None]
        lines = [f"| {cell(r['benchmark'])} | {r['value']:.2f} | {r['n']} of {r['n_set']} |" for r in shown]
        return commit_if_changed(
            context,
            lake,
            whole,
            key=SCORES,
            started=started,
            modes={"item_scores": "upsert", "scores": "upsert"},
            metadata={
                "policy": policy,
                "scores": Markdown("\n".join(["| set | score | items |", "|---|---|---|", *lines])),
            },
        )

    return score
