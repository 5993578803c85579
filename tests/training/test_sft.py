"""Supervised fine-tuning: which reply a row teaches, ids, and a real run: killed, gone on with, begun from by GRPO."""

from __future__ import annotations

import json
from importlib.util import find_spec
from types import SimpleNamespace

import pytest

from tests.training.installation import MECHANICS, RELEASE, materialize, resources, settings, write_release
from tests.training.kill_at_checkpoint import killed_at_checkpoint
from wethink_assets.evaluation.report.policy_export import card_of, export, policy_named
from wethink_assets.rewards.format import format_reward
from wethink_assets.settings import SftSettings, TrainingSettings
from wethink_assets.training import identity, sft
from wethink_assets.training.assets import training_assets
from wethink_assets.training.job import MANIFEST, STEPS, logged_steps, read_manifest
from wethink_assets.training.throughput import OF_THE_CLOCK

base_policy, sft_policy, rl_policy = training_assets(TrainingSettings(start_from="sft"))
SHORT = MECHANICS.model_copy(update={"sft": SftSettings(steps=4, rows_per_step=3, learning_rate=1e-3)})


def row(sample="s", path="Look. It is red.", answer="red", problem="What colour?"):
    return {"sample_id": sample, "problem": problem, "answer": answer, "refined_cot": path}


def test_a_row_teaches_its_path_and_answer_in_the_papers_form():
    replies, aside = sft.taught([row()], 100)
    assert replies == {"s": "<think>Look. It is red.</think><answer>red</answer>"} and not aside
    assert format_reward(replies["s"]) == 1.0


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"path": None}, "no_path"),
        ({"path": " \n"}, "no_path"),
        ({"answer": ""}, "no_path"),
        ({"path": "a<|image_pad|>b"}, "special_token"),
        ({"problem": "Say <|im_end|> now"}, "special_token"),
        ({"path": "x" * 100}, "reply_too_long"),
    ],
)
def test_a_row_that_teaches_nothing_is_set_aside_with_its_reason(change, reason):
    replies, aside = sft.taught([row("t"), row(**change)], 100)
    assert set(replies) == {"t"} and [(s.subject_id, s.reason) for s in aside] == [("s", reason)]


def test_a_step_that_cannot_be_split_names_the_setting():
    def of(**given):
        return TrainingSettings(sft=SftSettings(**given))

    assert sft.micro_batches(of(rows_per_step=32, micro_batch=4), 2) == (4, 4)
    with pytest.raises(ValueError, match=r"rows_per_step = 32 rows cannot be shared out to 3"):
        sft.micro_batches(of(rows_per_step=32), 3)
    with pytest.raises(ValueError, match=r"set training\.sft\.micro_batch to a divisor of 16"):
        sft.micro_batches(of(rows_per_step=32, micro_batch=5), 2)


def test_the_id_covers_what_is_learned_from_and_nothing_that_says_only_how_fast():
    def of(base="b", weights="w", release="r", rows="d", processes=1, **given):
        return sft.sft_id(base, weights, release, TrainingSettings(**given), rows=rows, processes=processes)

    others = [
        of(base="c"),
        of(weights="x"),
        of(release="q"),
        of(rows="e"),
        of(processes=2),
        of(seed=1),
        of(lora_rank=4),
        of(sft=SftSettings(steps=61)),
    ]
    assert len({of(), *others}) == 9
    assert of() == of(threads=3) == of(checkpoint_every=7) == of(steps=5) == of(group_size=3) == of(beta=0.1)


def test_ids_of_rl_policies_are_as_they_were_and_follow_the_policy_that_they_begin_from():
    def of(base="b", **given):
        return identity.rl_id(base, "w", "r", TrainingSettings(**given), None)

    assert of() == of(sft=SftSettings(steps=3)) == of(start_from="sft") != of(base="sft-1")


def test_of_the_guards_the_one_that_looks_at_losses_is_on():
    guards = sft.as_trained(TrainingSettings()).guards
    assert guards.non_finite == "stop" and {guards.entropy, guards.length, guards.kl, guards.heldout} == {"off"}


def error_of(result) -> str:
    return str(next(e for e in result.all_events if e.is_step_failure).event_specific_data.error)


@pytest.fixture(scope="module")
def tuned(tmp_path_factory):
    """A base, RL that is refused, an SFT run killed after its first checkpoint and gone on with, RL from it."""
    home = tmp_path_factory.mktemp("sft")
    config = settings(home, SHORT.model_copy(update={"start_from": "sft", "steps": 2}))
    samples = write_release(config, 4, heldout=1)[:6]
    assert materialize(config, [base_policy]).success
    refused = materialize(config, [rl_policy])
    with killed_at_checkpoint(home, "sft"):
        assert not materialize(config, [sft_policy]).success
    assert not list(home.glob("policies/sft-*/" + MANIFEST))
    resumed = materialize(config, [sft_policy])
    assert resumed.success
    rl = materialize(config, [rl_policy])
    lake = resources(config)["lake"].store
    yield SimpleNamespace(home=home, config=config, samples=samples, refused=refused, resumed=resumed, rl=rl, lake=lake)
    lake.close()


