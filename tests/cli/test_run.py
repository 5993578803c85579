"""`wethink run` and `wethink batches`: from nothing to a failed step that is told and gone on with."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from tests.resources.storage.conftest import coco
from tests.sources.test_check import put
from wethink_assets.cli.main import main
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
    again = installed("run", "--part", "data", "--batch", "batch-0007")
    assert again.exit_code == 2 and "no batch 'batch-0007'; there are: batch-0001." in again.output
