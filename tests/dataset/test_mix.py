"""The mix that a release aims at: values of a row, bands of difficulty, shares as rows, settings that are refused."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wethink_assets.dataset.mix import DIMENSIONS, MOST_VALUES, Mix, Value, difficulty
from wethink_assets.rewards.answers import AnswerType
from wethink_assets.settings import MixSettings, SettingsError, load_settings
from wethink_assets.settings.growth import Ability
from wethink_assets.settings.mix import AnswerTypeName, Category, Difficulty
from wethink_assets.synthesis.schemas import ABILITIES, CATEGORIES

ROW = {"category": "MC", "answer_type": "choice", "abilities": ["reasoning", "math", "ocr"], "pass_rate": None}


def test_the_settings_name_what_the_rooms_define():
    assert tuple(MixSettings.model_fields) == DIMENSIONS
    assert get_args(Category) == CATEGORIES and get_args(Ability) == ABILITIES
    assert get_args(AnswerTypeName) == tuple(AnswerType)
    assert {difficulty(rate) for rate in (None, 0, 0.2, 0.4, 0.8, 1)} == set(get_args(Difficulty))
    assert sum(len(get_args(kind)) for kind in (Category, Ability, Difficulty, AnswerTypeName)) <= MOST_VALUES


def test_bands_of_difficulty():
    rates = (0.0, 0.01, 1 / 3, 0.5, 2 / 3, 0.99, 1.0)
    assert [difficulty(rate) for rate in rates] == ["never", "hard", "medium", "medium", "medium", "easy", "always"]


def test_only_values_that_are_asked_for_tell_rows_apart():
    mix = Mix({"ability": {"math": 0.5, "knowledge": 0.1}, "category": {"MC": 0.4}})
    assert mix.named(mix.traits(ROW)) == [Value("category", "MC"), Value("ability", "math")]
    assert mix.traits(ROW) == mix.traits(ROW | {"abilities": ["math"], "answer_type": "set", "pass_rate": 0.4})
    assert mix.traits(ROW) != mix.traits(ROW | {"abilities": None})
    assert Mix().traits(ROW) == 0 and Mix().values == ()


def test_the_order_of_the_settings_does_not_matter():
    one = Mix({"category": {"MC": 0.1, "DES": 0.2}, "ability": {"ocr": 0.3, "math": 0.4}})
    two = Mix({"ability": {"math": 0.4, "ocr": 0.3}, "category": {"DES": 0.2, "MC": 0.1}})
    assert one.values == two.values and one.wanted(99) == two.wanted(99) and one.traits(ROW) == two.traits(ROW)


@given(st.integers(0, 2_000_000), st.integers(1, 98))
def test_rows_of_one_dimension_add_up(rows, hundredth):
    shares = {"MC": hundredth / 100, "FIB": (99 - hundredth) / 100, "DES": 0.01}
    assert sum(Mix({"category": shares}).wanted(rows)) == rows
    assert abs(Mix({"category": {"MC": hundredth / 100}}).wanted(rows)[0] - rows * hundredth / 100) <= 0.5 + 1e-6
    assert Mix({"ability": {"math": 1.0, "ocr": 1.0}}).wanted(rows) == [rows, rows]


def test_a_dimension_that_is_none_is_no_mix():
    with pytest.raises(ValueError, match=r"no dimension of the mix: colour\. There are category, ability"):
        Mix({"colour": {"red": 1.0}})


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("mix = {category = {MCQ = 0.4}}", "release.mix.category.MCQ.*'MC', 'FIB' or 'DES'"),
        ("mix = {ability = {vision = 0.4}}", "release.mix.ability.vision.*'recognition', 'ocr'"),
        ("mix = {colour = {red = 1}}", "release.mix: no dimension.*colour.*category, ability, difficulty, answer_type"),
        ("mix = {source = {coco = 1}}", r"no dimension.*source.*\[release\] shares"),
        ("mix = {category = {MC = -0.1}}", "release.mix.category: MC: a share of the rows, from 0 to 1"),
        ("mix = {category = {MC = 40}}", "release.mix.category: MC: a share of the rows, from 0 to 1"),
        ("mix = {category = {MC = nan}}", "release.mix.category.MC: .*finite"),
        ("mix = {category = {MC = inf}}", "release.mix.category.MC: .*finite"),
        ("mix = {category = {MC = true}}", "release.mix.category: MC: true and false are no shares"),
        ("mix = {category = {MC = 0.7, DES = 0.4}}", "shares of category add up to 1.1"),
        ("mix = {category = [0.4]}", "release.mix.category: .*dictionary"),
        ("mix = 0.4", "release.mix: .*dictionary"),
        ("keep_released = 'perhaps'", "release.keep_released: .*boolean"),
    ],
)
def test_a_mix_that_cannot_be_meant_is_refused_when_settings_are_read(tmp_path, line, told):
    file = tmp_path / "w.toml"
    file.write_text(f"[release]\n{line}\n")
    with pytest.raises(SettingsError, match=told):
        load_settings({"WETHINK_CONFIG": str(file)})


def test_a_mix_is_read_from_a_file(tmp_path):
    file = tmp_path / "w.toml"
    file.write_text("[release.mix]\ncategory = {MC = 0.333333, FIB = 0.333333, DES = 0.333334}\nability = {math = 1}\n")
    mix = load_settings({"WETHINK_CONFIG": str(file)}).release.mix
    assert list(mix.shares) == ["category", "ability"] and Mix(mix.shares).wanted(3) == [1, 1, 1, 3]
