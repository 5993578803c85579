"""Shapes of models: read from a checkpoint's files, what is said of others."""

from __future__ import annotations

import json

import pytest

from wethink_assets.training.model_shape import PUBLISHED, UnknownShapeError, shape_of

SEVEN = "Qwen/Qwen2.5-VL-7B-Instruct"
FLAT = {
    "model_type": "qwen2_5_vl",
    "vocab_size": 152064,
    "hidden_size": 3584,
    "intermediate_size": 18944,
    "num_hidden_layers": 28,
    "num_attention_heads": 28,
    "num_key_value_heads": 4,
    "tie_word_embeddings": False,
    "vision_config": {"depth": 32, "hidden_size": 1280, "intermediate_size": 3420, "out_hidden_size": 3584},
}


def test_published_parameters_are_those_of_the_weights():
    """The sums that the checkpoints' indices of weights give, two bytes each."""
    assert PUBLISHED[SEVEN].parameters == 16_584_333_312 // 2
    assert PUBLISHED["Qwen/Qwen2.5-VL-3B-Instruct"].parameters == 7_509_245_952 // 2


@pytest.mark.parametrize("nested", [False, True])
def test_a_checkpoints_files_give_its_shape(tmp_path, nested):
    config = dict(FLAT)
    if nested:
        text = {key: config.pop(key) for key in list(config) if key.startswith(("num_", "hidden", "inter", "vocab"))}
        config["text_config"] = text
    (tmp_path / "config.json").write_text(json.dumps(config))
    size = {"shortest_edge": 3136, "longest_edge": 12845056}
    described = {"image_processor": {"size": size}} if nested else {"min_pixels": 3136, "max_pixels": 12845056}
    (tmp_path / ("processor_config.json" if nested else "preprocessor_config.json")).write_text(json.dumps(described))
    read = shape_of(str(tmp_path))
    published = PUBLISHED[SEVEN]
    assert (read.parameters, read.pixels, read.kv_width) == (published.parameters, published.pixels, published.kv_width)
    assert shape_of(str(tmp_path), (None, 784_000)).pixels == (3136, 784_000)
    assert shape_of(str(tmp_path), (None, 784)).pixels == (784, 784)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('{"model_type": "llava"}', "is a llava model"),
        ("{", "cannot be read"),
        ('{"model_type": "qwen2_5_vl"}', "has no 'depth'"),
    ],
)
def test_another_model_has_no_plan_and_says_why(tmp_path, content, told):
    (tmp_path / "config.json").write_text(content)
    with pytest.raises(UnknownShapeError, match=told):
        shape_of(str(tmp_path))


def test_an_unknown_name_says_which_are_known():
    with pytest.raises(UnknownShapeError, match=SEVEN):
        shape_of("somebody/else")
