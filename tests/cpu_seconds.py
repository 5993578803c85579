"""Pytest plugin: CPU seconds per test, its processes included, and a line on each that is slow without being `long`.

Belongs here: what tells that a test outgrew the everyday suite. A limit on time would fail on a busy machine, so it
only says so, at the end of a run.
Does not belong here: which tests are `long` (the marker stands at each), limits on time (pytest-timeout).

The time of a process counts for the test in which it is waited for; a module's fixture for the first test that uses it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

# CPU seconds from which a test belongs to the long ones, unless it is the everyday form of what it proves.
LONG = 3.0
MOST_LINES = 15
_PROPERTY = "cpu_s"


def _spent() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


_begun = 0.0


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_logstart() -> None:
    global _begun
    _begun = _spent()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if report.when == "teardown" and item.get_closest_marker("long") is None:
        report.user_properties.append((_PROPERTY, _spent() - _begun))
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    spent = {
        report.nodeid: value
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == _PROPERTY and value >= LONG
    }
    if not spent:
        return
    terminalreporter.section(f"{len(spent)} tests over {LONG:.0f} CPU-s that are not marked long")
    for nodeid, value in sorted(spent.items(), key=lambda pair: -pair[1])[:MOST_LINES]:
        terminalreporter.line(f"{value:6.1f} {nodeid}")