def policy(lake, kind):
    return lake.sql("SELECT * FROM policies WHERE kind = $kind", kind=kind).to_dicts()[0]


needs_torch = pytest.mark.skipif(
    not find_spec("torch"), reason="training needs the cpu or gpu dependencies: make setup"
)


@needs_torch
@pytest.mark.long
def test_the_policy_is_recorded_whole_with_what_it_learned_from(tuned):
    found = policy(tuned.lake, "sft")
    folder = tuned.home / found["path"]
    manifest = read_manifest(folder)
    assert found["parent_id"].startswith("base-") and found["release_id"] == RELEASE
    assert manifest["resumed_after"] == 2 and manifest["zero_stage"] == 2 and manifest["finite"]
    assert manifest["weights_sha256"] == found["weights_sha256"] != policy(tuned.lake, "base")["weights_sha256"]
    assert not list(tuned.home.glob("policies/*.work")) and not list(folder.glob("*.bin"))
    steps = tuned.lake.sql("SELECT step, metrics FROM training_steps WHERE policy_id LIKE 'sft-%' ORDER BY step")
    assert steps["step"].to_list() == [1, 2, 3, 4]
    metrics = [json.loads(m) for m in steps["metrics"]]
    wanted = {"loss", "mean_token_accuracy", "grad_norm", "learning_rate", "tokens_per_second", "memory_gib"}
    assert all(wanted <= step.keys() for step in metrics) and metrics[-1]["loss"] < metrics[0]["loss"]
    (account,) = tuned.lake.sql("SELECT * FROM materializations WHERE asset = 'sft_policy'").to_dicts()
    assert account["rows_in"] == len(tuned.samples) == account["continued"]
    checks = {c.check_name: c.passed for c in tuned.resumed.get_asset_check_evaluations()}
    assert checks["rows_conserved"] and checks["weights_sound"] and checks["loss_fell"] and checks["guard_non_finite"]
    shows = tuned.resumed.get_asset_materialization_events()[0].materialization.metadata
    assert "![Loss and accuracy" in shows["loss"].value


@needs_torch
@pytest.mark.long
def test_a_run_that_was_killed_and_went_on_equals_one_that_was_not(tuned):
    found = policy(tuned.lake, "sft")
    folder = tuned.home / found["path"]
    kept = folder.rename(folder.with_suffix(".first"))
    assert materialize(tuned.config, [sft_policy]).success
    assert read_manifest(folder)["resumed_after"] == 0
    assert read_manifest(folder)["weights_sha256"] == found["weights_sha256"]
    whole, gone_on = logged_steps(folder / STEPS), logged_steps(kept / STEPS)
    for one, other in zip(whole, gone_on, strict=True):
        assert one["metrics"].keys() == other["metrics"].keys()
        for name in one["metrics"].keys() - OF_THE_CLOCK:
            assert one["metrics"][name] == pytest.approx(other["metrics"][name], abs=1e-6), (one["step"], name)


@needs_torch
@pytest.mark.long
def test_reinforcement_learning_begins_from_it_and_only_from_one_that_is_there(tuned):
    assert "there is no SFT policy: materialise sft_policy" in error_of(tuned.refused)
    assert tuned.rl.success and policy(tuned.lake, "rl")["parent_id"] == policy(tuned.lake, "sft")["policy_id"]


@needs_torch
@pytest.mark.long
def test_it_is_exported_with_a_card_of_its_own(tuned, tmp_path):
    found = policy_named(tuned.lake, policy(tuned.lake, "sft")["policy_id"])
    names = {path.name for path in export(tuned.lake, tuned.home, found, tmp_path / "out")}
    assert "model.safetensors" in names and "learned.txt" not in names and STEPS not in names
    text = card_of(tuned.lake, found)
    assert "- sft" in text and "supervised fine-tuning" in text and "| non_finite | stop | passed |" in text


def test_an_sft_policy_of_another_base_or_release_is_not_begun_from():
    from wethink_assets.training.sft_assets import start_of

    known = {"policy_id": "sft-1", "parent_id": "base-1", "release_id": "r1"}
    lake = SimpleNamespace(rows=lambda *_, **__: [known])
    assert start_of(lake, {"policy_id": "base-1"}, "r1") is known
    for base, release, why in (("base-2", "r1", "began from base-1"), ("base-1", "r2", "learned from release r1")):
        with pytest.raises(Exception, match=why):
            start_of(lake, {"policy_id": base}, release)
