"""Settings: the example file is valid, unknown keys are named, files and environment override in order."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tests.conftest import PROJECT_ROOT
from wethink_assets.settings import EMBEDDED_TEACHER, ROLES, load_settings
from wethink_assets.settings.reference import reference


def test_the_example_of_the_docs_is_valid():
    settings = load_settings({"WETHINK_CONFIG": str(PROJECT_ROOT / "docs" / "wethink.example.toml")})
    assert settings.training.group_size == 5
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
    with pytest.raises(ValidationError, match="quotta"):
        load_settings({"WETHINK_CONFIG": str(tmp_path / "w.toml")})


def test_a_missing_file_is_named():
    with pytest.raises(FileNotFoundError, match="WETHINK_CONFIG names /nowhere.toml"):
        load_settings({"WETHINK_CONFIG": "/nowhere.toml"})


def test_environment_overrides_the_file(tmp_path):
    (tmp_path / "w.toml").write_text('sources_root = "/a"\n[lake]\ncatalog = "sqlite:/b"\n')
    env = {"WETHINK_CONFIG": str(tmp_path / "w.toml"), "WETHINK_SOURCES_ROOT": "/c", "WETHINK_LAKE_CATALOG": "sqlite:/d"}
    settings = load_settings(env)
    assert (str(settings.sources_dir), settings.lake_catalog) == ("/c", "sqlite:/d")
