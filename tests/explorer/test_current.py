"""The table of rows is built again beside the requests, and what breaks that off."""

from __future__ import annotations

import logging
import threading
from types import SimpleNamespace

import duckdb
import pytest

from wethink_assets.explorer.current import Current


@pytest.fixture
def built_again(monkeypatch):
    """A table of snapshot 1 over a lake at snapshot 2: `begun` when it is being built again, which fails at `go`."""
    begun, go = threading.Event(), threading.Event()
    first = SimpleNamespace(items=SimpleNamespace(snapshot=1))
    states = iter([first])

    def build(_self):
        if made := next(states, None):
            return made
        begun.set()
        go.wait(30)
        raise duckdb.InvalidInputException("No open result set")

    monkeypatch.setattr(Current, "_build", build)
    monkeypatch.setattr("wethink_assets.explorer.current.WAIT_S", 0)
    current = Current(SimpleNamespace(rows=lambda _name: [{"snapshot_id": 2}]), pause=0)
    assert current.state() is first and begun.wait(30)
    return current, go


@pytest.mark.parametrize("closed", [True, False])
def test_an_error_of_the_database_ends_the_building_and_is_told_unless_the_lake_is_closed(
    built_again, monkeypatch, caplog, closed
):
    current, go = built_again
    broken = []
    monkeypatch.setattr(threading, "excepthook", broken.append)
    if closed:
        current.close()
    thread = current._building
    with caplog.at_level(logging.WARNING):
        go.set()
        thread.join(30)
    assert not thread.is_alive() and broken == [] and bool(caplog.records) is not closed
    if closed:
        current.state()
        assert current._building is None
