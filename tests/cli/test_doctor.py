"""`wethink doctor`: a healthy, an absent and a sick installation; it changes nothing unless it is asked to mend."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import dagster as dg
import pytest
from click.testing import CliRunner

from resources import scratch
from resources.workers.process_identity import ProcessIdentity
from tests.conftest import PROJECT_ROOT
from tests.resources.storage.conftest import picture
from tests.sources.test_check import put
from wethink_assets.cli import health
from wethink_assets.cli.installation import DAGSTER_YAML
from wethink_assets.cli.main import main
from wethink_assets.settings import ROLES
from wethink_assets.sources.catalog import SOURCES

ENDPOINT = '[endpoints.{role}]\nbase_url = "{url}"\nmodel = "m"\n'


@pytest.fixture
def doctor(tmp_path, monkeypatch):
    """Runs the command on a configuration with one source and endpoints; gives exit code and findings."""
    put(tmp_path / "root/sam", {"images/sa_1.jpg": picture(1)})
    paused = ", ".join(f'"{s.key}"' for s in SOURCES if s.key != "sam")
    config = tmp_path / "wethink.toml"
    monkeypatch.setenv("WETHINK_CONFIG", str(config))
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    monkeypatch.setattr(health, "LITTLE", 0)

    def run(*arguments, more="", url="http://127.0.0.1:9/v1", before=""):
        roles = "".join(ENDPOINT.format(role=role, url=url) for role in ROLES)
        config.write_text(
            f'home = "{tmp_path}/home"\nsources_root = "{tmp_path}/root"\n{before}[sources]\npaused = [{paused}]\n'
            f"{roles}{more}"
        )
        result = CliRunner().invoke(main, ["doctor", "--json", *arguments])
        told = json.loads(result.output)
        assert told["ok"] == (result.exit_code == 0)
        assert all(f["what"] and f["where"] and f["detail"] and f["cure"] for f in told["findings"])
        return result.exit_code, told["findings"]

    return run


def tree(root):
    return sorted((str(p), p.lstat().st_mode, p.lstat().st_size) for p in root.rglob("*"))


def faults(findings):
    return [f"{f['what']}: {f['detail']}" for f in findings if f["level"] == "fault" and not f["fixed"]]


def test_an_installation_that_is_not_there_yet_is_no_fault_and_nothing_is_made(tmp_path, doctor, monkeypatch):
    before = tree(tmp_path / "root")
    code, findings = doctor("--fix")
    assert code == 0, findings
    assert {"home", "evaluation sets"} <= {f["what"] for f in findings}
    assert not (tmp_path / "home").exists() and tree(tmp_path / "root") == before
    monkeypatch.delenv("WETHINK_CONFIG")
    monkeypatch.setenv("WETHINK_HOME", str(tmp_path / "none"))
    plain = CliRunner().invoke(main, ["doctor"])
    assert plain.exit_code == 0 and "wethink init FOLDER" in plain.output and not (tmp_path / "none").exists()


def test_what_dead_runs_left_is_told_and_mended_when_asked(tmp_path, doctor):
    home = tmp_path / "home"
    (home / "dagster").mkdir(parents=True)
    home.chmod(0o755)
    (home / "dagster/dagster.yaml").write_text(DAGSTER_YAML)
    here = ProcessIdentity.here()
    gone = ProcessIdentity(here.host, here.machine, "another-boot", here.namespace, here.pid, here.started)
    with dg.DagsterInstance.from_config(str(home / "dagster")) as instance:
        run = instance.create_run_for_job(dg.GraphDefinition("g").to_job("job"))
        instance.add_run_tags(run.run_id, {"wethink/process": f"{run.run_id} {gone}"})
        instance.report_dagster_event(dg.DagsterEvent("PIPELINE_START", "job"), run.run_id)
        storage = instance.event_log_storage
        storage.initialize_concurrency_limit_to_default("gpu")
        assert storage.claim_concurrency_slot("gpu", run.run_id, "step").is_claimed
    left = scratch.Scratch(home / ".work/stages", "questions")
    (left.folder / "rows").write_bytes(b"x" * 2_000_000)
    held = scratch.Scratch(home / ".work/stages", "answers")
    os.close(left._lock)  # as the system does for a process that was killed
    (home / "policies/abc.work").mkdir(parents=True)
    before = tree(home)
    code, findings = doctor()
    told = "\n".join(faults(findings))
    assert code == 1 and "home: open to all users" in told and f"run {run.run_id[:8]} (job, process" in told
    assert "holds gpu" in told and "1 folder of killed processes, 2 MB" in told and len(faults(findings)) == 3
    assert any("did not come to its end" in f["detail"] for f in findings if f["level"] == "note")
    assert tree(home) == before, "it only looks"
    code, findings = doctor("--fix")
    assert code == 0 and sum(f["fixed"] for f in findings) == 3
    assert not left.folder.exists() and held.folder.exists() and home.stat().st_mode & 0o777 == 0o700
    assert doctor()[0] == 0
    held.remove()


def test_databases_that_are_damaged_or_lost(tmp_path, doctor):
    lake, dagster = tmp_path / "home/lake", tmp_path / "home/dagster"
    put(lake, {"data/part.parquet": b"x"})
    (tmp_path / "home").chmod(0o700)
    assert "its catalog" in faults(doctor()[1])[0]
    (lake / "catalog.sqlite").write_bytes(b"no database at all, " * 300)
    put(dagster, {"dagster.yaml": b"a: [", "history/runs.db": b"neither is this, " * 300})
    lost = "\n".join(faults(doctor()[1]))
    assert lost.count("cannot be read as a database") == 2 and "Dagster: while parsing" in lost
    (lake / "catalog.sqlite").unlink()
    with sqlite3.connect(lake / "catalog.sqlite") as other:
        other.execute("CREATE TABLE mine (x)")
    other.close()
    assert any(f.startswith("lake: ") for f in faults(doctor()[1]))


def test_settings_and_sources_that_cannot_be_used(tmp_path, doctor, monkeypatch):
    code, findings = doctor(more="[budget]\ncost = 'sk-secret'\n")
    assert code == 1 and "budget.cost" in faults(findings)[0] and "sk-secret" not in str(findings)
    code, findings = doctor(more='api_key_env = "NO_SUCH_KEY"\n')
    assert faults(findings) == ["endpoints: role judge: the environment variable NO_SUCH_KEY is not set"]
    put(tmp_path / "root/sam", {"images/sa_1.jpg": b"no picture"})
    code, findings = doctor(before="", more="")
    assert code == 1 and "sources: sam: " in faults(findings)[0] and "not_an_image" in faults(findings)[0]
    monkeypatch.setattr(health, "LITTLE", 1e18)
    assert any("GB are free" in f for f in faults(doctor()[1]))


def test_endpoints_are_looked_for_only_when_asked_and_any_answer_is_one(doctor):
    class Refuses(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_error(401)

        def log_message(self, *arguments):
            pass

    server = HTTPServer(("127.0.0.1", 0), Refuses)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/v1"
    assert doctor(url=url)[0] == 0 and doctor("--endpoints", url=url)[0] == 0
    server.shutdown()
    server.server_close()
    assert doctor(url=url)[0] == 0
    code, findings = doctor("--endpoints", url=url)
    assert code == 1 and all("cannot be reached" in f for f in faults(findings)) and len(faults(findings)) == len(ROLES)


@pytest.mark.long
def test_one_that_is_killed_at_any_of_its_changes_is_gone_on_with_by_the_next(tmp_path):
    worker = [sys.executable, "-m", "tests.cli.killed_doctor", str(tmp_path)]
    done = subprocess.run(worker, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    undisturbed = told.pop("undisturbed")
    assert not undisturbed["killed"] and undisturbed["ends"] == ["0o700", ["FAILURE"], {}, [".work/stages"]]
    assert {name for name, one in told.items() if not one["killed"]} == set(), "each was killed"
    assert {name: one["ends"] for name, one in told.items() if one["ends"] != undisturbed["ends"]} == {}
