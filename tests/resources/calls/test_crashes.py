"""What may happen to the process and its machine during calls: a cancelled run, a clock that jumps, a full disk."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from tests.conftest import PROJECT_ROOT
from tests.resources.calls.asking import ask, ledger, run
from tests.resources.calls.calls_worker import engine_on, requests_of
from tests.resources.calls.stub_endpoint import Act, StubEndpoint, completion


@pytest.mark.long
def test_a_dagster_run_whose_process_is_told_to_end_stops_soon_and_resumes(tmp_path):
    """Container launchers end a run by a signal to its process; other tests try Ctrl-C and Dagster's own termination.

    In this order: the asset is left by the interruption when every reply that came is durable, the run is over, the
    process is gone; and nothing is sent after the signal.
    """
    done = 20

    with StubEndpoint() as server:
        server.behave = lambda call: Act(
            completion(f"re {call.text}"), delay_s=0.0 if len(server.calls) <= done else 600
        )
        worker = subprocess.Popen(
            [sys.executable, "-m", "tests.resources.calls.dagster_worker", str(tmp_path), server.base_url, "60"],
            cwd=PROJECT_ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        deadline, woken = time.monotonic() + 180, threading.Event()
        while len(server.calls) < done + 8 and worker.poll() is None and time.monotonic() < deadline:
            woken.wait(0.05)
        assert worker.poll() is None, worker.stderr.read()[-2000:]
        started = time.monotonic()
        worker.send_signal(signal.SIGTERM)
        out, errors = worker.communicate(timeout=120)
        gone = time.monotonic()
        assert worker.returncode != 0 and b"DagsterExecutionInterruptedError" in errors, errors[-2000:]
        events = {
            line["what"]: line for line in map(json.loads, filter(lambda line: line.startswith(b"{"), out.splitlines()))
        }
        left, over = events["left"], events["run over"]
        assert started < left["at"] < over["at"] < gone
        assert (left["error"], left["durable"]) == ("DagsterExecutionInterruptedError", done)
        asked = len(server.calls)
        assert asked <= done + 8 + 1, "nothing new was sent after the signal"
        server.behave = lambda call: Act(completion(f"re {call.text}"))
        engine = engine_on(tmp_path, server.base_url)
        replies = engine.run(requests_of(60), asset="a", batch="b", run_id="run-2")
        engine.close()
        assert [r.text for r in replies] == [f"re request {i}" for i in range(60)]
        assert sum(r.reused for r in replies) == done and len(server.calls) - asked == 60 - done


def test_a_clock_that_jumps_changes_nothing(stub, engine_of, lake, monkeypatch):
    """Time-outs, pauses, rates and groups are on the monotonic clock; only `created_at` tells the wall's time."""
    jumps = iter(range(10**9))
    monkeypatch.setattr(time, "time", lambda: 1_700_000_000.0 + (-1) ** next(jumps) * 86_400.0 * 365)
    stub.behave = lambda call: (
        Act({"error": {}}, 429, {"Retry-After": "1"})
        if call.text == "q3" and call.nth == 1
        else Act({"error": {}}, 500)
        if call.text == "q4" and call.nth == 1
        else Act(completion(), delay_s=30)
        if call.text == "q5" and call.nth == 1
        else Act(completion())
    )
    started = time.monotonic()
    replies = run(engine_of(stub.base_url, timeout_s=0.5, requests_per_minute=6000), [ask(f"q{i}") for i in range(40)])
    assert all(r.ok for r in replies) and len(stub.calls) == 43 and len(ledger(lake)) == 40
    assert time.monotonic() - started < 60


_FULL = """
import os, sys
from pathlib import Path
from resources.lake.store import LakeError
from resources.calls import ledger
from resources.calls.messages import CallsError
from tests.resources.calls.calls_worker import engine_on, requests_of
ledger.MOST_WAITING = 600

home = Path(sys.argv[1])
engine = engine_on(home, sys.argv[2])
engine.run(requests_of(20), asset="a", batch="b", run_id="run-1")
filler = home / "filler"
with filler.open("wb", buffering=0) as file:  # a rest that is kept would be written again, and fail, at the end
    try:
        while True:
            file.write(b"0" * 65536)
    except OSError:
        pass
os.truncate(filler, filler.stat().st_size - 1_500_000)  # room for a part of what is asked
try:
    engine.run(requests_of(1200), asset="a", batch="b", run_id="run-2")
    print("error: none")
except (CallsError, LakeError) as error:
    print("error:", error)
filler.unlink()
replies = engine.run(requests_of(1200), asset="a", batch="b", run_id="run-3")
engine.close()
rows = engine.store.sql("SELECT count(*) AS n, count(DISTINCT call_id) AS d FROM calls").row(0)
print("kept:", sum(r.ok for r in replies), *rows)
"""


@pytest.mark.long
def test_a_disk_that_is_really_full_stops_paying_and_the_next_run_goes_on(tmp_path):
    home = tmp_path / "disk"
    home.mkdir()
    script = tmp_path / "asker.py"
    script.write_text(_FULL)
    try:
        probe = subprocess.run(["unshare", "--mount", "sh", "-c", f'mount -t tmpfs none "{home}"'], capture_output=True)
    except FileNotFoundError:
        pytest.skip("the command unshare is not there: no small disk can be mounted")
    if probe.returncode:
        pytest.skip("no right to mount a small disk here: needs root")
    with StubEndpoint(lambda call: Act(completion(base64.b64encode(os.urandom(3000)).decode()))) as server:
        mount = 'mount -t tmpfs -o size=24m none "$1" && exec "$2" "$3" "$1" "$4"'
        command = [
            "unshare",
            "--mount",
            "sh",
            "-c",
            mount,
            "sh",
            str(home),
            sys.executable,
            str(script),
            server.base_url,
        ]
        done = subprocess.run(
            command,
            cwd=PROJECT_ROOT,
            env={"PYTHONPATH": str(PROJECT_ROOT), "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        report = dict(line.split(": ", 1) for line in done.stdout.splitlines() if line.startswith(("error", "kept")))
        assert "Free space" in report["error"] and str(home) in report["error"]
        assert report["kept"] == "1200 1200 1200"
        assert len(server.calls) < 1200 + 700, "paid again is at most what could not be kept"
