"""An installation that knows one evaluation set, and a published file with every defect."""

from __future__ import annotations

from pathlib import Path

import pytest

from resources.lake.store import LakeStore
from resources.lake.writes import Commit
from tests.benchmark_sets.known_rows import known
from tests.fresh_lakes import fresh_lake_of
from tests.imports.published import LINES, STOPPED, TAKEN, publish
from wethink_assets.imports.job import run
from wethink_assets.settings import Settings

SET = {"benchmark": "OCRBench", "item": "1", "question": "What does the sign beside the old bridge in the park say?"}


@pytest.fixture
def house(tmp_path):
    """Settings and the open store of a fresh installation."""
    settings, store = _house_in(tmp_path)
    yield settings, store
    store.close()


@pytest.fixture
def published(tmp_path):
    """The file and its folder of images."""
    return _published_in(tmp_path)


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    """Both, and what their import said; to be read."""
    root = tmp_path_factory.mktemp("imported")
    (settings, store), published = _house_in(root), _published_in(root)
    yield settings, store, published, run(store, settings, *published)
    store.close()


def _house_in(root: Path) -> tuple[Settings, LakeStore]:
    settings = Settings(home=root / "home", sources_root=root / "sources")
    store = LakeStore(*fresh_lake_of(settings))
    store.write(Commit("benchmark_items"), known([SET]))
    return settings, store


def _published_in(root: Path) -> tuple[Path, Path]:
    return publish(root / "published", [*TAKEN.values(), *STOPPED.values()], LINES.values())
