"""Waiting for the GPU: a killed run gives its slot back, a living one keeps it, and whoever waits says for whom."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import dagster as dg
import pytest

from jobs import executor
from jobs.dead_runs import end_run, release_dead_runs, runs_under_way
from resources.file_lock import file_lock
from resources.workers import process_identity
from resources.workers.process_identity import ProcessIdentity
from tests.conftest import PROJECT_ROOT
from tests.jobs.gpu_run import run_here
from wethink_assets.cli.installation import DAGSTER_YAML


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "dagster").mkdir()
    (tmp_path / "dagster" / "dagster.yaml").write_text(DAGSTER_YAML)
    return tmp_path


@contextmanager
def running(folder):
    """A run in a process of its own that holds the GPU."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.jobs.gpu_run", str(folder)],
        cwd=PROJECT_ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        while not (folder / "started").exists():
            assert process.poll() is None, process.stdout.read().decode()
            time.sleep(0.05)
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_run_after_kill_9_in_a_gpu_step_ends_it_and_goes_on(folder):
    with running(folder) as process:
        os.kill(process.pid, signal.SIGKILL)
    (folder / "go").touch()
    assert run_here(folder).success
    with dg.DagsterInstance.from_config(str(folder / "dagster")) as instance:
        last, killed = instance.get_runs()
        assert (last.status, killed.status) == (dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE)
        assert any("is gone: killed" in event.user_message for event in instance.all_logs(last.run_id))
        assert not runs_under_way(instance)


@pytest.mark.long
def test_a_living_run_keeps_its_slot_and_the_next_says_for_whom_it_waits(folder, monkeypatch):
    monkeypatch.setattr(executor, "FIRST_WORD_S", 0.0)
    heard = threading.Event()
    say = executor.PatientClaims._holders  # the words, when they are made
    monkeypatch.setattr(executor.PatientClaims, "_holders", lambda self, pool: (heard.set(), say(self, pool))[1])
    with running(folder) as process:
        with dg.DagsterInstance.from_config(str(folder / "dagster")) as instance:
            assert release_dead_runs(instance, "a test") == []
            (carried,) = runs_under_way(instance)
            assert (carried.state, carried.process.pid, carried.slots) == ("lives", process.pid, ("gpu",))
            with pytest.raises(ValueError, match="lives: terminate it"):
                end_run(instance, carried.run.run_id[:8], "a test")

        def let_go() -> None:
            heard.wait(60)
            (folder / "go").touch()

        threading.Thread(target=let_go).start()
        spent = time.process_time()
        assert run_here(folder).success and process.wait(60) == 0
        assert heard.is_set() and time.process_time() - spent < 30
    with dg.DagsterInstance.from_config(str(folder / "dagster")) as instance:
        lines = [event.user_message for event in instance.all_logs(instance.get_runs()[0].run_id)]
        held = f"its slot is held by run {carried.run.run_id[:8]} (gpu_job, process {process.pid} on "
        assert any(line.startswith("waiting for pool gpu") and held in line for line in lines), lines


def test_a_clock_that_is_set_back_keeps_nobody_waiting(folder, monkeypatch):
    with dg.DagsterInstance.from_config(str(folder / "dagster")) as instance:
        job = dg.GraphDefinition("waits").to_job("waits")
        context = SimpleNamespace(instance=instance, dagster_run=instance.create_run_for_job(job), log=None)
        claims = executor.PatientClaims(context)
        claims._pending_timeouts["step"] = time.time() + 1
        before = time.time
        monkeypatch.setattr(time, "time", lambda: before() - 3_600)
        assert 0 < claims.interval_to_next_pending_claim_check() <= executor.MOST_PAUSE_S


def test_a_process_elsewhere_is_never_taken_for_dead_and_a_pid_given_out_again_is(folder):
    here = ProcessIdentity.here()
    assert here.state() == "lives" and ProcessIdentity.parse(str(here)) == here
    assert (
        ProcessIdentity(here.host, here.machine, here.boot, here.namespace, here.pid, here.started - 1).state()
        == "gone"
    )
    assert (
        ProcessIdentity(here.host, here.machine, "another-boot", here.namespace, here.pid, here.started).state()
        == "gone"
    )
    assert (
        ProcessIdentity("elsewhere", here.machine, here.boot, here.namespace, here.pid, here.started).state()
        == "unknown"
    )
    assert ProcessIdentity(here.host, here.machine, here.boot, "[1]", here.pid, here.started).state() == "unknown"
    for machine in ("-", "x"):  # another machine of the same name
        assert ProcessIdentity(here.host, machine, "another-boot", here.namespace, 1, 1).state() == "unknown"
    assert ProcessIdentity.parse("") is None and ProcessIdentity.parse("a b c d e") is None


