"""Export of a policy: whole or not at all, the weights that were trained, a card that a reader of YAML can read."""

from __future__ import annotations

import hashlib
import json

import pytest
import yaml

from wethink_assets.evaluation.report.policy_export import PolicyExportError, card_of, export, policy_named

WEIGHTS = b"weights"
SHA = hashlib.sha256(WEIGHTS).hexdigest()
BASE = {
    "policy_id": "base-1",
    "kind": "base",
    "parent_id": None,
    "release_id": None,
    "path": "Qwen/Qwen2.5-VL-7B-Instruct",
    "weights_sha256": None,
    "config": "{}",
    "seconds": 0.0,
    "promoted": None,
    "why": None,
}
RL = BASE | {
    "policy_id": "rl-1",
    "kind": "rl",
    "parent_id": "base-1",
    "release_id": "release-1",
    "path": "policies/rl-1",
    "weights_sha256": SHA,
    "config": json.dumps({"steps": 12, "loss": "dapo", "preset": "", "guards": {"kl": "stop"}}),
    "seconds": 90.0,
    "promoted": True,
    "why": "+3.0 [1.0, 5.0] on 50 held-out rows",
}
SCORE = {
    "benchmark": "heldout",
    "metric": "accuracy",
    "name": "accuracy (50 of 60)",
    "value": 71.25,
    "low": 60.0,
    "high": 80.0,
    "scale": 100.0,
    "n": 50,
    "n_set": 60,
    "n_contaminated": 0,
    "rules_only": False,
}
SPOKE = {"guard": "length", "strength": "warn", "passed": False, "step": 9, "value": 3.0, "bound": 2.0, "said": "a; b"}


class Lake:
    def __init__(self, policy):
        self.policy = policy

    def rows(self, name, **parameters):
        return {
            "evaluation/select_policies": [BASE, self.policy],
            "evaluation/select_promotion": [self.policy] if self.policy["promoted"] is not None else [],
            "evaluation/select_headline_scores": [SCORE, SCORE | {"benchmark": "MMVet", "value": None}],
            "training/select_guards": [SPOKE],
            "training/select_current_policy": [{"policy_id": "rl-1"}],
        }[name]


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "policies" / "rl-1"
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(WEIGHTS)
    for name in ("config.json", "preprocessor_config.json", "policy.json", "steps.jsonl", "rollouts.parquet"):
        (folder / name).write_text("{}")
    return tmp_path


def test_the_folder_holds_the_model_and_its_card_and_nothing_of_the_installation(home):
    files = export(Lake(RL), home, RL, home / "out" / "model")
    assert [p.name for p in files] == ["README.md", "config.json", "model.safetensors", "preprocessor_config.json"]
    assert not list((home / "out").glob(".*"))
    with pytest.raises(PolicyExportError, match="not empty"):
        export(Lake(RL), home, RL, home / "out" / "model")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"promoted": False, "why": "below its base: -2.0"}, "is not promoted .below its base"),
        ({"promoted": None, "why": None}, "materialise scoreboard"),
        ({"weights_sha256": "0" * 64}, "holds other weights"),
        ({"path": "policies/gone"}, "is gone"),
        ({"weights_sha256": None}, "only registered"),
    ],
)
def test_what_must_not_leave_is_refused_in_one_line(home, change, message):
    policy = RL | change
    with pytest.raises(PolicyExportError, match=message) as refused:
        export(Lake(policy), home, policy, home / "model")
    assert "\n" not in str(refused.value) and not (home / "model").exists()
    if "promoted" in change:
        assert export(Lake(policy), home, policy, home / "model", unpromoted=True)


def test_the_card_says_what_it_is_and_its_head_is_yaml():
    card = card_of(Lake(RL), RL)
    _, head, text = card.split("---\n", 2)
    told = yaml.safe_load(head)
    assert told["base_model"] == BASE["path"] and told["library_name"] == "transformers"
    (result,) = told["model-index"][0]["results"]
    assert result["dataset"]["name"] == "heldout" and result["metrics"][0]["value"] == 71.25
    for word in ("release-1", "71.2 [60.0, 80.0]", "50 of 60", "spoke", "a; b", SHA, "`steps`", "+3.0", "no score"):
        assert word in text, word
    assert "guards" not in text.split("## Recipe")[1] and "preset" not in text
    assert "not judged" in card_of(Lake(RL | {"promoted": None}), RL)
    assert "before reinforcement" in card_of(Lake(RL), BASE)


def test_a_policy_is_found_by_the_beginning_of_its_id():
    assert policy_named(Lake(RL), "latest") == policy_named(Lake(RL), "rl-1") == policy_named(Lake(RL), "rl") == RL
    for name in ("other", ""):
        with pytest.raises(PolicyExportError, match="policies are called"):
            policy_named(Lake(RL), name)
