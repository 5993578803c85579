"""The sensor that grows the data set when new files appear in a source. Stopped until started in the UI.

It compares the number of files that no batch has taken with what it saw at its last look (the cursor),
so a source larger than its quota does not start batch after batch by itself.
"""

from __future__ import annotations

import json

import dagster as dg

from jobs.growth import open_next_batch
from jobs.jobs import everything
from resources.lake import Lake
from resources.settings import SettingsResource
from wethink_assets.partitions import growth_batches
from wethink_assets.sources.new_files import new_files

_ACTIVE = [dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]


def grown_sources(untaken: dict[str, int], cursor: str | None) -> dict[str, int]:
    """Sources with more untaken files than at the last look, and how many more. The first look only remembers."""
    if cursor is None:
        return {}
    before = json.loads(cursor)
    return {source: n - before.get(source, 0) for source, n in untaken.items() if n > before.get(source, 0)}


@dg.sensor(
    job=everything,
    minimum_interval_seconds=60,
    description="New files in a source: open the next growth batch and run everything for it.",
)
def new_source_files(context: dg.SensorEvaluationContext, lake: Lake, settings: SettingsResource):
    active = context.instance.get_runs_count(dg.RunsFilter(job_name=everything.name, statuses=_ACTIVE))
    if active:
        return dg.SkipReason(f"{active} run of {everything.name} is under way; its files are not new")
    untaken = new_files(lake, settings.get())
    cursor = json.dumps(untaken, sort_keys=True)
    grown = grown_sources(untaken, context.cursor)
    if not grown:
        return dg.SensorResult(skip_reason="no source has new files since the last look", cursor=cursor)
    what = ", ".join(f"{n} in {source}" for source, n in sorted(grown.items()))
    batch = open_next_batch(lake.store, f"sensor: {what}")
    return dg.SensorResult(
        run_requests=[dg.RunRequest(run_key=batch, partition_key=batch, tags={"wethink/new_files": what[:250]})],
        dynamic_partitions_requests=[growth_batches.build_add_request([batch])],
        cursor=cursor,
    )


SENSORS = [new_source_files]
