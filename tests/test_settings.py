"""Settings: the example file is valid, unknown keys are named, files and environment override in order."""

from __future__ import annotations

from typing import get_args

import pytest

from tests.conftest import PROJECT_ROOT
from wethink_assets.settings import (
    EMBEDDED_TEACHER,
    ROLES,
    Settings,
    SettingsError,
    TrainingSettings,
    load_settings,
    presets,
)
from wethink_assets.settings.growth import Ability
from wethink_assets.settings.presets import preset_names
from wethink_assets.settings.reference import reference
from wethink_assets.synthesis.schemas import ABILITIES


def test_the_example_of_the_docs_is_valid():
    settings = load_settings({"WETHINK_CONFIG": str(PROJECT_ROOT / "docs" / "wethink.example.toml")})
    assert settings.training.group_size == 5
    assert settings.pass_rates.rows and settings.pass_rates.bands
    assert all(settings.endpoint(role).base_url != EMBEDDED_TEACHER for role in ROLES)
    assert settings.truth_dir is None


def test_the_reference_of_the_docs_is_current():
    written = (PROJECT_ROOT / "docs" / "settings.md").read_text("utf-8").strip()
    assert written == reference().strip(), "run: python -m wethink_assets.settings.reference > docs/settings.md"


def test_without_configuration_everything_is_embedded(tmp_path):
    settings = load_settings({"WETHINK_HOME": str(tmp_path)})
    assert all(settings.endpoint(role).base_url == EMBEDDED_TEACHER for role in ROLES)
    assert settings.sources_dir.is_relative_to(tmp_path) and str(tmp_path) in settings.lake_catalog


def test_an_unknown_key_is_named(tmp_path):
    (tmp_path / "w.toml").write_text("[sources]\nquotta = 3\n")
    with pytest.raises(SettingsError, match="quotta"):
        load_settings({"WETHINK_CONFIG": str(tmp_path / "w.toml")})


@pytest.mark.parametrize(
    ("weights", "told"),
    [
        ("{ drawing = 1 }", "growth.abilities.drawing.*'recognition', 'ocr', 'knowledge', 'spatial' or 'math'"),
        ("{ ocr = -1, math = 1 }", "growth.abilities: ocr: a weight is a number, 0 or more"),
        ("{ ocr = inf }", "growth.abilities.ocr.*finite"),
        ("{ ocr = true }", "growth.abilities: ocr: a weight is a number"),
        ('{ ocr = "much" }', "growth.abilities.ocr.*valid number"),
        ("3", "growth.abilities.*dictionary"),
    ],
)
def test_abilities_that_no_question_has_and_weights_that_are_none_are_refused(tmp_path, weights, told):
    (tmp_path / "w.toml").write_text(f"[growth]\nabilities = {weights}\n")
    with pytest.raises(SettingsError, match=told):
        load_settings({"WETHINK_CONFIG": str(tmp_path / "w.toml")})


def test_the_abilities_of_the_settings_are_those_of_questions(tmp_path):
    assert get_args(Ability) == ABILITIES
    (tmp_path / "w.toml").write_text("[growth]\nabilities = { ocr = 0, math = 2.5 }\n")
    assert load_settings({"WETHINK_CONFIG": str(tmp_path / "w.toml")}).growth.abilities == {"ocr": 0, "math": 2.5}


def test_a_missing_file_is_named():
    with pytest.raises(FileNotFoundError, match=r"WETHINK_CONFIG names /nowhere\.toml"):
        load_settings({"WETHINK_CONFIG": "/nowhere.toml"})


def test_environment_overrides_the_file(tmp_path):
    (tmp_path / "w.toml").write_text('sources_root = "/a"\n[lake]\ncatalog = "sqlite:/b"\n')
    env = {
        "WETHINK_CONFIG": str(tmp_path / "w.toml"),
        "WETHINK_SOURCES_ROOT": "/c",
        "WETHINK_LAKE_CATALOG": "sqlite:/d",
    }
    settings = load_settings(env)
    assert (str(settings.sources_dir), settings.lake_catalog) == ("/c", "sqlite:/d")


@pytest.mark.parametrize(
    ("line", "key", "cure"),
    [
        ("parameters = {temperature = nan}", "parameters: temperature is not finite", "write a number of at least 0"),
        ("parameters = {top_p = -inf}", "parameters: top_p is not finite", "at least 0 and at most 1"),
        ("parameters = {seed = true}", "parameters: seed is not a whole number", "write a whole number"),
        ("parameters = {temperature = {a = [1]}}", "parameters: temperature is not a number", "write a number"),
        ("parameters = {max_tokens = 0}", "parameters: max_tokens is out of range", "at least 1"),
        (
            "parameters = {chat_template_kwargs = {a = [nan]}}",
            "parameters: chat_template_kwargs holds nan or inf",
            "finite",
        ),
        ("parameters = {since = 2024-01-01}", "parameters: since holds a value that JSON does not have", "as text"),
        ("parameters = {messages = []}", "parameters: messages is no sampling parameter", "leave it out"),
        ("price_in = nan", "price_in", "finite number"),
        ("price_out = inf", "price_out", "finite number"),
        ("timeout_s = inf", "timeout_s", "finite number"),
        ("concurrency = true", "concurrency", "write a number"),
        ('base_url = "http://me:secret@host/v1"', "base_url", "api_key_env"),
        ('base_url = "http://host/v1?key=secret"', "base_url", "api_key_env"),
        ('omit = ["messages"]', "omit", "leave it in"),
    ],
)
def test_what_would_fail_every_call_is_refused_when_settings_are_read(tmp_path, line, key, cure):
    file = tmp_path / "w.toml"
    file.write_text(f'[endpoints.vlm]\nmodel = "m"\n{line}\n')
    with pytest.raises(SettingsError) as caught:
        load_settings({"WETHINK_CONFIG": str(file)})
    message = str(caught.value)
    assert (
        message.startswith(f"{file}: endpoints.vlm.{key}")
        and cure in message
        and "\n" not in message
        and "secret" not in message
    )


