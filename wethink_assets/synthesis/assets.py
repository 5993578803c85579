"""Synthesis assets: one Dagster asset per stage, which reads a batch, asks models and commits with gates and examples.

Belongs here: the frame around every stage.
Does not belong here: any stage (its own module), which there are (registry.py).
"""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import dagster as dg

from resources.calls.failures import FailureLimit
from resources.calls.messages import ModelReply, ModelRequest
from resources.calls.resource import ModelCalls
from resources.image_files import ImageFiles
from resources.lake.resource import Lake
from resources.lake.sql_files import statement, tables
from resources.scratch import scratch_folder
from resources.settings import SettingsResource
from wethink_assets.asset_factory import asset_label, lake_asset
from wethink_assets.code_versions import ASKING, SHOWING, code_version
from wethink_assets.commit import commit_result, rows_version
from wethink_assets.presentation.examples import example_table, pick
from wethink_assets.presentation.markdown import Markdown
from wethink_assets.presentation.row_links import explorer_page, row_link
from wethink_assets.settings import SynthesisSettings
from wethink_assets.stage_spool import StageSpool
from wethink_assets.synthesis import calls_metadata
from wethink_assets.synthesis.registry import in_the_way_of, parents_of, stages
from wethink_assets.synthesis.stage import StageRun, StageSpec, passed_by
from wethink_assets.synthesis.stage_calls import Row

GROUP = "synthesis"
OWNER = "team:data-platform"


def synthesis_assets() -> list[dg.AssetsDefinition]:
    """One asset per stage, partitioned by growth batch, in the order of the pipeline."""
    return [stage_asset(stage) for stage in stages()]


def stage_asset(stage: StageSpec) -> dg.AssetsDefinition:
    """The Dagster asset of one stage, with its gates and, where it asks models, those on its calls."""
    factory = lake_asset(
        key=stage.name,
        group=GROUP,
        description=stage.description,
        tables=(stage.table, *stage.further_tables),
        kinds={"openai", "duckdb"} if stage.asks else {"duckdb", "python"},
        owner=OWNER,
        deps=parents_of(stage),
        partitioned=True,
        code_version=stage_code_version(stage),
        gates=(*stage.gates, *(calls_metadata.CALL_GATES if stage.asks else ())),
    )
    if stage.asks:
        return factory(partial(_materialise_asking, stage))
    return factory(partial(_materialise_alone, stage))


def stage_code_version(stage: StageSpec) -> str:
    """What decides a stage's rows: its module and what that reaches, how models are asked, its prompts, its statement,
    and the stages in its way.
    """
    return code_version(
        [_module_of(stage.run), *((*ASKING, *SHOWING) if stage.asks else ())],
        [("rewards" if name == "judge" else "synthesis", name) for name in stage.prompt_names()],
        [statement(stage.reads), *(other.name for other in in_the_way_of(stage))],
    )


def _module_of(run: Callable[..., Any]) -> str:
    """The module of a stage's rules, also where `run` is a function with arguments bound to it."""
    while isinstance(run, partial):
        run = run.func
    return run.__module__


def _materialise_asking(
    stage: StageSpec,
    context: dg.AssetExecutionContext,
    lake: Lake,
    settings: SettingsResource,
    images: ImageFiles,
    calls: ModelCalls,
) -> dg.MaterializeResult:
    return _materialise(stage, context, lake, settings, images, calls=calls)


def _materialise_alone(
    stage: StageSpec, context: dg.AssetExecutionContext, lake: Lake, settings: SettingsResource, images: ImageFiles
) -> dg.MaterializeResult:
    return _materialise(stage, context, lake, settings, images, calls=None)


