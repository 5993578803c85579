"""The study on a real lake's release, as the command and as the job of Dagster run it; the workers are played."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from jobs.ablations import ablations
from tests.ablations.test_arms import made
from tests.training.installation import MECHANICS, resources, settings, write_release
from wethink_assets.ablations.release import ReleaseError, study_of
from wethink_assets.cli import ablation_commands
from wethink_assets.cli.ablation_commands import ablations_command

__all__ = ["made"]


@pytest.fixture
def config(tmp_path):
    own = settings(tmp_path / "home", MECHANICS)
    write_release(own, 5, heldout=2)
    return own


@pytest.mark.long
def test_the_job_and_the_command_are_one_study(config, made, monkeypatch):
    chosen = {"arms": ["direct", "sft_rl", "easy"], "seeds": [3], "asked": 4}
    result = ablations.execute_in_process(
        run_config={"ops": {"ablation_study": {"config": chosen}}},
        resources={name: value for name, value in resources(config).items() if name in ("lake", "settings")},
    )
    assert result.success and made.count("grpo_worker") == 2 and made.count("sft_worker") == 1
    folder = config.home / "ablations"
    assert "SFT, then RL | 6 | 3 |" in (folder / "ablations.md").read_text("utf-8")
    assert (folder / "ablations.png").read_bytes().startswith(b"\x89PNG")
    told = json.loads((folder / "results.json").read_text("utf-8"))
    assert told["rows"] == 6 and len(told["asked"]) == 4 and "pass rate" in told["left_out"]["easy"]
    made.clear()
    monkeypatch.setattr(ablation_commands, "settings_or_exit", lambda: config)
    asked = ["--arms", "direct,sft_rl", "--seeds", "3", "--asked", "4"]
    done = CliRunner().invoke(ablations_command, asked)
    assert done.exit_code == 0 and "SFT, then RL | 6 | 3 |" in done.output and not made


def test_what_is_not_there_or_not_known_is_one_line(config, tmp_path, monkeypatch):
    monkeypatch.setattr(ablation_commands, "settings_or_exit", lambda: config)
    for asked, line in (
        (["--arms", "sft_lr"], "there is no arm sft_lr: choose of"),
        (["--seeds", "a"], "invalid literal"),
    ):
        done = CliRunner().invoke(ablations_command, asked)
        assert done.exit_code == 1 and line in done.output and "Traceback" not in done.output
    none = settings(tmp_path / "none", MECHANICS)
    write_release(none, 2, heldout=2)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with pytest.raises(ReleaseError, match="has no training row whose image is there"):
        study_of(none, resources(none)["lake"], Path(tmp_path), scratch, 4)
