"""The evaluation assets: items, 15 score assets, the scoreboard; the predictions are in policy_assets.py.

Belongs here: reading, calling the pure functions, committing, describing. Does not belong here: any rule or number.
"""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import dagster as dg

from resources.calls.messages import CallsError, ModelReply, ModelRequest
from resources.calls.resource import ModelCalls
from resources.lake.resource import Lake
from resources.settings import SettingsResource
from wethink_assets.benchmark_sets.files import SetFiles
from wethink_assets.benchmark_sets.image_store import ImageStore
from wethink_assets.benchmark_sets.items import fingerprint, read_benchmarks
from wethink_assets.benchmark_sets.registry import HELDOUT, HELDOUT_SET, Benchmark, sets_of
from wethink_assets.commit import column_schema, commit_stage, conservation_result, conservation_spec
from wethink_assets.commit_changed import earlier, record, recorded, rows_id
from wethink_assets.evaluation import predictions, scoreboard
from wethink_assets.evaluation.families.registry import scored_sets
from wethink_assets.evaluation.policy_assets import ITEMS, PREDICTIONS, current_policy, heldout, predictions_asset
from wethink_assets.evaluation.report import html, plots, scoreboard_page
from wethink_assets.evaluation.scoring import Item
from wethink_assets.evaluation.set_metadata import md5_check, per_set, preview, worst
from wethink_assets.evaluation.set_scores import score_set, verdicts_by_set, write_submission
from wethink_assets.presentation.plots import png_markdown
from wethink_assets.rewards.judge_retries import ask_until_clear
from wethink_assets.settings import EvaluationSettings, Settings

BOARD = dg.AssetKey("scoreboard")


@dg.asset(
    key=ITEMS,
    group_name="images",
    description=(
        "Items and images of the 14 evaluation sets, read from VLMEvalKit's TSV files. Images are kept once each under "
        "the hash of their bytes. The contamination gate of the image pool and the scores both stand on these rows."
    ),
    kinds={"python", "duckdb"},
    owners=["team:vlm-research"],
    metadata=column_schema("benchmark_items", "benchmark_images"),
    check_specs=[
        conservation_spec(ITEMS),
        dg.AssetCheckSpec("published_files", asset=ITEMS, description="Each file's MD5 is that of the published one."),
        dg.AssetCheckSpec("all_sets_present", asset=ITEMS, description="All 14 files are there and have items."),
    ],
)
def benchmark_items(context: dg.AssetExecutionContext, lake: Lake, settings: SettingsResource) -> dg.MaterializeResult:
    started = time.monotonic()
    chosen = settings.get()
    files, sets = SetFiles.of(chosen), sets_of(chosen.evaluation)
    details = recorded(lake, ITEMS)
    try:
        version = fingerprint(files, sets)
    except OSError as error:  # nothing is known of the files, so what was read before stays
        raise dg.Failure(f"the evaluation sets in {files.name} cannot be reached: {error.strerror or error}") from None
    if details.get("fingerprint") == version and details.get("complete"):
        context.log.info(f"the files in {files.name} are those that were read before")
        items = lake.rows("evaluation/select_items")
        images = lake.rows("evaluation/select_images")
        return dg.MaterializeResult(
            metadata=_items_metadata(items, images, chosen) | {"unchanged": True},
            check_results=[conservation_result(lake, ITEMS, ""), md5_check(ITEMS, details), _present(lake, sets)],
            data_version=dg.DataVersion(details["data_version"]),
        )
    known = {row["image_id"]: row for row in lake.rows("evaluation/select_images")}
    result = read_benchmarks(
        files, ImageStore(chosen.image_store_dir), known=known, sets=sets, memory=chosen.set_memory_dir
    )
    items = result.rows["benchmark_items"]
    data_version = rows_id(result)
    result.details |= {"data_version": data_version, "complete": not result.failed}
    return commit_stage(
        context,
        lake,
        result,
        key=ITEMS,
        batch="",
        run_id=context.run.run_id,
        started=started,
        replace={"benchmark_items": {}, "benchmark_images": {}},
        metadata=_items_metadata(items, result.rows["benchmark_images"], chosen),
        checks=[md5_check(ITEMS, result.details), _present(lake, sets, {i["benchmark"] for i in items})],
        data_version=data_version,
    )


def _items_metadata(items: Any, images: Any, chosen: Settings) -> dict[str, Any]:
    return {
        "dagster/row_count": len(items) + len(images),
        "images": len(images),
        "sets": dg.MetadataValue.md(per_set(items)),
        "preview": dg.MetadataValue.md(preview(items, images, chosen.image_store_dir)),
    }


