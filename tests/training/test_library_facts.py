"""Our numbers and settings against what the installed transformers and TRL do with them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing

import pytest

from tests.conftest import PROJECT_ROOT
from wethink_assets.settings import TrainingSettings
from wethink_assets.training.model_shape import PUBLISHED


@pytest.fixture(scope="module")
def facts():
    pytest.importorskip("torch", reason="training needs the cpu or gpu dependencies: make setup")
    hooks = PROJECT_ROOT / "resources" / "workers" / "hooks"
    done = subprocess.run(
        [sys.executable, "-m", "tests.training.library_facts"],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "GLOO_SOCKET_IFNAME": "lo", "PYTHONPATH": f"{PROJECT_ROOT}{os.pathsep}{hooks}"},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_parameters_are_counted_exactly(facts):
    for name, shape in PUBLISHED.items():
        count = shape.parameters
        assert facts["parameters"][name] == {"built": count, "read": count, "adapters": shape.lora_parameters(4)}


def test_every_loss_that_can_be_configured_is_one_of_the_trainers(facts):
    assert facts["losses"] == list(typing.get_args(TrainingSettings.model_fields["loss"].annotation))


def test_settings_reach_the_trainer(facts):
    assert facts["plain"] == {
        "loss_type": "dapo",
        "epsilon": 0.2,
        "epsilon_high": 0.28,
        "importance_sampling_level": "token",
        "multi_objective_aggregation": "sum_then_normalize",
        "micro": [128, 1],
    }
    assert (facts["gspo"]["importance_sampling_level"], facts["gspo"]["epsilon_high"]) == ("sequence", 4e-4)
    assert facts["apart"]["multi_objective_aggregation"] == "normalize_then_sum" and facts["apart"]["micro"] == [16, 8]


def test_images_are_scaled_to_the_configured_pixels_and_the_policy_keeps_its_bases(facts):
    limited, own = facts["pixels"]
    assert limited[0] * limited[1] <= 28 * 28 * 40 and limited[3] * limited[4] <= 4 * 40
    assert own[:2] == [392, 308] and own == facts["own pixels"][0] == facts["own pixels"][1]


def test_trl_takes_the_rows_of_an_export_as_conversations_with_pictures(facts):
    assert facts["conversations"] and all(parts == ["image", "text"] for parts in facts["conversations"])


def test_ranks_that_share_the_warm_start_learn_what_one_process_learns(facts):
    alone, *shared = facts["warm starts"]
    assert len(shared) == 2 and len(alone) == 2
    for losses in shared:
        assert losses == pytest.approx(alone, rel=1e-5)
