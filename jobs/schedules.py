"""The weekly schedule: one growth batch per week. Stopped until it is started in the UI.

Belongs here: schedules. Does not belong here: which batch comes next (growth.py), growth by new files (sensors.py).
"""

from __future__ import annotations

import dagster as dg

from jobs.growth import last_numbered, next_batch, progress_of, request
from jobs.jobs import everything
from jobs.retraining import grown_assets
from resources.lake.ownership import NoLakeError
from resources.lake.resource import Lake
from resources.settings import SettingsResource
from wethink_assets.partitions import GROWTH_BATCH

_WHY = "schedule"


@dg.schedule(
    job=everything,
    cron_schedule="0 3 * * 1",
    execution_timezone="UTC",
    description=(
        "Every Monday 03:00 UTC: run everything for the next growth batch, or again for the last one, where its run "
        "failed or was killed, up to three times."
    ),
)
def weekly_growth(context: dg.ScheduleEvaluationContext, lake: Lake, settings: SettingsResource):
    assets = grown_assets(settings.get(), context)
    try:
        last = last_numbered(lake, context.instance)
    except NoLakeError as error:
        return dg.SkipReason(str(error))
    if last is not None and context.instance.has_dynamic_partition(GROWTH_BATCH, last):
        progress = progress_of(context.instance, last)
        if progress.under_way:
            return dg.SkipReason(f"{last} is under way in run {progress.under_way.run_id[:8]}")
        if progress.last and progress.may_be_resumed:
            context.log.warning(f"{last} did not finish (run {progress.last.run_id[:8]}): it is resumed")
            return progress.request(_WHY, assets)
        if progress.last and not progress.finished:
            context.log.error(f"{progress.given_up}. Growth goes on without it.")
    batch = next_batch(lake, context.instance)
    if batch == last and progress_of(context.instance, batch).asked:  # given up before it had begun
        return dg.SkipReason(progress_of(context.instance, batch).given_up)
    if not context.instance.has_dynamic_partition(GROWTH_BATCH, batch):
        context.instance.add_dynamic_partitions(GROWTH_BATCH, [batch])
    return request(batch, _WHY, assets=assets)


SCHEDULES = [weekly_growth]