def _present(lake: Lake, sets: Sequence[Benchmark], names: set[str] | None = None) -> dg.AssetCheckResult:
    names = {row["benchmark"] for row in lake.rows("evaluation/select_items")} if names is None else names
    missing = [b.file_name for b in sets if b.name not in names]
    return dg.AssetCheckResult(
        asset_key=ITEMS,
        check_name="all_sets_present",
        passed=not missing,
        description=f"without items: {', '.join(missing)}; put the files into the folder of evaluation sets"
        if missing
        else f"{len(sets)} sets have items",
    )


# -- scores --------------------------------------------------------------------------------------


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
        group_name="evaluation",
        description=f"{what}, for base and RL policy: `{benchmark.metric}` out of {benchmark.scale:g}, with intervals.",
        kinds={"python", "duckdb"},
        owners=["team:vlm-research"],
        metadata=column_schema("scores", "item_scores") | {"metric": benchmark.metric, "scale": benchmark.scale},
        skippable=False,
    )


def scores_asset(sets: Sequence[Benchmark]) -> dg.AssetsDefinition:
    """One score asset a set, from one step: the judge is asked about all of them together."""

    @dg.multi_asset(
        name="scores",
        specs=[_score_spec(b) for b in sets],
        check_specs=[conservation_spec(score_key(b.name)) for b in sets],
        can_subset=True,
    )
    def _scores(
        context: dg.AssetExecutionContext, lake: Lake, settings: SettingsResource, calls: ModelCalls
    ) -> Iterator[dg.MaterializeResult]:
        chosen = settings.get()
        policies = {kind: current_policy(lake, kind)["policy_id"] for kind in PREDICTIONS}
        items = items_by_set(lake, sets)
        unreadable = {row["benchmark"]: row for row in lake.rows("evaluation/count_unreadable_rows")}
        chosen_sets = [b for b in sets if score_key(b.name) in context.selected_asset_keys]

        def once(requests: list[ModelRequest]) -> list[ModelReply]:
            return calls.run(requests, asset="scores", batch="", run_id=context.run.run_id, log=context.log)

        def ask(requests: list[ModelRequest]) -> list[ModelReply]:
            try:
                limits = chosen.rewards
                return ask_until_clear(
                    once,
                    requests,
                    passes=limits.judge_passes,
                    clear=lambda reply: reply.ok,
                    refused_again=limits.refused_again,
                )
            except CallsError as error:
                raise dg.Failure(str(error), allow_retries=False) from None

        answered = lake.rows("evaluation/select_predictions", **policies)
        found = verdicts_by_set(items, answered, chosen_sets, None if chosen.evaluation.rules_only else ask)
        contaminated: dict[str, set[str]] = {}
        for row in lake.rows("evaluation/select_contaminated_items"):
            contaminated.setdefault(row["benchmark"], set()).add(row["item"])
        before = earlier(lake, [score_key(b.name) for b in chosen_sets])
        for benchmark in chosen_sets:
            started = time.monotonic()
            key = score_key(benchmark.name)
            lost = unreadable.get(benchmark.name, {})
            own = items.get(benchmark.name, [])
            result, verdicts = score_set(
                benchmark,
                found[benchmark.name],
                {policy: kind for kind, policy in policies.items()},
                n_set=len(own) + lost.get("rows", 0),
                resamples=chosen.evaluation.resamples,
                seed=chosen.evaluation.seed,
                rules_only=chosen.evaluation.rules_only,
                contaminated=contaminated.get(benchmark.name, ()),
            )
            files = {}
            for policy, replies in verdicts.items():
                path = chosen.home / "submissions" / policy / f"{benchmark.name}.tsv"
                if written := write_submission(path, replies):
                    files[f"submission_{policy}"] = dg.MetadataValue.path(path)
                    context.log.info(f"{benchmark.name} hides {written} golds: the answers of {policy} are in {path}")
            rows = result.rows["scores"]
            yield record(
                context,
                lake,
                result,
                key=key,
                started=started,
                before=before[key],
                modes={"item_scores": "upsert", "scores": "upsert"},
                metadata={
                    **_headline(rows),
                    **files,
                    "unreadable_rows": lost.get("rows", 0),
                    "examples": dg.MetadataValue.md(worst(verdicts)),
                },
            )

    return _scores


def items_by_set(lake: Lake, sets: Sequence[Benchmark]) -> dict[str, list[Item]]:
    """Items of every set as the policies are asked them."""
    found: dict[str, list[Item]] = {}
    for item in [*predictions.asked_items(lake.rows("evaluation/select_items"), sets), *heldout(lake)]:
        found.setdefault(item.benchmark, []).append(item)
    return found


