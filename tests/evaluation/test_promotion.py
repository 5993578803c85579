"""Promotion: a policy below its base on held-out rows is stored and not promoted."""

from __future__ import annotations

import pytest

from wethink_assets.evaluation.gates import BOARD_GATES
from wethink_assets.evaluation.promotion import verdict
from wethink_assets.gates import Scope
from wethink_assets.settings import Settings


def board(delta, low=-4.0, high=6.0):
    known = delta is not None
    row = {"base": 40.0 if known else None, "rl": 40.0 + delta if known else None, "delta": delta, "low": low}
    own = {"benchmark": "heldout", "base_id": "base-1", "rl_id": "rl-1", "n": 50 if known else 0, "high": high}
    return [{"benchmark": "MMStar", "base_id": "base-1", "rl_id": "rl-1", "delta": 9.0}, own | row]


@pytest.mark.parametrize(
    ("delta", "promoted"), [(1.0, True), (0.0, True), (-0.5, False), (-20.0, False), (None, False)]
)
def test_the_difference_on_held_out_rows_decides(delta, promoted):
    row = verdict(board(delta), "release-1")
    assert (row["policy_id"], row["base_id"], row["release_id"]) == ("rl-1", "base-1", "release-1")
    assert row["promoted"] is promoted
    if delta is None:
        assert "nothing is known" in row["why"]
    else:
        assert f"{delta:+.1f} [-4.0, 6.0] on 50 held-out rows" in row["why"]
        assert ("not promoted" in row["why"]) is not promoted


def test_other_sets_promote_nobody():
    assert verdict(board(3.0)[:1], "release-1") is None


class Lake:
    def __init__(self, verdicts):
        self.verdicts = verdicts

    def rows(self, name, **parameters):
        if name == "evaluation/select_scoreboard":
            return [{"benchmark": "heldout", "base_id": "base-1", "rl_id": "rl-1"}]
        assert (name, parameters) == ("evaluation/select_promotion", {"policy_id": "rl-1"})
        return self.verdicts


def test_the_check_fails_for_a_policy_that_is_not_promoted_or_not_judged():
    (gate,) = (gate for gate in BOARD_GATES if gate.name == "policy_promoted")

    def judged(verdicts):
        return gate.judge(Scope(Lake(verdicts), Settings(), "scoreboard", ""))

    assert judged([verdict(board(2.0), "r")]).passed
    worse = judged([verdict(board(-2.0), "r")])
    assert not worse.passed and "below its base" in worse.description and worse.metadata["delta"] == -2.0
    assert not judged([]).passed
