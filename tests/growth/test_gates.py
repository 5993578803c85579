"""The gate of a batch's plan, fed plans that break its limits."""

from __future__ import annotations

import pytest

from wethink_assets.gates import Outcome, Scope
from wethink_assets.growth.gates import PLAN_GATES
from wethink_assets.settings import Settings
from wethink_assets.sources.catalog import SOURCES

KEYS = [source.key for source in SOURCES]


class Lake:
    def __init__(self, quotas, taken):
        self.answers = {
            "growth/select_plan": [{"source": source, "quota": quota} for source, quota in quotas.items()],
            "growth/count_taken_of_batch": [{"source": source, "n": n} for source, n in taken.items()],
        }

    def rows(self, name, **parameters):
        assert parameters == {"batch": "b1"}
        return self.answers[name]


def judged(quotas, taken=(), **growth) -> Outcome:
    (gate,) = PLAN_GATES
    return gate.judge(Scope(Lake(quotas, dict(taken)), Settings(home="/nowhere", growth=growth), "growth_plan", "b1"))


WHOLE = dict.fromkeys(KEYS, 2)


def test_a_plan_within_its_limits_passes_before_and_after_it_is_used():
    assert judged(WHOLE, images=36).passed and judged(WHOLE, WHOLE, images=36).passed
    assert judged(dict.fromkeys(KEYS), {"coco": 500}).passed, "without a limit a source may give all it has"


@pytest.mark.parametrize(
    ("quotas", "taken", "growth", "said"),
    [
        (WHOLE, {}, {"images": 35}, "36 images asked"),
        (WHOLE | {"coco": None}, {}, {"images": 100}, "no limit for a source"),
        (WHOLE | {"coco": -1}, {}, {}, "coco: -1 images"),
        ({key: 2 for key in KEYS if key != "sam"}, {}, {}, "no quota for sam"),
        (WHOLE, {"coco": 3}, {}, "coco has given 3 images, its plan is 2"),
        (WHOLE | {"coco": 0}, {"coco": 1}, {}, "its plan is 0"),
        (WHOLE, {"added later": 4}, {}, "added later has given 4 images, its plan is 0"),
    ],
)
def test_what_breaks_a_limit_is_named(quotas, taken, growth, said):
    outcome = judged(quotas, taken, **growth)
    assert not outcome.passed and said in outcome.description
