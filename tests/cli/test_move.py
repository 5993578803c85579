"""`wethink move`: where things go, what is refused, and what the old place says afterwards."""

from __future__ import annotations

import dagster as dg
import pytest
from click.testing import CliRunner

from resources.workers.process_identity import ProcessIdentity
from tests.fresh_lakes import fresh_lake
from tests.jobs.runs import past_run
from wethink_assets.cli.installation import open_instance
from wethink_assets.cli.main import main
from wethink_assets.settings import load_settings


@pytest.fixture
def wethink(tmp_path, monkeypatch):
    """Runs a command in an installation with a lake and nothing else."""
    home = tmp_path / "home"
    fresh_lake(home / "lake")
    monkeypatch.setenv("WETHINK_HOME", str(home))
    monkeypatch.setenv("DAGSTER_HOME", str(home / "dagster"))
    return lambda *arguments: CliRunner().invoke(main, arguments)


def test_the_files_go_elsewhere_and_back(wethink, tmp_path, monkeypatch):
    there = tmp_path / "a disk/data"
    moved = wethink("move", "--data", str(there))
    assert moved.exit_code == 0, moved.output
    assert f'data_path = "{there}"' in moved.output and "no catalog" in moved.output
    assert "remove them once you have looked" in moved.output
    old = wethink("summary")
    assert (
        old.exit_code != 0 and "this lake was moved: set [lake] catalog and data_path to those of catalog" in old.output
    )
    monkeypatch.setenv("WETHINK_LAKE_DATA", str(there))
    assert wethink("summary").exit_code == 0
    back = wethink("move", "--data", "home")
    assert back.exit_code == 0 and "no data_path" in back.output, back.output
    monkeypatch.delenv("WETHINK_LAKE_DATA")
    assert wethink("summary").exit_code == 0


def test_what_cannot_be_is_refused_before_anything_is_touched(wethink):
    assert "say what goes where" in wethink("move").output
    secret = wethink("move", "--catalog", "postgres:host=x password=s3cret")
    assert secret.exit_code == 2 and "PGPASSWORD" in secret.output and "s3cret" not in secret.output
    assert "is there already" in wethink("move", "--data", "home").output
    with open_instance(load_settings()) as instance:
        run = past_run(instance, "b", dg.DagsterRunStatus.STARTED)
        instance.add_run_tags(run.run_id, {"wethink/process": f"{run.run_id} {ProcessIdentity.here()}"})
    busy = wethink("move", "--catalog", "postgres:host=127.0.0.1 port=1 dbname=x")
    assert busy.exit_code == 1 and f"run {run.run_id[:8]}" in busy.output and "end them first" in busy.output
    assert wethink("summary").exit_code == 0
