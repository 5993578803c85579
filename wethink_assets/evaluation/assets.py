"""Evaluation assets: a score asset per benchmark set, and the scoreboard; the predictions are in policy_assets.py.

Belongs here: reading, calling the pure functions, committing, describing. Does not belong here: any rule, number or
gate.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import dagster as dg

from resources.calls.messages import CallsError, ModelReply, ModelRequest
from resources.calls.resource import ModelCalls
from resources.lake.resource import Lake
from resources.settings import SettingsResource
from wethink_assets.asset_factory import (
    AssetFunction,
    asset_label,
    check_specs,
    column_schema,
    gate_results,
    lake_asset,
)
from wethink_assets.benchmark_sets.assets import ITEMS
from wethink_assets.benchmark_sets.registry import HELDOUT, HELDOUT_SET, Benchmark
from wethink_assets.commit_changed import commit_if_changed, details_of
from wethink_assets.evaluation import predictions, promotion, scoreboard
from wethink_assets.evaluation.families.registry import scored_sets
from wethink_assets.evaluation.gates import BOARD_GATES
from wethink_assets.evaluation.item import Item
from wethink_assets.evaluation.policy_assets import PREDICTIONS, current_policy, heldout, predictions_asset
from wethink_assets.evaluation.report import html, plots, scoreboard_page
from wethink_assets.evaluation.scorers.vlmevalkit.versions import VERSIONS
from wethink_assets.evaluation.set_metadata import worst
from wethink_assets.evaluation.set_scores import score_set, verdicts_by_set, write_submission
from wethink_assets.evaluation.versions import score_version, scoreboard_version
from wethink_assets.gates import gates_of
from wethink_assets.presentation.plots import png_markdown
from wethink_assets.rewards.judge_retries import ask_until_clear
from wethink_assets.settings import EvaluationSettings, Settings
from wethink_assets.step_lineage import told_lineage

BOARD = dg.AssetKey("scoreboard")


def score_key(name: str) -> dg.AssetKey:
    return dg.AssetKey(["scores", name])


def _score_spec(benchmark: Benchmark) -> dg.AssetSpec:
    what = (
        "The held-out samples of the release, scored as training rewards them"
        if benchmark.name == HELDOUT
        else f"{benchmark.name} ({benchmark.group}), scored by its own rule"
    )
    return dg.AssetSpec(
        score_key(benchmark.name),
        deps=[*PREDICTIONS.values(), dg.AssetKey("release") if benchmark.name == HELDOUT else ITEMS],
        code_version=score_version(benchmark),
        group_name="evaluation",
        description=f"{what}, for base and RL policy: `{benchmark.metric}` out of {benchmark.scale:g}, with intervals.",
        kinds={"python", "duckdb"},
        owners=["team:vlm-research"],
        metadata=column_schema("scores", "item_scores") | {"metric": benchmark.metric, "scale": benchmark.scale},
        skippable=False,
    )


def scores_asset(sets: Sequence[Benchmark]) -> dg.AssetsDefinition:
    """Score assets, one per benchmark set, from one step: the judge is asked about all of them together."""
    gates = {score_key(b.name): gates_of(asset_label(score_key(b.name))) for b in sets}

    @dg.multi_asset(
        name="scores",
        specs=[_score_spec(b) for b in sets],
        check_specs=[spec for key, own in gates.items() for spec in check_specs(key, own)],
        can_subset=True,
    )
    def _scores(
        context: dg.AssetExecutionContext, lake: Lake, settings: SettingsResource, calls: ModelCalls
    ) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
        selected = [b for b in sets if score_key(b.name) in context.selected_asset_keys]
        keys = [score_key(b.name) for b in selected]
        with (
            lake.only_run_of("scores", context.log.info) if selected else nullcontext(),
            told_lineage(context, settings.get(), keys) as told,
        ):
            if selected:
                yield from map(told.made, _score(context, lake, settings.get(), calls, sets, selected))
            yield from gate_results(context, gates, materialised=set(keys))

    return _scores


def _score(
    context: dg.AssetExecutionContext,
    lake: Lake,
    config: Settings,
    calls: ModelCalls,
    sets: Sequence[Benchmark],
    selected: Sequence[Benchmark],
) -> Iterator[dg.MaterializeResult]:
    policies = {kind: current_policy(lake, kind)["policy_id"] for kind in PREDICTIONS}
    items = items_by_set(lake, sets)
    unreadable = {row["benchmark"]: row for row in lake.rows("evaluation/count_unreadable_rows")}

    kit = VERSIONS[config.evaluation.vlmevalkit]
    answered = lake.rows("evaluation/select_predictions", **policies)
    answers = verdicts_by_set(items, answered, selected, judge_of(context, config, calls, "scores"), kit)
    contaminated = contaminated_items(lake)
    before = details_of(lake, [score_key(b.name) for b in selected])
    for benchmark in selected:
        started = time.monotonic()
        key = score_key(benchmark.name)
        lost = unreadable.get(benchmark.name, {})
        own = items.get(benchmark.name, [])
        result, verdicts = score_set(
            benchmark,
            answers[benchmark.name],
            {policy: kind for kind, policy in policies.items()},
            n_set=len(own) + lost.get("rows", 0),
            resamples=config.evaluation.resamples,
            seed=config.evaluation.seed,
            rules_only=config.evaluation.rules_only,
            contaminated=contaminated.get(benchmark.name, ()),
            kit=kit,
        )
        files = {}
        for policy, replies in verdicts.items():
            path = config.home / "submissions" / policy / f"{benchmark.name}.tsv"
            if written := write_submission(path, replies):
                files[f"submission_{policy}"] = dg.MetadataValue.path(config.shown(path))
                context.log.info(
                    f"{benchmark.name} hides {written} golds: the answers of {policy} are in {config.shown(path)}"
                )
        rows = result.rows["scores"]
        yield commit_if_changed(
            context,
            lake,
            result,
            key=key,
            started=started,
            details=before[key],
            modes={"item_scores": "upsert", "scores": "upsert"},
            metadata={
                **_headline(rows),
                **files,
                "unreadable_rows": lost.get("rows", 0),
                **_notes(rows),
                "examples": worst(verdicts, config.explorer.url),
            },
        )


def judge_of(
    context: dg.AssetExecutionContext, config: Settings, calls: ModelCalls, asset: str
) -> Callable[[list[ModelRequest]], list[ModelReply]] | None:
    """How scoring asks the judge, behind the ledger; None where rules alone score."""
    if config.evaluation.rules_only:
        return None

    def once(requests: list[ModelRequest]) -> list[ModelReply]:
        return calls.run(requests, asset=asset, batch="", run_id=context.run.run_id, log=context.log)

    def ask(requests: list[ModelRequest]) -> list[ModelReply]:
        try:
            limits = config.rewards
            return ask_until_clear(
                once,
                requests,
                passes=limits.judge_passes,
                clear=lambda reply: reply.ok,
                refused_again=limits.refused_again,
            )
        except CallsError as error:
            raise dg.Failure(str(error), allow_retries=False) from None

    return ask


def contaminated_items(lake: Lake) -> dict[str, set[str]]:
    """Items by set that a source holds too."""
    contaminated: dict[str, set[str]] = {}
    for row in lake.rows("evaluation/select_contaminated_items"):
        contaminated.setdefault(row["benchmark"], set()).add(row["item"])
    return contaminated


def items_by_set(lake: Lake, sets: Sequence[Benchmark]) -> dict[str, list[Item]]:
    """Benchmark items by set, as the policies are asked them."""
    items: dict[str, list[Item]] = {}
    for item in [*predictions.asked_items(lake.rows("evaluation/select_items"), sets), *heldout(lake)]:
        items.setdefault(item.benchmark, []).append(item)
    return items


def _headline(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for row in rows:
        if row["main"]:
            if row["value"] is not None:
                shown[f"{row['policy_kind']}_score"] = row["value"]
            shown[f"{row['policy_kind']}_n"] = f"{row['n']} of {row['n_set']}"
    return shown


def _notes(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """What has to be said of each scorer's numbers, which are the same words for all of them."""
    return {f"notes_{row['scorer']}": row["notes"] for row in rows if row["notes"]}


