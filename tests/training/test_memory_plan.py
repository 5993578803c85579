"""Memory of a recipe: every example and preset on the GPUs that it names, and the terms by their own arithmetic."""

from __future__ import annotations

import tomllib

import pytest

from tests.conftest import PROJECT_ROOT
from wethink_assets.settings import Settings, TrainingSettings
from wethink_assets.settings.presets import preset_names
from wethink_assets.training.memory_plan import GIB, PROMPT_TOKENS, Plan, plan
from wethink_assets.training.model_shape import PUBLISHED, shape_of

SEVEN = PUBLISHED["Qwen/Qwen2.5-VL-7B-Instruct"]
MAIN_MEMORY = 3 * GIB  # of what names no GPU


def example() -> TrainingSettings:
    text = (PROJECT_ROOT / "docs" / "wethink.example.toml").read_text("utf-8")
    return Settings.model_validate(tomllib.loads(text)).training


def planned(training: TrainingSettings, **more) -> Plan:
    cuda = training.gpu_memory_gib > 0
    gpu_bytes = training.gpu_memory_gib * GIB if cuda else MAIN_MEMORY
    shape = shape_of(training.base, (training.min_pixels, training.max_pixels))
    return plan(shape, training, gpus=training.processes or (1 if cuda else 2), gpu_bytes=gpu_bytes, cuda=cuda, **more)


def term(of: Plan, name: str) -> float:
    return next(t.bytes for t in of.terms if t.name == name)


RECIPES = {name: (lambda name=name: TrainingSettings(preset=name)) for name in preset_names()} | {"example": example}


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_fits_the_gpus_that_it_names(name):
    training = RECIPES[name]()
    one = planned(training)
    assert one.fits, (name, one.peak / GIB, one.faults)
    assert training.gpu_memory_gib or name == "tiny-cpu"
    assert training.max_model_length in (None, *range(one.sequence, one.sequence + 100)), one.sequence


def test_the_paper_asks_for_eight_gpus_and_a_group_of_five():
    training = TrainingSettings(preset="qwen2.5-vl-7b-8gpu")
    assert (training.base, training.group_size, training.processes) == (SEVEN.name, 5, 8)
    assert (training.accuracy_weight, training.format_weight) == (0.7, 0.3)


def test_three_hundred_and_twenty_completions_at_once_do_not_fit():
    training = example().model_copy(update={"micro_batch": 0})
    one = planned(training)
    assert one.micro_batch == 320 and not one.fits
    assert term(one, "activations") > 500 * GIB and one.whole_logits == 2 * 320 * 2048 * 152_064


def test_states_are_sixteen_bytes_a_parameter_shared_out_by_stage():
    n = SEVEN.parameters
    for stage, bytes_each in ((1, 2 + 2 + 12 / 8), (2, 2 + (2 + 12) / 8), (3, (2 + 2 + 12) / 8)):
        one = planned(TrainingSettings(preset="qwen2.5-vl-7b-8gpu", zero_stage=stage))
        held = sum(term(one, name) for name in ("weights", "gradients", "optimizer"))
        assert held == pytest.approx(bytes_each * n)
    whole = planned(TrainingSettings(preset="qwen2.5-vl-7b-8gpu", zero_stage=3, processes=1))
    assert sum(term(whole, name) for name in ("weights", "gradients", "optimizer")) == pytest.approx(16 * n)


def test_the_optimizer_may_lie_in_main_memory():
    one = planned(TrainingSettings(preset="qwen2.5-vl-7b-8gpu", offload="optimizer"))
    assert term(one, "optimizer") == term(one, "gradients") == 0 and one.host_bytes == 14 * SEVEN.parameters


def test_a_reference_policy_is_held_only_for_a_beta():
    names = {t.name for t in planned(TrainingSettings(preset="qwen2.5-vl-7b-8gpu", beta=0.0)).terms}
    assert "reference policy" not in names


def test_an_image_is_a_token_for_each_28_by_28_pixels():
    one = planned(TrainingSettings(preset="qwen2.5-vl-7b-8gpu", max_pixels=784 * 1_000))
    assert one.image_tokens == 1_000 and one.sequence == PROMPT_TOKENS + 1_000 + 2_048
    assert term(one, "pixels of the step") == 2 * 320 * 4_000 * 1_176


def test_generate_holds_the_keys_and_values_of_every_completion():
    one = planned(TrainingSettings(preset="qwen2.5-vl-7b-8gpu", rollouts="generate", max_model_length=None))
    assert term(one, "keys and values") == 57_344 * 320 * one.sequence  # 2 x 2 bytes x 28 layers x 4 heads x 128
    assert term(one, "weights, gathered") == 2 * SEVEN.parameters and not one.fits


def test_vllm_has_its_share_all_the_time_or_sleeps():
    awake = planned(TrainingSettings(preset="qwen2.5-vl-7b-8gpu"))
    asleep = planned(TrainingSettings(preset="qwen2.5-vl-7b-8gpu", vllm_sleep=True))
    share = 0.3 * 79 * GIB
    assert term(awake, "vLLM") == pytest.approx(share)
    assert awake.of("held") - asleep.of("held") == pytest.approx(share)


@pytest.mark.parametrize(
    ("change", "told"),
    [({"vllm_memory_share": 0.2}, "training.vllm_memory_share"), ({"max_model_length": 4096}, "set it to 8422")],
)
def test_what_vllm_would_not_start_with_is_a_fault_that_names_the_setting(change, told):
    (fault,) = planned(TrainingSettings(preset="qwen2.5-vl-7b-8gpu", **change)).faults
    assert told in fault


def test_with_adapters_only_they_have_gradients_and_states():
    whole = planned(TrainingSettings(preset="qwen2.5-vl-7b-lora-1gpu", lora_rank=0))
    one = planned(TrainingSettings(preset="qwen2.5-vl-7b-lora-1gpu"))
    learned = SEVEN.lora_parameters(32)
    assert learned == 28 * 32 * (4 * 3_584 + 2 * (3_584 + 512) + 3 * (3_584 + 18_944))
    assert [term(one, name) for name in ("adapters", "gradients", "optimizer")] == [
        2 * learned,
        2 * learned,
        12 * learned,
    ]
    assert term(one, "weights") == term(whole, "weights") and not whole.fits
    assert "reference policy" in {t.name for t in whole.terms} and "reference policy" not in {t.name for t in one.terms}
    with pytest.raises(ValueError, match="set it to 2"):
        TrainingSettings(preset="qwen2.5-vl-7b-lora-1gpu", zero_stage=3)
