"""The weekly schedule: one growth batch per week. Stopped until it is started in the UI.

Belongs here: schedules. Does not belong here: what opens a batch (growth.py), growth by new files (sensors.py).
"""

from __future__ import annotations

import dagster as dg

from jobs.growth import open_next_batch
from jobs.jobs import everything
from resources.lake.resource import Lake
from wethink_assets.partitions import GROWTH_BATCH


@dg.schedule(
    job=everything,
    cron_schedule="0 3 * * 1",
    execution_timezone="UTC",
    description="Every Monday 03:00 UTC: open the next growth batch and run everything for it.",
)
def weekly_growth(context: dg.ScheduleEvaluationContext, lake: Lake):
    batch = open_next_batch(lake.store, "schedule")
    if not context.instance.has_dynamic_partition(GROWTH_BATCH, batch):
        context.instance.add_dynamic_partitions(GROWTH_BATCH, [batch])
    return dg.RunRequest(run_key=batch, partition_key=batch)


SCHEDULES = [weekly_growth]