def test_a_vendors_own_parameters_pass_and_a_file_that_is_no_toml_is_named(tmp_path):
    file = tmp_path / "w.toml"
    file.write_text(
        '[endpoints.vlm]\nmodel = "m"\n'
        'parameters = {temperature = 0, chat_template_kwargs = {enable_thinking = false}, stop = ["x"]}\n'
    )
    assert load_settings({"WETHINK_CONFIG": str(file)}).endpoint("vlm").parameters["stop"] == ["x"]
    file.write_text("[budget]\ncost = nan\n")
    with pytest.raises(SettingsError, match=r"budget\.cost.*finite"):
        load_settings({"WETHINK_CONFIG": str(file)})
    file.write_text("[budget\n")
    with pytest.raises(SettingsError, match=r"w\.toml is no TOML"):
        load_settings({"WETHINK_CONFIG": str(file)})


def test_a_budget_that_could_not_be_kept_is_refused(tmp_path):
    file = tmp_path / "w.toml"
    file.write_text('[budget]\ncost = 1.0\n[endpoints.vlm]\nmodel = "m"\nomit = ["max_tokens"]\n')
    with pytest.raises(SettingsError, match="max_tokens_name"):
        load_settings({"WETHINK_CONFIG": str(file)})


@pytest.mark.parametrize(
    "connection",
    [
        "host=db dbname=x password=marked-secret",
        "host=db dbname=x PASSWORD = 'marked-secret'",
        "host=db sslpassword=marked-secret",
        "postgresql://someone:marked-secret@db/x",
        "postgresql://db/x?user=someone&password=marked-secret",
    ],
)
def test_a_password_in_the_catalog_is_refused_with_the_cure(tmp_path, connection):
    (tmp_path / "w.toml").write_text(f'[lake]\ncatalog = "postgres:{connection}"\n')
    for env in ({"WETHINK_LAKE_CATALOG": f"postgres:{connection}"}, {"WETHINK_CONFIG": str(tmp_path / "w.toml")}):
        with pytest.raises(
            SettingsError, match=r"catalog.* holds a password.*PGPASSWORD.*\.pgpass.*service=NAME"
        ) as seen:
            load_settings(env)
        assert "marked-secret" not in str(seen.value)


@pytest.mark.parametrize(
    "connection", ["service=lake", "host=db user=x passfile=/keys/pgpass", "postgresql://x@db:5432/y"]
)
def test_a_catalog_without_a_password_is_taken(connection):
    assert load_settings({"WETHINK_LAKE_CATALOG": f"postgres:{connection}"}).lake_catalog == f"postgres:{connection}"


def test_a_preset_is_overridden_field_by_field(tmp_path):
    (tmp_path / "w.toml").write_text('[training]\npreset = "qwen2.5-vl-7b-8gpu"\nmicro_batch = 2\n')
    training = load_settings({"WETHINK_CONFIG": str(tmp_path / "w.toml")}).training
    assert (training.base, training.micro_batch) == ("Qwen/Qwen2.5-VL-7B-Instruct", 2)
    again = TrainingSettings.model_validate(training.model_dump(mode="json"))  # as a worker reads them
    assert again == training


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_can_be_used(name):
    assert TrainingSettings(preset=name).preset == name


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ('preset = "nope"', "there is no preset 'nope': choose one of"),
        ('preset = "../docs/wethink.example"', "there is no preset"),
        ('preset = "tiny-cpu"\nfield = 1', "training.field"),
        ("min_pixels = 9\nmax_pixels = 8", "min_pixels is above max_pixels"),
        ('offload = "optimizer"\nzero_stage = 0', "set zero_stage to 1, 2 or 3"),
        ('loss = "ppo"', "training.loss"),
    ],
)
def test_an_unknown_preset_or_field_is_one_clear_line(tmp_path, lines, told):
    (tmp_path / "w.toml").write_text(f"[training]\n{lines}\n")
    with pytest.raises(SettingsError, match=told) as caught:
        load_settings({"WETHINK_CONFIG": str(tmp_path / "w.toml")})
    assert "\n" not in str(caught.value)


def test_a_field_of_a_preset_that_is_no_setting_is_named(tmp_path, monkeypatch):
    (tmp_path / "odd.toml").write_text("no_such_key = 8\n")
    monkeypatch.setattr(presets, "FOLDER", tmp_path)
    with pytest.raises(ValueError, match=r"presets/odd.toml: no_such_key is no setting of \[training\]"):
        TrainingSettings(preset="odd")


@pytest.mark.parametrize(
    ("section", "values"),
    [
        ("sources", {"quota": -1}),
        ("sources", {"quotas": {"coco": -1}}),
        ("release", {"target": 0}),
        ("release", {"seed": 2**63}),
        ("release", {"shares": {"coco": -0.5}}),
        ("release", {"shares": {"coco": float("inf")}}),
    ],
)
def test_amounts_have_bounds(section, values):
    with pytest.raises(ValueError, match=r"greater than or equal|less than|number of images|weight|finite"):
        Settings(**{section: values})
