"""Fixtures of model calls: a lake with an empty ledger, a stub endpoint, images, and engines that ask it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from resources.calls.engine import CallEngine
from tests.resources.calls.asking import FakeImages
from tests.resources.calls.stub_endpoint import StubEndpoint
from wethink_assets.settings import EndpointSettings, Settings


@pytest.fixture
def lake(ledger_lake):
    return ledger_lake


@pytest.fixture
def stub() -> Iterator[StubEndpoint]:
    with StubEndpoint() as server:
        yield server


@pytest.fixture
def images() -> FakeImages:
    return FakeImages()


@pytest.fixture
def engine_of(lake, tmp_path, images) -> Iterator[Callable[..., CallEngine]]:
    """A function that builds engines on one lake; its keywords are settings of the vlm role."""
    engines = []

    def build(base_url: str, images: Any = images, **settings: Any) -> CallEngine:
        values = {"model": "stub", "price_in": 1.0, "price_out": 2.0, "timeout_s": 5.0, **settings}
        endpoint = EndpointSettings(base_url=base_url, **values)
        engine = CallEngine(
            Settings(home=tmp_path, endpoints={"vlm": endpoint, "reasoner": endpoint}), lake, images, backoff_s=0.01
        )
        engines.append(engine)
        return engine

    yield build
    for engine in engines:
        engine.close()
