"""What tests of a team's lake share: one PostgreSQL for a worker, with databases of their own."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

import pytest

from tests.resources.lake.postgres import Postgres, postgres_server


@pytest.fixture(scope="session")
def postgres_server_of_worker() -> Iterator[Postgres]:
    with postgres_server() as server:
        yield server


@pytest.fixture
def database(postgres_server_of_worker) -> Callable[[], str]:
    """Makes an empty database; the setting `lake.catalog` of it."""

    def made() -> str:
        name = f"d{uuid.uuid4().hex[:12]}"
        postgres_server_of_worker.create(name)
        return postgres_server_of_worker.catalog(name)

    return made
