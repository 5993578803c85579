"""Model calls within Dagster, answered by the real embedded teacher: started when needed, shared, and ended."""

import os
import re
import subprocess
import sys
import textwrap
import threading
import time

import dagster as dg
import psutil
import pytest

from resources.calls import progress
from resources.calls.messages import CallsError, ModelRequest
from resources.calls.resource import ModelCalls
from resources.image_files import ImageFiles
from resources.lake.resource import Lake
from resources.settings import SettingsResource
from resources.workers import sample_teacher
from tests.conftest import PROJECT_ROOT
from tests.resources.calls.stub_endpoint import Act, StubEndpoint, completion
from wethink_assets.rewards import judge
from wethink_assets.rewards.gold_types import type_answer
from wethink_assets.settings import EndpointSettings, Settings


def request(n: int = 0) -> ModelRequest:
    """A question that the teacher answers without a picture: how good is this reply?"""
    return judge.build_request(
        f"Describe picture {n}.", type_answer(f"A red ball beside {n} cubes", category="DES"), "A ball"
    )


_EARLIER: set[int] = set()


def teachers() -> list[psutil.Process]:
    """Children of this process that serve as a teacher, but for those that other test modules left to its end."""
    children = [p for p in psutil.Process().children(recursive=True) if p.pid not in _EARLIER]
    return [p for p in children if "wethink_assets.demo.teacher" in p.cmdline()]


@pytest.fixture(autouse=True)
def _earlier_teachers():
    _EARLIER.clear()
    _EARLIER.update(p.pid for p in teachers())


@pytest.fixture
def resources(lake, tiny_settings):
    settings = SettingsResource.of(tiny_settings)
    images = ImageFiles(lake=lake, settings=settings)
    return {"lake": lake, "settings": settings, "calls": ModelCalls(lake=lake, settings=settings, images=images)}


def test_the_teacher_lives_as_long_as_the_run_that_needs_it(resources, tiny_settings):
    seen: list[list[int]] = []

    @dg.asset
    def first(context: dg.AssetExecutionContext, calls: ModelCalls) -> None:
        calls.run([request(1), request(2)], asset="first", batch="", run_id=context.run.run_id, log=context.log)
        seen.append([p.pid for p in teachers()])

    @dg.asset(deps=[first])
    def second(context: dg.AssetExecutionContext, calls: ModelCalls) -> None:
        ask = calls.for_asset(context, batch="b")
        ask([request(3)])
        seen.append([p.pid for p in teachers()])

    assert dg.materialize([first, second], resources=resources).success
    assert seen[0] and seen[0] == seen[1], "one teacher for all roles and assets of the process"
    assert not any(psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie" for pid in seen[0])
    assert (tiny_settings.logs_dir / "sample_teacher.log").exists()
    lake = Lake.at(resources["lake"].catalog, resources["lake"].data_path)
    assert sorted(r["asset"] for r in lake.store.sql("SELECT asset FROM call_reuse").to_dicts()) == ["first", "second"]
    lake.store.close()

    seen.clear()
    assert dg.materialize([first, second], resources=resources).success
    assert seen == [[], []], "a run that pays for nothing starts no teacher"


def test_several_engines_of_a_process_share_the_teacher(tiny_settings):
    truth, logs = tiny_settings.truth_dir, tiny_settings.logs_dir
    first, second = sample_teacher.acquire(truth, logs), sample_teacher.acquire(truth, logs)
    assert first == second and len(teachers()) == 2, "the supervisor and the teacher"
    sample_teacher.release(truth)
    assert len(teachers()) == 2
    sample_teacher.release(truth)
    assert teachers() == []


def test_without_a_sample_pack_the_message_names_the_cure(lake, tmp_path):
    own = SettingsResource.of(Settings(home=tmp_path))
    calls = ModelCalls(lake=lake, settings=own, images=ImageFiles(lake=lake, settings=own))
    with pytest.raises(CallsError, match=r"`make demo`.*WETHINK_CONFIG"):
        calls.run([request()], asset="a", batch="", run_id="r")
    assert calls.missing([request(), request(), request(1)]) == 2


def test_a_teacher_that_cannot_start_says_why(tmp_path):
    (tmp_path / "truth").mkdir()
    with pytest.raises(CallsError, match=r"did not start: .*log: "):
        sample_teacher.acquire(tmp_path / "truth", tmp_path / "logs")
    assert teachers() == []


def test_kill_9_of_the_process_takes_the_teacher_along(tiny_settings, tmp_path):
    code = textwrap.dedent(
        f"""
        import signal
        from pathlib import Path
        from resources.workers import sample_teacher
        sample_teacher.acquire(Path({str(tiny_settings.truth_dir)!r}), Path({str(tmp_path)!r}))
        print("UP", flush=True)
        signal.pause()
        """
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code], cwd=PROJECT_ROOT, stdout=subprocess.PIPE, env=dict(os.environ)
    )
    assert parent.stdout.readline() == b"UP\n"
    children = psutil.Process(parent.pid).children(recursive=True)
    assert len(children) == 2
    parent.kill()
    parent.wait()
    deadline, woken = time.monotonic() + 12, threading.Event()
    while any(p.is_running() and p.status() != "zombie" for p in children) and time.monotonic() < deadline:
        woken.wait(0.05)
    assert not [p for p in children if p.is_running() and p.status() != "zombie"]