def scoreboard_asset(sets: Sequence[Benchmark]) -> dg.AssetsDefinition:
    """The scoreboard asset: the table over all sets."""
    return lake_asset(
        key=BOARD,
        group="evaluation",
        description=(
            "Base against RL policy on every set: scores with 95 % intervals, the paired change, and the paper's "
            "figures marked as such. A set that got worse raises a warning even where the mean rose; a policy that is "
            "below its base on held-out rows is not promoted."
        ),
        tables=("scoreboard", "promotions"),
        kinds=("python", "duckdb"),
        owner="team:vlm-research",
        deps=[score_key(b.name) for b in sets],
        gates=BOARD_GATES,
        code_version=scoreboard_version(sets),
    )(_scoreboard(sets))


def _scoreboard(sets: Sequence[Benchmark]) -> AssetFunction:
    def compare(context: dg.AssetExecutionContext, lake: Lake, settings: SettingsResource) -> dg.MaterializeResult:
        started = time.monotonic()
        config = settings.get()
        policies = {kind: current_policy(lake, kind)["policy_id"] for kind in PREDICTIONS}
        main = lake.rows("evaluation/select_main_scores", **policies)
        kit = VERSIONS[config.evaluation.vlmevalkit]
        rows = scoreboard.board(
            items_by_set(lake, sets),
            lake.rows("evaluation/select_item_scores", **policies),
            main,
            base_id=policies["base"],
            rl_id=policies["rl"],
            resamples=config.evaluation.resamples,
            seed=config.evaluation.seed,
            sets=sets,
            kit=lake.rows("evaluation/select_vlmevalkit_scores", **policies, scorer=kit.scorer),
            kit_scorer=kit.scorer,
        )
        result = scoreboard.stage(rows)
        release = lake.rows("dataset/select_latest_release")
        judged = promotion.verdict(rows, release[0]["release_id"] if release else None)
        if judged:
            result.rows["promotions"] = [judged]
        pictures = {
            "plot": plots.plot(main, *policies.values(), sets),
            "radar": plots.radar(main, *policies.values(), sets),
        }
        page = write_page(lake, config, policies, rows, sets, pictures)
        change = next((r for r in rows if r["benchmark"] == HELDOUT), {})
        return commit_if_changed(
            context,
            lake,
            result,
            key=BOARD,
            started=started,
            replace={"scoreboard": {}, "promotions": {"policy_id": policies["rl"]}},
            metadata={
                "scoreboard": dg.MetadataValue.md(scoreboard.markdown(rows, main, sets)),
                **{name: dg.MetadataValue.md(png_markdown(data, name)) for name, data in pictures.items()},
                "page": dg.MetadataValue.path(config.shown(page)),
                **{
                    f"heldout_{k}": v
                    for k in ("base", "rl", "delta", "low", "high")
                    if (v := change.get(k)) is not None
                },
            },
        )

    return compare


