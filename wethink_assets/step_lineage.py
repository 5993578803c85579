"""Lineage events of a step: an asset's start and end told to OpenLineage, where the settings ask for it.

Belongs here: what Dagster knows of a step, as facts. Does not belong here: events (lineage_events.py), sending them
(resources/openlineage.py).

Off, it loads nothing and costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg

from resources.calls.keys import without_secrets
from resources.lake.sql_files import tables
from resources.openlineage import INSTALL, Sink
from wethink_assets.settings import OpenLineageSettings, Settings

if TYPE_CHECKING:
    from wethink_assets.lineage_events import Made, Step

LOST = "openlineage_events_lost"


class Told:
    """What a step has made so far; materializations say how many events of the run were lost before."""

    def __init__(self, sink: Sink | None = None) -> None:
        self._sink = sink
        self.results: list[dg.MaterializeResult] = []

    def made(self, result: dg.MaterializeResult) -> dg.MaterializeResult:
        """An asset's result, noted for the event of the step's end."""
        self.results.append(result)
        if self._sink is None or not self._sink.lost:
            return result
        return result._replace(metadata={**(result.metadata or {}), LOST: self._sink.lost})


@contextmanager
def told_lineage(
    context: dg.AssetExecutionContext, settings: Settings, keys: Sequence[dg.AssetKey], batch: str = ""
) -> Iterator[Told]:
    """Events of the start and the end of what happens within, which makes these assets. None of them can end it."""
    if not settings.openlineage.on or not keys:
        yield Told()
        return
    try:
        from wethink_assets import lineage_events
    except ImportError:
        context.log.warning(f"OpenLineage: no event is sent, {INSTALL}")
        yield Told()
        return
    sink = _sink_of(settings.openlineage, settings.home, context.run.run_id)
    step = _step(context, keys, batch)

    def send(kind: Any, made: Mapping[str, Made] | None = None, error: str = "") -> None:
        sink.send(lineage_events.event(kind, step, settings.openlineage.namespace, made, error), context.log.warning)

    send("START")
    told = Told(sink)
    try:
        yield told
    except BaseException as error:
        stopped = isinstance(error, (KeyboardInterrupt, GeneratorExit, dg.DagsterExecutionInterruptedError))
        send("ABORT" if stopped else "FAIL", error=_in_words(error, settings))
        raise
    send("COMPLETE", {_label(result.asset_key): _made(result) for result in told.results if result.asset_key})


@lru_cache(maxsize=8)
def _sink_of(settings: OpenLineageSettings, home: Path, run_id: str) -> Sink:
    """One sink per run, so that what it lost is counted over its steps."""
    return Sink(settings, home)


def _step(context: dg.AssetExecutionContext, keys: Sequence[dg.AssetKey], batch: str) -> Step:
    from wethink_assets.lineage_events import Output, Step

    specs = [context.assets_def.get_asset_spec(key) for key in keys]
    outputs = []
    for spec in specs:
        lineage = spec.metadata.get("dagster/column_lineage")
        columns = lineage.deps_by_column if isinstance(lineage, dg.TableColumnLineage) else {}
        outputs.append(
            Output(
                _label(spec.key),
                tables().get(str(spec.metadata.get("dagster/table_name", ""))),
                {name: [(_label(dep.asset_key), dep.column_name) for dep in deps] for name, deps in columns.items()},
            )
        )
    return Step(
        name=outputs[0].asset if len(outputs) == 1 else context.op.name,
        run_id=context.run.run_id,
        job=context.run.job_name,
        attempt=context.retry_number,
        batch=batch,
        inputs=sorted({_label(dep.asset_key) for spec in specs for dep in spec.deps}),
        outputs=outputs,
    )


def _label(key: dg.AssetKey) -> str:
    return "/".join(key.path)


def _made(result: dg.MaterializeResult) -> Made:
    from wethink_assets.lineage_events import Made

    known: dict[str, Any] = {name: getattr(v, "value", v) for name, v in (result.metadata or {}).items()}
    return Made(
        known.get("dagster/row_count"),
        known.get("rows_in"),
        known.get("rows_continued"),
        known.get("rows_dropped"),
        known.get("rows_failed"),
        result.data_version.value if result.data_version else "",
    )


def _in_words(error: BaseException, settings: Settings) -> str:
    """Class and first line of an error, without keys, authorization headers and users in addresses."""
    told = next(iter(str(error).splitlines()), "")
    return f"{type(error).__name__}: {without_secrets(told, settings.secret_variables)[:300]}"