def test_progress_is_in_the_run_log_and_as_observations(lake, tmp_path, monkeypatch):
    """The last reply stays away until the run's own event log shows how far the others are."""
    monkeypatch.setattr(progress, "OBSERVE_S", 0.0)
    monkeypatch.setattr(progress.Progress, "interval_s", 0.02)
    seen, instance = threading.Event(), dg.DagsterInstance.ephemeral()
    requests = [ModelRequest("vlm", f"s{i}", "p", "v", None, f"q{i}") for i in range(4)]

    def behave(call):
        if call.text == "q2":
            return Act(completion(None, refusal="no"))
        return Act(completion(), gate=seen if call.text == "q3" else None)

    def watch(entry, _):
        event = entry.dagster_event if entry.is_dagster_event else None
        if (
            event
            and event.is_asset_observation
            and event.asset_observation_data.asset_observation.metadata["done"].value == 2
        ):
            seen.set()

    @dg.asset(partitions_def=dg.StaticPartitionsDefinition(["b"]))
    def asking(context: dg.AssetExecutionContext, calls: ModelCalls) -> None:
        ask = calls.for_asset(context, batch="b")
        ask(requests[:1])
        instance.event_log_storage.watch(context.run_id, None, watch)
        ask(requests)

    with StubEndpoint(behave) as server:
        endpoint = EndpointSettings(base_url=server.base_url, model="stub", price_in=1e6)
        own = SettingsResource.of(Settings(home=tmp_path, endpoints={"vlm": endpoint}))
        calls = ModelCalls(lake=lake, settings=own, images=ImageFiles(lake=lake, settings=own))
        result = dg.materialize([asking], resources={"calls": calls}, instance=instance, partition_key="b")
    assert result.success and seen.is_set()
    observations = instance.get_event_records(
        dg.EventRecordsFilter(dg.DagsterEventType.ASSET_OBSERVATION, asset_key=dg.AssetKey("asking"))
    )
    numbers = [{k: v.value for k, v in r.asset_observation.metadata.items()} for r in observations]
    shown = next(n for n in numbers if n["done"] == 2)
    assert (
        {r.partition_key for r in observations} == {"b"} and shown["eta_seconds"] >= 0 and shown["calls_per_second"] > 0
    )
    counted = ("calls_to_make", "reused", "done", "failed", "tokens", "cost")
    assert tuple(shown[n] for n in counted) == (3, 1, 2, 1, 30, 20.0)
    lines = [e.user_message for e in instance.all_logs(result.run_id)]
    assert any(
        re.match(r"asking: calls 2 of 3, 1 from the ledger, 1 failed \(refusal 1\), .*/s, cost 20.0000, ETA", line)
        for line in lines
    )
    assert any(line.startswith("asking: calls 3 of 3, 1 from the ledger, 1 failed") for line in lines)
