"""The job `maintain` and its schedule: the same as the command, at the times of a setting, off until it is started."""

from __future__ import annotations

from datetime import UTC, datetime

import dagster as dg
import pytest
from pydantic import ValidationError

from jobs.maintenance import maintain_job
from resources.lake.store import Commit, LakeStore, Write
from wethink_assets.graph import build_definitions, build_resources
from wethink_assets.settings import LakeSettings


def batches(number: int) -> list[Write]:
    at = datetime(2026, 11, 30, tzinfo=UTC)
    rows = [{"batch": f"b{n}", "position": n, "created_at": at, "reason": "x"} for n in range(number)]
    return [Write("growth_batches", rows, replace={})]


def test_the_job_does_what_the_command_does(tiny_settings):
    own = tiny_settings.model_copy(update={"lake": LakeSettings(keep_days=0)})
    store = LakeStore.of(own)
    for number in (10, 20, 30):
        store.write(Commit("t"), batches(number))
    assert store.inlined_rows("growth_batches") >= 30
    before = store.sql("SELECT count(*) AS n FROM lake.snapshots()")["n"][0]
    result = maintain_job.execute_in_process(
        resources={name: build_resources(own)[name] for name in ("lake", "settings")},
        instance=dg.DagsterInstance.ephemeral(),
    )
    (done,) = [event for event in result.all_events if event.is_successful_output]
    told = {name: value.value for name, value in done.step_output_data.metadata.items()}
    assert result.success and told["expired"] >= 3 and told["kept by name"] == 0
    assert store.inlined_rows("growth_batches") == 0
    assert store.sql("SELECT count(*) AS n FROM growth_batches")["n"][0] == 30
    assert store.sql("SELECT count(*) AS n FROM lake.snapshots()")["n"][0] < before
    store.close()


def test_the_schedule_is_there_and_off_and_its_times_are_a_setting(tiny_settings):
    own = tiny_settings.model_copy(update={"lake": LakeSettings(maintain="30 2 1 * *")})
    schedule = build_definitions(own).get_schedule_def("maintenance")
    assert schedule.cron_schedule == "30 2 1 * *" and schedule.job_name == "maintain"
    assert schedule.default_status == dg.DefaultScheduleStatus.STOPPED
    assert build_definitions(tiny_settings).get_schedule_def("maintenance").cron_schedule == "0 5 * * 0"
    with pytest.raises(ValidationError, match="five fields"):
        LakeSettings(maintain="every sunday")
