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

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]  # one process learns all facts, a minute and a half of CPU


@pytest.fixture(scope="module")
def facts():
    pytest.importorskip("torch", reason="training needs the cpu or gpu dependencies: make setup")
    hooks = PROJECT_ROOT / "resources" / "workers" / "hooks"
    done = subprocess.run(
        [sys.executable, "-m", "tests.training.library_facts"],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        env={
            **os.environ,
            "GLOO_SOCKET_IFNAME": "lo",
            "DS_ACCELERATOR": "cpu",
            "PYTHONPATH": f"{PROJECT_ROOT}{os.pathsep}{hooks}",
        },
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


def test_ranks_that_ask_other_rows_in_the_place_of_flat_groups_do_equal_things(facts):
    """Of three groups the first, on rank 0, and the second, on both ranks, teach nothing; one of the others neither."""
    one, other = facts["flat on ranks"]
    assert one["logged"] == other["logged"]
    assert [what for what, _ in one["did"]] == [what for what, _ in other["did"]]
    sampled = [[n for what, n in rank["did"] if what == "sampled"] for rank in (one, other)]
    assert sampled == [[3, 3, 2]] * 2, "ranks sample equally many, whatever they hold: else they wait for each other"
    scored = [[places for what, places in rank["did"] if what == "scored"] for rank in (one, other)]
    assert [len(places) for places in scored[0]] == [3, 3, 2] and [len(places) for places in scored[1]] == [3, 1, 0]
    logged = one["logged"]
    assert (logged["groups/flat"], logged["groups/resampled"], logged["groups/dropped"]) == (2 / 3, 3, 0)
    assert logged["grad_norm"] > 0


def test_a_group_that_is_dropped_counts_nowhere_in_any_loss(facts):
    for loss, (dropped, never, kept) in facts["losses without flat groups"].items():
        assert dropped == pytest.approx(never, rel=1e-5) and abs(dropped) > 1e-3, loss
        assert kept == pytest.approx(dropped / 3, rel=1e-5), f"{loss}: two of three groups taught nothing"