def _materialise(
    stage: StageSpec,
    context: dg.AssetExecutionContext,
    lake: Lake,
    settings: SettingsResource,
    images: ImageFiles,
    *,
    calls: ModelCalls | None,
) -> dg.MaterializeResult:
    started = time.monotonic()
    key, batch, config, run_id = dg.AssetKey(stage.name), context.partition_key, settings.get(), context.run.run_id
    limits = config.synthesis
    ask = _no_model
    if calls is not None:
        # Stops paying once too many of the rows that the stage asked about have failed.
        failures = FailureLimit(limits.max_failed_share, limits.stop_after_failed)
        ask = calls.for_asset(context, batch=batch, failures=failures)
    at = StageRun(ask, batch, config, lake)
    with scratch_folder(config.scratch_dir, stage.name) as folder:
        spool = StageSpool(stage.name, batch, run_id, (stage.table, *stage.further_tables), folder / "rows")
        examples = run_windows(stage, at, spool, lake, folder / "input", context.log.info)
        _stop_when_too_many_failed(stage.name, spool, limits)
        if stage.conclude:
            spool.conclude(stage.conclude(spool, at))
        metadata: dict[str, Any] = dict(stage.describe(spool, at)) if stage.describe else {}
        if calls is not None:
            asked = lake.rows("synthesis/summarise_calls", run_id=run_id, asset=asset_label(key), batch=batch)
            metadata |= calls_metadata.metadata(asked[0])
        if examples:
            images.prefetch([row["image_id"] for row in examples])
            link = partial(_link, stage, config.explorer.url)
            metadata["examples"] = Markdown(example_table(examples, stage.columns_shown, images.bytes, link))
        metadata |= explorer_page(config.explorer.url, batch=batch)
        return commit_result(
            context,
            lake,
            spool,
            key=key,
            started=started,
            metadata={**metadata, "dagster/row_count": spool.spools[stage.table].rows},  # evidence is counted apart
            data_version=rows_version(spool.spools[stage.table].column(stage.id_column)),
        )


def _link(stage: StageSpec, explorer: str, row: Mapping[str, Any]) -> str:
    """To the page of an example; where a stage shows other rows than its own, to their image's."""
    return row_link(explorer, row.get(stage.id_column) or row["image_id"])


def run_windows(
    stage: StageSpec, at: StageRun, spool: StageSpool, lake: Lake, folder: Path, log: Callable[[str], None]
) -> list[Mapping[str, Any]]:
    """Run a stage over its rows, window by window, into the spool. Returns rows that show what it does."""
    size = at.settings.synthesis.window_rows
    windows = lake.windows(stage.reads, folder, size=size, batch=at.batch)
    shown: list[Mapping[str, Any]] = []
    done = 0
    for given in windows if windows.rows else [[]]:  # a stage without rows still tells its counts
        rows = passing(stage, given, lake, at.batch)
        result = stage.run(rows, at)
        spool.add(result)
        if committed := result.rows[stage.table]:
            shown = pick([*shown, *pick(stage.examples(rows, result) if stage.examples else committed)])
        done += len(given)
        if windows.rows > size:
            log(f"{stage.name}: {done:,} of {windows.rows:,} rows are done ({done / windows.rows:.0%})")
    return shown


def passing(stage: StageSpec, rows: Sequence[Row], lake: Lake, batch: str) -> Sequence[Row]:
    """Those of a stage's rows that every stage in its way let pass."""
    for other in in_the_way_of(stage):
        key = other.passes_by
        if key in tables()[other.table].column_names:
            written = lake.slice(other.table, batch, key=key, among=[row[key] for row in rows if key in row])
        else:
            written = lake.slice(other.table, batch)
        rows = passed_by(rows, other, written)
    return rows


def _no_model(requests: Sequence[ModelRequest]) -> list[ModelReply]:
    raise AssertionError("a stage without prompts asked a model")


def _stop_when_too_many_failed(name: str, result: StageSpool, limits: SynthesisSettings) -> None:
    limit = limits.max_failed_share
    share = result.rows_failed / max(1, result.rows_in)
    if result.first_failed is None or share <= limit:
        return
    reasons = ", ".join(f"{reason} {count}" for reason, count in result.reasons().items())
    raise dg.Failure(
        f"{name}: {result.rows_failed} of {result.rows_in} rows failed ({share:.0%}, at most "
        f"{limit:.0%} may): {reasons}. First: {result.first_failed.detail[:300]}. Nothing was committed; finished "
        "calls stay in the ledger. Cure the cause, or raise synthesis.max_failed_share.",
        allow_retries=False,
    )