def _headline(rows: list[dict[str, Any]]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for row in rows:
        if row["main"]:
            if row["value"] is not None:
                shown[f"{row['policy_kind']}_score"] = row["value"]
            shown[f"{row['policy_kind']}_n"] = f"{row['n']} of {row['n_set']}"
    return shown


def scoreboard_asset(sets: Sequence[Benchmark]) -> dg.AssetsDefinition:
    """The table over all sets."""

    @dg.asset(
        key=BOARD,
        group_name="evaluation",
        deps=[score_key(b.name) for b in sets],
        description=(
            "Base against RL policy on every set: scores with 95 % intervals, the paired change, and the paper's "
            "figures marked as such. A set that got worse raises a warning even where the mean rose."
        ),
        kinds={"python", "duckdb"},
        owners=["team:vlm-research"],
        metadata=column_schema("scoreboard"),
        check_specs=[
            conservation_spec(BOARD),
            dg.AssetCheckSpec("no_significant_regression", asset=BOARD, description="No set got significantly worse."),
            dg.AssetCheckSpec(
                "scores_complete", asset=BOARD, description="Every number stands on all items of its set."
            ),
        ],
    )
    def _board(context: dg.AssetExecutionContext, lake: Lake, settings: SettingsResource) -> dg.MaterializeResult:
        started = time.monotonic()
        chosen = settings.get().evaluation
        policies = {kind: current_policy(lake, kind)["policy_id"] for kind in PREDICTIONS}
        main = lake.rows("evaluation/select_main_scores", **policies)
        rows = scoreboard.board(
            items_by_set(lake, sets),
            lake.rows("evaluation/select_item_scores", **policies),
            main,
            base_id=policies["base"],
            rl_id=policies["rl"],
            resamples=chosen.resamples,
            seed=chosen.seed,
            sets=sets,
            kit=lake.rows("evaluation/select_vlmevalkit_scores", **policies),
        )
        result = scoreboard.stage(rows)
        pictures = {
            "plot": plots.plot(main, *policies.values(), sets),
            "radar": plots.radar(main, *policies.values(), sets),
        }
        page = write_page(lake, settings.get(), policies, rows, sets, pictures)
        worse, sure = scoreboard.regressions(rows), scoreboard.sure_regressions(rows)
        partial = [
            f"{r['benchmark']} {r['policy_kind']}: {r['n']} of {r['n_set']}"
            for r in main
            if r["n"] < r["n_set"] or not r["n_set"]
        ]
        change = next((r for r in rows if r["benchmark"] == HELDOUT), {})
        return record(
            context,
            lake,
            result,
            key=BOARD,
            started=started,
            replace={"scoreboard": {}},
            metadata={
                "scoreboard": dg.MetadataValue.md(scoreboard.markdown(rows, main, sets)),
                **{name: dg.MetadataValue.md(png_markdown(data, name)) for name, data in pictures.items()},
                "page": dg.MetadataValue.path(page),
                **{
                    f"heldout_{k}": v
                    for k in ("base", "rl", "delta", "low", "high")
                    if (v := change.get(k)) is not None
                },
            },
            checks=[
                dg.AssetCheckResult(
                    asset_key=BOARD,
                    check_name="no_significant_regression",
                    passed=not (worse or sure),
                    severity=dg.AssetCheckSeverity.ERROR if sure else dg.AssetCheckSeverity.WARN,
                    description=(
                        f"worse: {', '.join(worse or sure)}; after Holm's correction: {', '.join(sure) or 'none'}"
                        if worse or sure
                        else "none got worse"
                    ),
                ),
                dg.AssetCheckResult(
                    asset_key=BOARD,
                    check_name="scores_complete",
                    passed=not partial,
                    severity=dg.AssetCheckSeverity.WARN,
                    description="; ".join(partial)[:1000] or "all items of all sets",
                ),
            ],
        )

    return _board


def write_page(
    lake: Lake,
    settings: Settings,
    policies: dict[str, str],
    rows: Sequence[dict[str, Any]],
    sets: Sequence[Benchmark],
    pictures: dict[str, bytes],
) -> Path:
    """The scoreboard as one HTML page, with every item and reply."""
    names = [b.name for b in sets]
    numbers = {
        kind: lake.rows("evaluation/select_policy_scores", policy_id=policy, benchmarks=names)
        for kind, policy in policies.items()
    }

    answers: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for policy in policies.values():  # one query a policy: two KB an answer in memory, where one a set costs seconds
        for row in lake.rows("evaluation/select_answers", policy_id=policy, benchmarks=names):
            answers.setdefault((policy, row["benchmark"]), []).append(row)
    path = settings.home / "reports" / f"scoreboard_{policies['rl']}.html"
    return html.write(
        path, "Scoreboard", scoreboard_page.page_parts(rows, numbers, sets, lambda *of: answers.get(of, []), pictures)
    )


def evaluation_assets(settings: EvaluationSettings | None = None) -> list[dg.AssetsDefinition]:
    """All assets of this room, for the sets that the settings name.

    Raises:
        ValueError: an added set is not usable; the message names it.
    """
    sets = (*scored_sets(settings or EvaluationSettings()), HELDOUT_SET)
    return [
        benchmark_items,
        predictions_asset("base"),
        predictions_asset("rl"),
        scores_asset(sets),
        scoreboard_asset(sets),
    ]
