"""Houses with and without a release, for the tests of this room."""

from __future__ import annotations

import pytest

from tests.dataset.house import House, copy_of, lake_at
from tests.fresh_lakes import fresh_lake


@pytest.fixture(scope="session")
def full(tmp_path_factory):
    """A house with one batch and no release, to be copied: nobody writes into it."""
    root = tmp_path_factory.mktemp("full")
    house = House(lake_at(*fresh_lake(root / "lake")), root)
    house.add("batch1")
    yield house
    house.lake.store.close()


@pytest.fixture(scope="session")
def made(full, tmp_path_factory):
    """The same with its release, and the result of the run that made it, to be read or copied."""
    house = copy_of(full, tmp_path_factory.mktemp("made") / "house")
    house.result = house.materialise()
    yield house
    house.lake.store.close()


@pytest.fixture
def house(full, tmp_path):
    house = copy_of(full, tmp_path / "house")
    yield house
    house.lake.store.close()


@pytest.fixture
def released(made, tmp_path):
    house = copy_of(made, tmp_path / "released")
    yield house
    house.lake.store.close()