def write_page(
    lake: Lake,
    settings: Settings,
    policies: dict[str, str],
    rows: Sequence[Mapping[str, Any]],
    sets: Sequence[Benchmark],
    pictures: dict[str, bytes],
) -> Path:
    """Write the scoreboard as one HTML page with every item and reply; returns its path."""
    names = [b.name for b in sets]
    numbers = {
        kind: lake.rows("evaluation/select_policy_scores", policy_id=policy, benchmarks=names)
        for kind, policy in policies.items()
    }

    answers: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for policy in policies.values():  # one query per policy: 2 KB per answer in memory; one per set costs seconds
        for row in lake.rows("evaluation/select_answers", policy_id=policy, benchmarks=names):
            answers.setdefault((policy, row["benchmark"]), []).append(row)
    path = settings.home / "reports" / f"scoreboard_{policies['rl']}.html"
    return html.write(
        path, "Scoreboard", scoreboard_page.page_parts(rows, numbers, sets, lambda *of: answers.get(of, []), pictures)
    )


def evaluation_assets(settings: EvaluationSettings | None = None) -> list[dg.AssetsDefinition]:
    """The assets of predictions, scores and scoreboard, for the sets that the settings name.

    Raises:
        ValueError: an added set is not usable; the message names it.
    """
    sets = (*scored_sets(settings or EvaluationSettings()), HELDOUT_SET)
    return [
        predictions_asset("base", sets),
        predictions_asset("rl", sets),
        scores_asset(sets),
        scoreboard_asset(sets),
    ]
