"""Maintenance of the lake as a job, and its schedule. Stopped until it is started in the UI, as growth is.

Belongs here: when maintenance runs. Does not belong here: what it does (wethink_assets/lineage/upkeep.py), as the
command `wethink maintain` does.

It lets old snapshots go, which a person decides; so the schedule is off until a person starts it. Runs may go on
meanwhile: every step of it is a commit among others.
"""

import dagster as dg

from jobs.executor import one_process_executor
from resources.lake.resource import Lake
from resources.settings import SettingsResource
from wethink_assets.lineage.upkeep import in_words, keep_in_shape

JOB = "maintain"


@dg.op(description="Compact the lake and let old snapshots go, as `wethink maintain` does.", out=dg.Out(dg.Nothing))
def maintenance(context: dg.OpExecutionContext, lake: Lake, settings: SettingsResource) -> None:
    done = keep_in_shape(lake.store, settings.get(), context.log.info)
    context.log.info(in_words(done))
    context.add_output_metadata({"expired": done.expired, "kept by name": done.kept, "files removed": done.files})


@dg.job(
    name=JOB,
    executor_def=one_process_executor,
    description=(
        "Small writes to Parquet, small files merged, snapshots older than lake.keep_days go but for those that a "
        "release, a policy or scores read."
    ),
)
def maintain_job() -> None:
    maintenance()


def maintenance_schedule(cron: str) -> dg.ScheduleDefinition:
    """The schedule at the times of the setting `lake.maintain`."""
    return dg.ScheduleDefinition(
        name="maintenance",
        job_name=JOB,
        cron_schedule=cron,
        execution_timezone="UTC",
        description="`wethink maintain` at the times of the setting lake.maintain (UTC).",
    )
