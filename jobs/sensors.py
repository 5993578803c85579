"""Sensors: one grows the data set when files appear in a source, one ends runs whose process was killed.

Belongs here: sensors, and what they remember between looks. Does not belong here: listing a source (sources/), what is
done about a dead run (dead_runs.py).

The new-files sensor is stopped until it is started in the UI. It compares the number of files that no batch has taken
with what it saw when nothing was new (the cursor), so a source larger than its quota does not start batch after batch
by itself. The cursor only passes what a finished batch took. A source that cannot be read now, or was not reached in
time, keeps what was last seen of it: its return is no growth. A look writes nothing, so a preview in the UI is one.
"""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field

import dagster as dg

from jobs.dead_runs import release_dead_runs
from jobs.growth import PARTITION_TAG, next_batch, progress_of, request, runs_that_take_files
from jobs.jobs import everything
from jobs.retraining import grown_assets
from resources.lake.ownership import NoLakeError
from resources.lake.resource import Lake
from resources.settings import SettingsResource
from wethink_assets.partitions import GROWTH_BATCH, growth_batches
from wethink_assets.sources.new_files import Look, new_files

LOOK_S = 30.0  # of a look; Dagster ends one after 60


_ANY = "; launch the job everything for a new batch to take them now"


@dataclass
class Memory:
    """The parsed cursor.

    `seen`: untaken files by source beyond which a source has grown, None before the first look; `first`: the source to
    begin with; `unseen`: sources that no look has reached yet; `batch`: what this sensor asked for and has not finished
    as far as it knows; `opened`: untaken files by source when it was asked for.
    """

    seen: dict[str, int] | None = None
    first: str = ""
    unseen: set[str] = field(default_factory=set)
    batch: str = ""
    opened: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, cursor: str | None) -> Memory:
        if not cursor:  # a preview in the UI gives an empty one
            return cls()
        state = json.loads(cursor)
        if "seen" not in state:
            return cls(state)
        return cls(state["seen"], state["first"], set(state["unseen"]), state.get("batch", ""), state.get("opened", {}))

    def cursor(self) -> str:
        return json.dumps(asdict(self) | {"seen": self.seen or {}, "unseen": sorted(self.unseen)}, sort_keys=True)


def grown_sources(untaken: Mapping[str, int], before: Mapping[str, int] | None) -> dict[str, int]:
    """Sources with more untaken files than before, and how many more. The first look only remembers."""
    if before is None:
        return {}
    return {source: n - before.get(source, 0) for source, n in untaken.items() if n > before.get(source, 0)}


@dg.sensor(
    job=everything,
    minimum_interval_seconds=60,
    description=(
        "New files in a source: run everything for the next growth batch. A batch whose run failed or was killed is "
        "resumed, up to three times."
    ),
)
def new_source_files(context: dg.SensorEvaluationContext, lake: Lake, settings: SettingsResource):
    try:
        lake.snapshot_id()
    except NoLakeError as error:
        return dg.SkipReason(str(error))
    if under_way := runs_that_take_files(context.instance):
        names = ", ".join(f"{run.run_id[:8]} ({run.tags.get(PARTITION_TAG, run.job_name)})" for run in under_way[:3])
        return dg.SkipReason(f"run {names} is under way or waits for its turn; its files are not new")
    memory = Memory.of(context.cursor)
    if memory.batch and not context.instance.has_dynamic_partition(GROWTH_BATCH, memory.batch):
        memory.batch, memory.opened = "", {}  # dismissed by a person
    if memory.batch:
        progress = progress_of(context.instance, memory.batch)
        if progress.may_be_resumed:
            last = (
                f"run {progress.last.run_id[:8]} ended as {progress.last.status.value}" if progress.last else "no run"
            )
            context.log.warning(f"{memory.batch} is resumed: {last}")
            assets = grown_assets(settings.get(), context)
            resumed = progress.request(f"sensor: resumed, {last}", assets)
            return dg.SensorResult(run_requests=[resumed], cursor=memory.cursor())
        if not progress.finished and memory.batch not in _packaged(lake):
            return dg.SkipReason(progress.given_up)
    return _looked(context, lake, settings, memory)


def _packaged(lake: Lake) -> set[str]:
    """Batches whose samples are there, whoever made them: what failed after that is no matter of growth."""
    return {row["batch"] for row in lake.rows("quality/select_batches_of_asset", asset="samples")}


def _looked(
    context: dg.SensorEvaluationContext, lake: Lake, settings: SettingsResource, memory: Memory
) -> dg.SensorResult:
    """List the sources, and ask for a batch where one has grown."""
    end = time.monotonic() + LOOK_S
    look = new_files(lake, settings.get(), memory.first, lambda: time.monotonic() > end)
    begun = look.unlisted[:1] if not look.untaken and not look.missing else []
    if begun:
        context.log.warning(
            f"{begun[0]} alone takes more than {LOOK_S:g} s to list: grow by the schedule or in the UI instead"
        )
    first_look = memory.seen is None
    before = dict(memory.seen or {})
    # What is reached for the first time is only remembered, as at the first look.
    fresh = {source for source in look.untaken if source in memory.unseen or source not in before}
    before |= {source: look.untaken[source] for source in fresh}
    stuck = (
        {s for s, n in memory.opened.items() if s in look.untaken and look.untaken[s] >= n} if memory.batch else set()
    )
    before |= {source: look.untaken[source] for source in stuck}
    before |= {s: n for s, n in look.untaken.items() if n < before.get(s, 0)}  # taken by any batch, or gone
    memory = Memory(
        before,
        # A source too large for a look must not keep the others from being looked at.
        "".join(look.unlisted[1:2] if begun else look.unlisted[:1]),
        (set(look.unlisted) if first_look else memory.unseen) - look.untaken.keys() - set(look.missing),
    )
    grown = grown_sources(look.untaken, before)
    if not grown:
        return dg.SensorResult(skip_reason=_nothing(look, first_look, stuck), cursor=memory.cursor())
    what = ", ".join(f"{n} in {source}" for source, n in sorted(grown.items()))
    batch = next_batch(lake, context.instance)
    memory.batch, memory.opened = batch, {source: look.untaken[source] for source in grown}
    asked = progress_of(context.instance, batch).asked
    assets = grown_assets(settings.get(), context)
    return dg.SensorResult(
        run_requests=[request(batch, f"sensor: {what}", asked + 1, assets)],
        dynamic_partitions_requests=[growth_batches.build_add_request([batch])],
        cursor=memory.cursor(),
    )


def _nothing(look: Look, first_look: bool, stuck: Collection[str]) -> str:
    """Why no batch is asked for."""
    if first_look:
        left, sources = sum(look.untaken.values()), len(look.untaken)
        if not left:
            return f"first look: all files of {sources} sources are in a batch. New ones start the next by themselves"
        return (
            f"first look: {left:,} files in {sources} sources are in no batch, and are remembered. Files that come "
            f"from now on start a batch by themselves{_ANY}"
        )
    if stuck:
        return (
            f"the last batch took none of the new files in {', '.join(sorted(stuck))}, which are left to the next: see "
            "why its rows stopped"
        )
    return "no source has new files since the last look"


@dg.sensor(
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Runs whose process was killed: end them, and give back what they held (pool slots).",
)
def dead_runs(context: dg.SensorEvaluationContext):
    lines = [released.line for released in release_dead_runs(context.instance, "the sensor dead_runs")]
    for line in lines:
        context.log.warning(line)
    return dg.SkipReason("; ".join(lines) if lines else "no run is without its process")


SENSORS = [new_source_files, dead_runs]
