"""The check of benchmarks/calls_killed.py can fail: each promise broken once."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from benchmarks.calls_killed import Killed, problems
from resources.calls.ledger import GROUP_ROWS

# At second 100: `old` was replied to long ago, `new` a second ago, `flying` not yet.
KEPT = Killed(100.0, Counter(["old", "new", "flying"]), {"old": 90.0, "new": 99.0}, {"old"}, {"old"})
ASKED = Counter({"old": 1, "new": 2, "flying": 2})


def test_what_was_in_flight_or_fresh_may_be_asked_again():
    assert problems([KEPT], ASKED) == []
    assert KEPT.in_flight == {"flying"} and KEPT.fresh == KEPT.waiting == {"new"}


@pytest.mark.parametrize(
    ("kills", "asked", "problem"),
    [
        ([replace(KEPT, durable=set(), acknowledged=set())], ASKED, "1 replies were not durable after 2 s, e.g. old"),
        ([replace(KEPT, durable={"new"})], ASKED, "1 acknowledged replies are not in the ledger, e.g. old"),
        (
            [KEPT, replace(KEPT, durable={"new"}, received=Counter(), replied={}, acknowledged=set())],
            ASKED,
            "kill 2: 1 acknowledged",
        ),
        ([KEPT, KEPT], ASKED, "1 acknowledged replies were asked again, e.g. old"),
        (
            [KEPT],
            ASKED + Counter(["old"]),
            "1 requests were repeated that were neither in flight nor fresh at a kill, e.g. old",
        ),
        ([KEPT], ASKED + Counter(["flying"]), "1 requests were repeated"),
        (
            [replace(KEPT, replied={f"{n}": 99.0 for n in range(GROUP_ROWS + 1)} | {"old": 90.0})],
            ASKED,
            f"{GROUP_ROWS + 1} replies were not durable, at most {GROUP_ROWS}",
        ),
    ],
)
def test_a_broken_promise_is_found(kills, asked, problem):
    assert any(problem in line for line in problems(kills, asked))
