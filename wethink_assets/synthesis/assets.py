"""Synthesis assets: one Dagster asset per stage, which reads a batch, asks models and commits with gates and examples.

Belongs here: the frame around every stage.
Does not belong here: any stage (its own module), which there are (registry.py).
"""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import dagster as dg

from resources.calls.failures import FailureLimit
from resources.calls.messages import ModelReply, ModelRequest
from resources.calls.resource import ModelCalls
from resources.image_files import ImageFiles
from resources.lake.resource import Lake
from resources.lake.sql_files import statement
from resources.settings import SettingsResource
from wethink_assets.accounting import StageResult
from wethink_assets.asset_factory import asset_label, lake_asset
from wethink_assets.code_versions import code_version
from wethink_assets.commit import commit_result, rows_version
from wethink_assets.presentation.examples import example_table, pick
from wethink_assets.presentation.markdown import Markdown
from wethink_assets.settings import SynthesisSettings
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
    """What decides a stage's rows: its module and what that reaches, its prompts, its statement, and the stages in its
    way.
    """
    return code_version(
        [_module_of(stage.run)],
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
    key, batch, config = dg.AssetKey(stage.name), context.partition_key, settings.get()
    rows = input_rows(stage, lake, batch)
    limits = config.synthesis
    ask = _no_model
    if calls is not None:
        # Stops paying once too many of the rows that the stage asked about have failed.
        failures = FailureLimit(limits.max_failed_share, limits.stop_after_failed)
        ask = calls.for_asset(context, batch=batch, failures=failures)
    at = StageRun(ask, batch, config, lake)
    result = stage.run(rows, at)
    _stop_when_too_many_failed(stage.name, result, limits)
    committed = list(result.rows[stage.table])
    metadata: dict[str, Any] = dict(stage.describe(rows, result, at)) if stage.describe else {}
    if calls is not None:
        asked = lake.rows("synthesis/summarise_calls", run_id=context.run.run_id, asset=asset_label(key), batch=batch)
        metadata |= calls_metadata.metadata(asked[0])
    if committed:
        examples = pick(stage.examples(rows, result) if stage.examples else committed)
        images.prefetch([row["image_id"] for row in examples])
        metadata["examples"] = Markdown(example_table(examples, stage.columns_shown, images.bytes))
    return commit_result(
        context,
        lake,
        result,
        key=key,
        started=started,
        metadata=metadata,
        data_version=rows_version([row[stage.id_column] for row in committed]),
    )


def input_rows(stage: StageSpec, lake: Lake, batch: str) -> Sequence[Row]:
    """The rows of a batch that a stage reads: those of its statement which every stage in its way let pass."""
    rows: Sequence[Row] = lake.rows(stage.reads, batch=batch)
    for other in in_the_way_of(stage):
        rows = passed_by(rows, other, lake.slice(other.table, batch))
    return rows


def _no_model(requests: Sequence[ModelRequest]) -> list[ModelReply]:
    raise AssertionError("a stage without prompts asked a model")


def _stop_when_too_many_failed(name: str, result: StageResult, limits: SynthesisSettings) -> None:
    limit = limits.max_failed_share
    share = len(result.failed) / max(1, result.rows_in)
    if share <= limit:
        return
    reasons = ", ".join(f"{reason} {count}" for reason, count in result.reasons().items())
    raise dg.Failure(
        f"{name}: {len(result.failed)} of {result.rows_in} rows failed ({share:.0%}, at most "
        f"{limit:.0%} may): {reasons}. First: {result.failed[0].detail[:300]}. Nothing was committed; finished "
        "calls stay in the ledger. Cure the cause, or raise synthesis.max_failed_share.",
        allow_retries=False,
    )
