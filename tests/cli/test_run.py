"""`wethink run` and `wethink batches`: from nothing to a failed step that is told and gone on with."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import dagster as dg
import pytest
from click.testing import CliRunner

from jobs.jobs import JOBS
from tests.conftest import PROJECT_ROOT
from tests.fresh_lakes import fresh_lake
from tests.jobs.runs import past_run
from tests.resources.storage.conftest import coco
from tests.sources.test_check import put
from wethink_assets.cli import run as run_module
from wethink_assets.cli.installation import open_instance
from wethink_assets.cli.main import main
from wethink_assets.partitions import GROWTH_BATCH
from wethink_assets.settings import load_settings
from wethink_assets.sources.catalog import SOURCES


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Runs a command in an installation with one source, whose endpoints have no key."""
    put(tmp_path / "root/coco", coco())
    paused = ", ".join(f'"{s.key}"' for s in SOURCES if s.key != "coco")
    roles = "".join(
        f'[endpoints.{role}]\nbase_url = "http://127.0.0.1:9/v1"\nmodel = "m"\napi_key_env = "NO_SUCH_KEY"\n'
        for role in ("vlm", "reasoner", "adjudicator", "rewriter", "judge")
    )
    config = tmp_path / "wethink.toml"
    config.write_text(
        f'home = "{tmp_path}/home"\nsources_root = "{tmp_path}/root"\nbenchmarks_root = "{tmp_path}/none"\n'
        f"[sources]\npaused = [{paused}]\n{roles}"
    )
    monkeypatch.setenv("WETHINK_CONFIG", str(config))
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home" / "dagster"))
    monkeypatch.setenv("COLUMNS", "300")
    return lambda *arguments: CliRunner().invoke(main, arguments)


def test_where_nothing_can_begin_it_exits_2_and_makes_nothing(tmp_path, monkeypatch, installed):
    wrong = installed("run", "--part", "release", "--batch", "new")
    assert wrong.exit_code == 2 and "--batch goes with --part data or all" in wrong.output
    monkeypatch.setenv("WETHINK_CONFIG", str(tmp_path / "no.toml"))
    assert installed("run").exit_code == 2
    monkeypatch.delenv("WETHINK_CONFIG")
    monkeypatch.setenv("WETHINK_HOME", str(tmp_path / "empty"))
    nothing = installed("run")
    assert nothing.exit_code == 2 and "wethink init FOLDER" in nothing.output and not (tmp_path / "empty").exists()


@pytest.mark.long
def test_a_failed_step_is_told_with_its_cause_and_the_same_batch_is_gone_on_with(installed):
    first = installed("run", "--part", "data")
    assert first.exit_code == 1, first.output
    assert "for batch-0001: a new one" in first.output and "NO_SUCH_KEY" in first.output
    listed = installed("batches")
    row, told, _ = [line for line in listed.output.splitlines() if "batch-0001" in line]
    assert row.split()[:6] == ["batch-0001", "incomplete", "1", "8", "0", "no"]
    assert (
        "descriptions: role vlm: the environment variable NO_SUCH_KEY" in told
        and "--batch batch-0001` goes on" in listed.output
    )
    following = installed("run", "--part", "data")
    assert following.exit_code == 1 and "for batch-0001: it is incomplete" in following.output
    assert "sources/coco: left as it is" in following.output and "image_pool: left as it is" in following.output
    again = installed("run", "--part", "data", "--batch", "batch-0007")
    assert again.exit_code == 2 and "no batch 'batch-0007'; there are: batch-0001." in again.output


@pytest.fixture
def stubbed(installed, tmp_path, monkeypatch):
    """As `installed`, with a lake, and a run that notes what it was asked for."""
    fresh_lake(tmp_path / "home/lake")
    asked = []

    def run(instance, part, batch, by, *, again):
        asked.append((part, batch))
        return SimpleNamespace(success=True, get_step_failure_events=list)

    monkeypatch.setattr(run_module, "_run", run)
    return installed, asked


def test_every_part_is_a_job_and_only_those_of_a_batch_have_one(stubbed):
    command, asked = stubbed
    assert {job for job, _ in run_module.PARTS.values()} <= {job.name for job in JOBS}
    for part, following in (("train", "--part evaluate"), ("evaluate", "wethink compare base rl"), ("all", "make ui")):
        done = command("run", "--part", part)
        assert done.exit_code == 0 and following in done.output.rpartition("Next:")[2], done.output
    assert asked == [("train", ""), ("evaluate", ""), ("all", "batch-0001")]


def test_a_batch_at_which_another_run_works_is_left_to_it(stubbed):
    command, asked = stubbed
    with open_instance(load_settings()) as instance:
        instance.add_dynamic_partitions(GROWTH_BATCH, ["batch-0001"])
        other = past_run(instance, "batch-0001", dg.DagsterRunStatus.STARTED)
    busy = command("run", "--part", "data", "--batch", "batch-0001")
    assert busy.exit_code == 3 and not asked
    assert f"run {other.run_id[:8]} works at batch-0001 already" in busy.output and "wethink runs" in busy.output


class _Silent(BaseHTTPRequestHandler):
    """A model that never answers."""

    asked = threading.Event()
    over = threading.Event()

    def do_POST(self):
        self.asked.set()
        self.over.wait()

    def log_message(self, *arguments):
        pass


@pytest.mark.long
def test_an_interrupted_run_says_so_and_ends_as_shells_expect(installed, tmp_path):
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Silent)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    config = tmp_path / "wethink.toml"
    text = config.read_text().replace("127.0.0.1:9/", f"127.0.0.1:{server.server_port}/")
    config.write_text(text.replace('api_key_env = "NO_SUCH_KEY"\n', ""))
    fresh_lake(tmp_path / "home/lake")
    command = [sys.executable, "-m", "wethink_assets.cli.main", "run", "--part", "data"]
    process = subprocess.Popen(command, cwd=PROJECT_ROOT, env=dict(os.environ), stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, start_new_session=True)  # fmt: skip
    try:
        assert _Silent.asked.wait(120), "the run asked no model"
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=120)
    finally:
        process.kill()
        _Silent.over.set()
        server.shutdown()
        server.server_close()
    assert process.returncode == 130, output
    assert "Interrupted. What was done stays done" in output and "Traceback" not in output
    listed = installed("batches")
    assert "it was interrupted" in listed.output and "batch-0001" in listed.output, listed.output
