"""The definitions are those of the snapshot: asset keys, deps, groups, checks, jobs, schedules, sensors."""

from __future__ import annotations

import difflib

import dagster as dg

from tests.contracts import snapshot


def _difference(before: str, now: str) -> str:
    return "\n".join(
        difflib.unified_diff(before.splitlines(), now.splitlines(), "snapshot", "definitions", lineterm="", n=1)
    )


def test_the_definitions_are_those_of_the_snapshot():
    difference = _difference(snapshot.SNAPSHOT.read_text("utf-8"), snapshot.text())
    assert not difference, (
        f"refresh with `.venv/bin/python -m tests.contracts.snapshot` if this is meant:\n{difference}"
    )


def test_a_check_that_no_longer_blocks_is_a_difference():
    def graph(blocking: bool) -> str:
        @dg.asset(check_specs=[dg.AssetCheckSpec("kept", asset="samples", blocking=blocking)])
        def samples() -> dg.MaterializeResult: ...

        return "\n".join(snapshot.lines(dg.Definitions(assets=[samples])))

    assert _difference(graph(True), graph(True)) == ""
    assert "-  check kept (blocking)\n+  check kept" in _difference(graph(True), graph(False))
