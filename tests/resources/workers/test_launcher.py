"""Workers report to the run, fail with one clear line, and never outlive the run."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import dagster as dg
import psutil
import pytest

from resources.file_lock import file_lock
from resources.settings import SettingsResource
from resources.workers import launcher, ranks
from resources.workers.launcher import GpuLauncher, explain, worker_command, worker_environment
from wethink_assets.settings import PROJECT_ROOT, Settings

MODULE = "tests.resources.workers.launcher_worker"


def run_worker(home: Path, what: str, **options):
    """Materialise an asset that starts the worker; returns its messages."""
    messages: list = []

    @dg.asset
    def worker_asset(context: dg.AssetExecutionContext, launcher: GpuLauncher) -> dg.MaterializeResult:
        messages.extend(launcher.run(context, MODULE, [what, str(home / "pids")], name="worker", **options))
        return dg.MaterializeResult()

    launcher = GpuLauncher(settings=SettingsResource.of(Settings(home=home)), grace_s=2.0)
    result = dg.materialize([worker_asset], resources={"launcher": launcher}, raise_on_error=False)
    failures = [e for e in result.all_events if e.is_step_failure]
    return messages, failures[0].event_specific_data.error if failures else None


def test_a_worker_reports_to_the_run(tmp_path, monkeypatch):
    monkeypatch.setattr(launcher, "MEANWHILE_S", 0.01)
    meanwhile: list = []
    messages, error = run_worker(
        tmp_path, "report", threads=1, extras={"policy_id": "p"}, meanwhile=lambda: meanwhile.append("shown")
    )
    assert error is None and meanwhile
    assert messages == [{"rank": "0", "threads": "1", "extras": {"policy_id": "p"}}]


def test_a_worker_that_knows_why_it_failed_says_it_in_one_line(tmp_path):
    _, error = run_worker(tmp_path, "fail")
    assert "worker: the checkpoint 'x' has no weights" in str(error.cause or error)
    assert "loading" in (tmp_path / "logs" / "worker.log").read_text()


def test_a_worker_that_crashed_shows_the_end_of_its_log(tmp_path):
    _, error = run_worker(tmp_path, "crash")
    text = str(error.cause or error)
    assert "ended with status 1" in text and "ValueError: something unforeseen" in text and "worker.log" in text


def test_the_kernels_kill_is_named():
    assert "out of memory" in explain("w", 137, [], Path("w.log"))
    assert "signal 11" in explain("w", 139, [], Path("w.log"))


def test_several_processes_are_ranks_that_meet_at_a_file(tmp_path):
    assert worker_command("m", ["a"], 1) == [sys.executable, "-m", "m", "a"]
    many = worker_command("m", ["a"], 2)
    assert many[2:] == [ranks.__file__, "2", sys.executable, "-m", "m", "a"]
    alone, two = (worker_environment(tmp_path, tmp_path / "x", processes=n, base={}) for n in (1, 2))
    assert alone["WORLD_SIZE"] == "1" and alone["RANK"] == "0" and two["WORLD_SIZE"] == "2" and "RANK" not in two
    assert two["WETHINK_RENDEZVOUS"] == str(tmp_path / "x" / "ranks") and two["GLOO_SOCKET_IFNAME"] == "lo"
    assert worker_environment(tmp_path, tmp_path, base={"GLOO_SOCKET_IFNAME": "eth1"})["GLOO_SOCKET_IFNAME"] == "eth1"
    assert "PYTHONDONTWRITEBYTECODE" not in worker_environment(
        tmp_path, tmp_path, base={"PYTHONDONTWRITEBYTECODE": "1"}
    )
    assert alone["HF_HUB_OFFLINE"] == "1"
    assert worker_environment(tmp_path, tmp_path, base={"HF_HUB_OFFLINE": "0"})["HF_HUB_OFFLINE"] == "0"


def started_ranks(code: str, number: int = 2) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-I", ranks.__file__, str(number), sys.executable, "-c", code]
    return subprocess.run(argv, capture_output=True, text=True, timeout=60)


def test_a_rank_that_fails_ends_the_others():
    # One write: with PYTHONUNBUFFERED, print writes its parts one by one into the pipe that all ranks share.
    told = started_ranks("import os; os.write(1, '{RANK} {LOCAL_RANK}\\n'.format(**os.environ).encode())", 3)
    assert told.returncode == 0 and sorted(told.stdout.split("\n")[:-1]) == ["0 0", "1 1", "2 2"]
    waits = "import os, sys, time\nif os.environ['RANK'] == '1': sys.exit(7)\ntime.sleep(600)"
    failed = started_ranks(waits)
    assert failed.returncode == 7 and "rank 1 ended with status 7; the others are ended" in failed.stderr
    assert started_ranks(waits.replace("sys.exit(7)", "os.kill(os.getpid(), 9)")).returncode == 137


OWNER = """
import sys
from pathlib import Path
from resources.file_lock import file_lock
from tests.resources.workers.test_launcher import run_worker
with file_lock(Path(sys.argv[1], "lock"), "the folder") as lock:
    run_worker(Path(sys.argv[1]), "wait", keep=lock)
"""


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "cancelled"])
def test_no_worker_and_no_child_of_it_outlives_the_run(tmp_path, number):
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(tmp_path)], cwd=PROJECT_ROOT, stdout=subprocess.DEVNULL)
    try:
        pids = wait_for(tmp_path / "pids", owner)
        workers = [os.pidfd_open(pid) for pid in pids]
        owner.send_signal(number)
        owner.wait(30)
        with file_lock(tmp_path / "lock", "the folder"):  # nobody works in it any more, even where nobody ended them
            for pid, descriptor in zip(pids, workers, strict=True):
                readable, _, _ = select.select(
                    [descriptor], [], [], 0
                )  # a pidfd is readable when its process has ended
                os.close(descriptor)
                assert readable, f"process {pid} outlived its run"
    finally:
        owner.kill()
        owner.wait()


def wait_for(path: Path, owner: subprocess.Popen) -> list[int]:
    """The pids that the worker writes when it is up."""
    watcher = psutil.Process(owner.pid)
    for _ in range(600):
        if path.exists():
            return [int(pid) for pid in path.read_text().split()]
        try:
            watcher.wait(timeout=0.1)
        except psutil.TimeoutExpired:
            continue
        raise AssertionError("the run ended before its worker was up")
    raise AssertionError("the worker did not come up")
