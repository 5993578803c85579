"""Where there is no lake, only what sets an installation up makes one; everything else says how, in one line."""

from __future__ import annotations

import ast
from contextlib import ExitStack

import dagster as dg
import pytest
from click.testing import CliRunner

from jobs.schedules import SCHEDULES
from jobs.sensors import new_source_files
from resources.lake.resource import Lake
from resources.settings import SettingsResource
from tests.conftest import PROJECT_ROOT
from wethink_assets.cli.main import main
from wethink_assets.graph import build_definitions

COMMANDS = {
    "summary": "summary",
    "lineage": "lineage x",
    "maintain": "maintain",
    "sql": "sql SELECT",
    "explore": "explore",
    "batches": "batches",
    "policies": "policies list",
    "compare": "compare base rl",
    "release list": "release list",
    "release tag": "release tag a b",
    "calls export": "calls export calls.parquet",
    "calls refused": "calls refused",
    "prompts": "prompts diff",
    "backup": "backup there",
    "move": "move --data elsewhere",
}
# Where the code may make a lake: set-up, and what fills a new one from a file.
MAKERS = {"wethink_assets/cli/installation.py"}
GIVEN = {"wethink_assets/cli/record_commands.py", "wethink_assets/cli/release_commands.py"}


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("WETHINK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home/dagster"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "home/lake").mkdir(parents=True)
    (tmp_path / "home").chmod(0o700)
    return tmp_path / "home"


def made(home) -> bool:
    return any(home.rglob("catalog.sqlite*"))


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_command_refuses_in_one_line(home, command):
    done = CliRunner().invoke(main, command.split())
    assert done.exit_code == 1 and not made(home), done.output
    assert done.output.count("\n") == 1 and "there is no lake at " in done.output and "wethink setup" in done.output


def test_a_step_a_sensor_and_a_schedule_refuse_and_set_up_makes_it(home):
    values = {"lake": Lake(), "settings": SettingsResource()}
    definitions = build_definitions()
    (home / "runs").mkdir()
    instance = dg.DagsterInstance.local_temp(str(home / "runs"))
    asset = definitions.resolve_asset_graph().assets_def_for_key(dg.AssetKey("gate_quality"))
    job = definitions.resolve_job_def("release_data_set")
    result = job.execute_in_process(instance=instance, asset_selection=[asset.key], raise_on_error=False)
    (failed,) = [event for event in result.all_events if event.is_step_failure]
    told = str(failed.step_failure_data.error.cause or failed.step_failure_data.error)
    assert "there is no lake at " in told and "wethink setup" in told
    with ExitStack() as stack:
        looked = [new_source_files(stack.enter_context(dg.build_sensor_context(instance, resources=values)))]
        looked += [one(stack.enter_context(dg.build_schedule_context(instance, resources=values))) for one in SCHEDULES]
    for tick in looked:
        assert "there is no lake at " in tick.skip_message and "wethink setup" in tick.skip_message
    assert not made(home)
    for _ in range(2):
        done = CliRunner().invoke(main, ["setup"])
        assert done.exit_code == 0 and made(home) and (home / "dagster/dagster.yaml").exists()
    with dg.build_sensor_context(instance, resources={"lake": Lake(), "settings": SettingsResource()}) as context:
        assert "first look" in new_source_files(context).skip_reason.skip_message


def test_no_other_code_makes_one():
    for path in sorted(PROJECT_ROOT.glob("*/**/*.py")):
        name = path.relative_to(PROJECT_ROOT).as_posix()
        if name.split("/")[0] not in ("wethink_assets", "jobs", "resources"):
            continue
        text = path.read_text("utf-8")
        if "Lake" not in text:
            continue
        for call in (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)):
            what = ast.unparse(call.func)
            given = {word.arg: ast.unparse(word.value) for word in call.keywords}
            if what in ("LakeStore", "LakeConnection"):
                assert given.get("create") in ("False", "where.create"), f"{name}: {ast.unparse(call)}"
            elif what in ("LakeStore.of", "LakeConnection.of"):
                assert given.get("create", "False") == "False" or name in MAKERS | GIVEN, f"{name}: {ast.unparse(call)}"
            assert what != "Lake.at", f"{name}: {ast.unparse(call)}"