def test_a_process_that_proc_hides_is_not_taken_for_dead(monkeypatch):
    here = ProcessIdentity.here()
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert ProcessIdentity(here.host, here.machine, here.boot, here.namespace, gone.pid, 1).state() == "gone"
    monkeypatch.setattr(process_identity, "started_at", lambda pid: None)  # as with the mount option hidepid
    monkeypatch.setattr(process_identity, "Path", lambda path: Path("/nowhere"))
    assert process_identity._pid_is_free(here.pid) is False


@pytest.mark.parametrize(
    ("status", "expected"),
    [(dg.DagsterRunStatus.STARTED, "failed"), (dg.DagsterRunStatus.CANCELING, "canceled")],
)
def test_a_person_ends_what_cannot_be_looked_for_and_an_executed_again_run_has_no_old_name(folder, status, expected):
    here = ProcessIdentity.here()
    there = ProcessIdentity("elsewhere", here.machine, here.boot, here.namespace, here.pid, here.started)
    with dg.DagsterInstance.from_config(str(folder / "dagster")) as instance:
        run = instance.create_run_for_job(dg.GraphDefinition("g").to_job("job"))
        storage = instance.event_log_storage
        storage.initialize_concurrency_limit_to_default("gpu")
        assert storage.claim_concurrency_slot("gpu", run.run_id, "step").is_claimed
        instance.add_run_tags(run.run_id, {"wethink/process": f"{run.run_id} {there}"})
        instance.report_dagster_event(dg.DagsterEvent("PIPELINE_START", "job"), run.run_id)
        if status == dg.DagsterRunStatus.CANCELING:
            instance.report_run_canceling(instance.get_run_by_id(run.run_id))
        assert release_dead_runs(instance, "a test") == []
        with pytest.raises(LookupError, match="`wethink runs` lists them"):
            end_run(instance, "none", "a test")
        released = end_run(instance, run.run_id[:8], "a test")
        assert (released.how, released.pools) == (expected, ("gpu",)) and "elsewhere" in released.line
        assert not storage.get_concurrency_info("gpu").claimed_slots

        gone = ProcessIdentity(here.host, here.machine, "another-boot", here.namespace, here.pid, here.started)
        again = instance.create_run_for_job(
            dg.GraphDefinition("g").to_job("job"), tags={"wethink/process": f"{run.run_id} {gone}"}
        )
        instance.report_dagster_event(dg.DagsterEvent("PIPELINE_START", "job"), again.run_id)
        assert runs_under_way(instance)[0].process is None and release_dead_runs(instance, "a test") == []


def test_slots_of_runs_that_ended_or_were_deleted_come_back(folder):
    with dg.DagsterInstance.from_config(str(folder / "dagster")) as instance:
        storage = instance.event_log_storage
        storage.initialize_concurrency_limit_to_default("gpu")
        run = instance.create_run_for_job(dg.GraphDefinition("g").to_job("job"))
        assert storage.claim_concurrency_slot("gpu", run.run_id, "step").is_claimed
        instance.report_run_failed(run)
        assert [released.how for released in release_dead_runs(instance, "a test")] == ["slots"]
        assert storage.claim_concurrency_slot("gpu", "deleted", "step").is_claimed
        release_dead_runs(instance, "a test")
        assert not storage.get_concurrency_info("gpu").claimed_slots


def test_who_waits_for_a_lock_hears_for_whom(tmp_path, monkeypatch):
    monkeypatch.setattr("resources.file_lock.FIRST_WORD_S", 0.01)
    heard, lines = threading.Event(), []

    def say(line: str) -> None:
        lines.append(line)
        heard.set()

    def second() -> None:
        with file_lock(tmp_path / "a.lock", "the folder", say):
            lines.append("in")

    with file_lock(tmp_path / "a.lock", "the folder"):
        waiting = threading.Thread(target=second)
        waiting.start()
        assert heard.wait(30)
    waiting.join(30)
    assert lines[0].startswith(f"waiting for the folder, held by process {os.getpid()} on ") and lines[-1] == "in"
