"""A restored home, through the command line: it opens, every release of it verifies, and nothing is overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.dataset.house import House
from wethink_assets.cli.main import main
from wethink_assets.dataset import catalogue


@pytest.fixture
def command(released: House, monkeypatch):
    """Runs `wethink` in the house, or in a home of which nothing is set but its place."""

    def run(*arguments: object, home: Path | None = None, code: int = 0) -> str:
        for name in ("WETHINK_LAKE_CATALOG", "WETHINK_LAKE_DATA", "WETHINK_LAKE_DATA_PATH"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("WETHINK_HOME", str(home or released.settings.home))
        monkeypatch.setenv("WETHINK_SOURCES_ROOT", str(released.settings.sources_root))
        if home is None:
            monkeypatch.setenv("WETHINK_LAKE_CATALOG", released.lake.catalog)
            monkeypatch.setenv("WETHINK_LAKE_DATA", released.lake.data_path)
        done = CliRunner().invoke(main, [str(a) for a in arguments])
        assert done.exit_code == code, done.output
        return done.output

    return run


def test_every_release_of_a_restored_home_verifies(released, command, tmp_path):
    releases = [row["release_id"] for row in catalogue.releases(released.lake.store)]
    assert releases
    kept, home = tmp_path / "kept", tmp_path / "restored"
    assert "the lake as of snapshot" in command("backup", kept)
    assert f"Releases: {', '.join(releases)}" in command("restore", kept, home=home)
    for release in releases:
        assert "intact" in command("release", "verify", release, home=home)
    assert "finished backup" in command("backup", kept, code=1)
    assert "is restored" in command("restore", kept, home=home), "as where the first call was killed at its end"
    command("release", "tag", "mine", releases[0], home=home)
    assert "nothing is restored over a lake" in command("restore", kept, home=home, code=1)
    assert "mine" in command("release", "list", home=home)
    assert "holds no backup" in command("restore", home, home=tmp_path / "other", code=1)
