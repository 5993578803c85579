"""An installation that knows one evaluation set, and a published file with every defect."""

from __future__ import annotations

import pytest

from resources.lake.store import LakeStore
from resources.lake.writes import Commit
from tests.benchmark_sets.known_rows import known
from tests.fresh_lakes import fresh_lake_of
from tests.imports.published import LINES, STOPPED, TAKEN, publish
from wethink_assets.settings import Settings

SET = {"benchmark": "OCRBench", "item": "1", "question": "What does the sign beside the old bridge in the park say?"}


@pytest.fixture
def house(tmp_path):
    """Settings and the open store of a fresh installation."""
    settings = Settings(home=tmp_path / "home", sources_root=tmp_path / "sources")
    store = LakeStore(*fresh_lake_of(settings))
    store.write(Commit("benchmark_items"), known([SET]))
    yield settings, store
    store.close()


@pytest.fixture
def published(tmp_path):
    """The file and its folder of images."""
    return publish(tmp_path / "published", [*TAKEN.values(), *STOPPED.values()], LINES.values())
