"""What does not fit is refused in one line, with settings that make it fit."""

from __future__ import annotations

import pytest

from wethink_assets.settings import TrainingSettings
from wethink_assets.training.memory_cures import cure, refusal, told
from wethink_assets.training.memory_plan import GIB, plan
from wethink_assets.training.model_shape import shape_of

EIGHT, ONE = "qwen2.5-vl-7b-8gpu", "qwen2.5-vl-3b-1gpu"


def refused(training: TrainingSettings) -> str | None:
    return refusal(training, training.base, gpus=training.processes, gpu_bytes=training.gpu_memory_gib * GIB)


@pytest.mark.parametrize(
    ("preset", "change", "keys"),
    [
        (EIGHT, {"micro_batch": 0}, {"micro_batch"}),
        (EIGHT, {"rollouts": "generate"}, {"rollouts"}),
        (EIGHT, {"zero_stage": 2}, None),
        (EIGHT, {"gpu_memory_gib": 40}, None),
        (EIGHT, {"max_pixels": None, "max_model_length": None}, {"max_pixels"}),
        (ONE, {"offload": "none"}, None),
        (ONE, {"base": "Qwen/Qwen2.5-VL-7B-Instruct", "offload": "none"}, None),
    ],
)
def test_the_settings_that_a_refusal_names_make_it_fit(preset, change, keys):
    training = TrainingSettings(preset=preset, **change)
    shape = shape_of(training.base, (training.min_pixels, training.max_pixels))
    gpus, gpu_bytes = training.processes, training.gpu_memory_gib * GIB
    first = plan(shape, training, gpus=gpus, gpu_bytes=gpu_bytes)
    assert not first.fits
    changes = cure(first, training)
    assert changes and (keys is None or changes.keys() >= keys)
    assert all(value != getattr(training, key) for key, value in changes.items())
    after = training.model_copy(update=changes)
    shape = shape_of(after.base, (after.min_pixels, after.max_pixels))
    assert plan(shape, after, gpus=gpus, gpu_bytes=gpu_bytes).fits
    line = refused(training)
    assert line is not None and "\n" not in line and all(f"training.{key} = " in line for key in changes)


def test_what_fits_is_not_refused():
    assert refused(TrainingSettings(preset=EIGHT)) is None


def test_a_model_of_unknown_shape_is_not_refused(tmp_path):
    training = TrainingSettings(preset=EIGHT, base="somebody/else")
    assert refused(training) is None
    (tmp_path / "config.json").write_text('{"model_type": "llava"}')
    assert refused(training.model_copy(update={"base": str(tmp_path)})) is None


def test_a_step_that_cannot_be_split_is_told_before_anything_is_loaded():
    line = refused(TrainingSettings(preset=EIGHT, micro_batch=3))
    assert line is not None and "a divisor of 320" in line
    line = refused(TrainingSettings(preset=EIGHT, prompts_per_step=3))
    assert line is not None and "cannot be shared out to 8 processes" in line


def test_where_nothing_helps_that_is_said():
    training = TrainingSettings(preset=ONE, base="Qwen/Qwen2.5-VL-7B-Instruct", gpu_memory_gib=16)
    shape = shape_of(training.base, (training.min_pixels, training.max_pixels))
    line = told(plan(shape, training, gpus=1, gpu_bytes=16 * GIB), training)
    assert "no setting makes it fit" in line
