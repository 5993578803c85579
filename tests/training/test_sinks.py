"""Sinks of metrics: files in the home, MLflow's written by a real run where installed, one line where one is not."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from importlib.util import find_spec

import pytest

from tests.training.installation import MECHANICS, materialize, settings, write_release
from wethink_assets.settings import SftSettings, TrainingSettings
from wethink_assets.training import identity, sinks
from wethink_assets.training.assets import training_assets

base_policy, sft_policy, _ = training_assets()


def test_what_is_not_installed_is_one_line_and_nothing_is_asked_for_without_it(tmp_path, monkeypatch):
    assert sinks.sink_variables([], tmp_path, "rl-1") == {} and not list(tmp_path.iterdir())
    monkeypatch.setattr(sinks, "find_spec", lambda name: None)
    with pytest.raises(sinks.SinkError, match='install "tensorboardX", or leave it out'):
        sinks.sink_variables(["tensorboard"], tmp_path, "rl-1")
    with pytest.raises(sinks.SinkError, match='install the extra "mlflow", or leave it out'):
        sinks.sink_variables(["mlflow"], tmp_path, "rl-1")


def test_tensorboard_gets_a_folder_of_each_policy(tmp_path):
    told = sinks.sink_variables(["tensorboard"], tmp_path, "rl-1")
    assert told == {"TENSORBOARD_LOGGING_DIR": f"{tmp_path}/tensorboard/rl-1"}


def test_mlflow_is_told_of_a_file_in_the_home_and_to_tell_nobody(tmp_path, monkeypatch):
    monkeypatch.setattr(sinks, "find_spec", lambda name: True)
    told = sinks.sink_variables(["mlflow"], tmp_path / "reports", "rl-1")
    assert told["MLFLOW_TRACKING_URI"] == f"sqlite:///{tmp_path}/reports/mlflow/runs.sqlite"
    assert told["MLFLOW_DISABLE_TELEMETRY"] == "true" and "rl-1" in told["MLFLOW_TAGS"]


def test_where_metrics_go_is_no_part_of_a_policy():
    def of(**given):
        return identity.rl_id("b", "w", "r", TrainingSettings(**given), None)

    assert of() == of(report_to=("mlflow", "tensorboard"))


@pytest.mark.long
@pytest.mark.skipif(not (find_spec("torch") and find_spec("mlflow")), reason="needs training and the extra mlflow")
def test_a_real_run_is_in_mlflows_file(tmp_path):
    own = SftSettings(steps=3, rows_per_step=3, learning_rate=1e-3)
    config = settings(tmp_path, MECHANICS.model_copy(update={"sft": own, "report_to": ("mlflow",)}))
    write_release(config, 3)
    assert materialize(config, [base_policy, sft_policy]).success
    (name,) = [path.name for path in (tmp_path / "policies").glob("sft-*") if path.is_dir()]
    with closing(sqlite3.connect(tmp_path / "reports" / "mlflow" / "runs.sqlite")) as file:
        runs = file.execute("SELECT name, status FROM runs").fetchall()
        losses = file.execute("SELECT step, value FROM metrics WHERE key = 'loss' ORDER BY step").fetchall()
    assert runs == [(name, "FINISHED")]
    assert [step for step, _ in losses] == [1, 2, 3] and losses[-1][1] < losses[0][1]
