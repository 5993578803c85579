"""Runs in a Dagster instance's history, as a run of a batch leaves them; and what a look at the lake needs."""

from __future__ import annotations

import dagster as dg

from jobs.growth import PARTITION_TAG

STATUS = {
    dg.DagsterRunStatus.SUCCESS: "PIPELINE_SUCCESS",
    dg.DagsterRunStatus.FAILURE: "PIPELINE_FAILURE",
    dg.DagsterRunStatus.CANCELED: "PIPELINE_CANCELED",
    dg.DagsterRunStatus.STARTED: "PIPELINE_START",
}


def past_run(instance, batch, status, *, key=None, tags=None) -> dg.DagsterRun:
    """A run of the job `everything` for a batch that came as far as `status`."""
    job = dg.GraphDefinition("everything").to_job("everything")
    given = {PARTITION_TAG: batch, **({"dagster/run_key": key} if key else {}), **(tags or {})}
    run = instance.create_run_for_job(job, tags=given)
    for one in (dg.DagsterRunStatus.STARTED, status):
        instance.report_dagster_event(dg.DagsterEvent(STATUS[one], "everything"), run.run_id)
    return instance.get_run_by_id(run.run_id)
