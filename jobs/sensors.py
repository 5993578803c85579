"""Sensors: one grows the data set when files appear in a source, one ends runs whose process was killed.

Belongs here: sensors, and what they remember between looks. Does not belong here: listing a source (sources/), what is
done about a dead run (dead_runs.py).

The new-files sensor is stopped until it is started in the UI. It compares the number of files that no batch has taken
with what it saw at its last look (the cursor), so a source larger than its quota does not start batch after batch by
itself. A source that cannot be read now, or was not reached in time, keeps what was last seen of it: its return is no
growth.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping

import dagster as dg

from jobs.dead_runs import release_dead_runs
from jobs.growth import open_next_batch
from jobs.jobs import everything
from resources.lake.resource import Lake
from resources.settings import SettingsResource
from wethink_assets.partitions import growth_batches
from wethink_assets.sources.new_files import new_files

_ACTIVE = [dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]


LOOK_S = 30.0  # of a look; Dagster ends one after 60


def seen_before(cursor: str | None) -> tuple[dict[str, int] | None, str, set[str]]:
    """The parsed cursor: untaken files by source at the last look, the source to begin with next, unreached sources.

    The files are None where there was no look yet.
    """
    if cursor is None:
        return None, "", set()
    state = json.loads(cursor)
    return (state["seen"], state["first"], set(state["unseen"])) if "seen" in state else (state, "", set())


def grown_sources(untaken: Mapping[str, int], before: Mapping[str, int] | None) -> dict[str, int]:
    """Sources with more untaken files than at the last look, and how many more. The first look only remembers."""
    if before is None:
        return {}
    return {source: n - before.get(source, 0) for source, n in untaken.items() if n > before.get(source, 0)}


@dg.sensor(
    job=everything,
    minimum_interval_seconds=60,
    description="New files in a source: open the next growth batch and run everything for it.",
)
def new_source_files(context: dg.SensorEvaluationContext, lake: Lake, settings: SettingsResource):
    _end_dead_runs(context)
    active = context.instance.get_runs_count(dg.RunsFilter(job_name=everything.name, statuses=_ACTIVE))
    if active:
        return dg.SkipReason(f"{active} run of {everything.name} is under way; its files are not new")
    before, first, waiting = seen_before(context.cursor)
    end = time.monotonic() + LOOK_S
    look = new_files(lake, settings.get(), first, lambda: time.monotonic() > end)
    begun = look.unlisted[:1] if not look.untaken and not look.missing else []
    if begun:
        context.log.warning(
            f"{begun[0]} alone takes more than {LOOK_S:g} s to list: grow by the schedule or in the UI instead"
        )
    # A source too large for a look must not keep the others from being looked at.
    following = look.unlisted[1:2] if begun else look.unlisted[:1]
    unseen = (set(look.unlisted) if before is None else waiting) - look.untaken.keys() - set(look.missing)
    cursor = json.dumps(
        {"seen": (before or {}) | look.untaken, "first": "".join(following), "unseen": sorted(unseen)}, sort_keys=True
    )
    if before is not None:  # what is reached for the first time is only remembered, as at the first look
        before |= {source: n for source, n in look.untaken.items() if source in waiting}
    grown = grown_sources(look.untaken, before)
    if not grown:
        return dg.SensorResult(skip_reason="no source has new files since the last look", cursor=cursor)
    what = ", ".join(f"{n} in {source}" for source, n in sorted(grown.items()))
    batch = open_next_batch(lake.store, f"sensor: {what}")
    return dg.SensorResult(
        run_requests=[dg.RunRequest(run_key=batch, partition_key=batch, tags={"wethink/new_files": what[:250]})],
        dynamic_partitions_requests=[growth_batches.build_add_request([batch])],
        cursor=cursor,
    )


@dg.sensor(
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Runs whose process was killed: end them, and give back what they held (pool slots).",
)
def dead_runs(context: dg.SensorEvaluationContext):
    ended = _end_dead_runs(context)
    return dg.SkipReason("; ".join(ended) if ended else "no run is without its process")


def _end_dead_runs(context: dg.SensorEvaluationContext) -> list[str]:
    lines = [released.line for released in release_dead_runs(context.instance, "a sensor")]
    for line in lines:
        context.log.warning(line)
    return lines


SENSORS = [new_source_files, dead_runs]
