"""Quality gates of policies: what a guard said becomes the verdict of its check."""

from __future__ import annotations

import pytest

from wethink_assets.gates import Scope
from wethink_assets.settings import Settings
from wethink_assets.training.gates import GUARD_GATES
from wethink_assets.training.guards import GUARDS

ROW = {"guard": "", "strength": "warn", "passed": True, "step": None, "value": None, "bound": None, "said": ""}


class Lake:
    """As much of one as these gates read."""

    def __init__(self, guards):
        self.guards = guards

    def rows(self, name, **parameters):
        if name == "training/select_current_policy":
            return [{"policy_id": "rl-1"}] if self.guards is not None else []
        assert (name, parameters) == ("training/select_guards", {"policy_id": "rl-1"})
        return self.guards


def judged(gate, guards):
    return gate.judge(Scope(Lake(guards), Settings(), "rl_policy", ""))


@pytest.mark.parametrize("gate", GUARD_GATES, ids=lambda gate: gate.name)
def test_the_check_of_a_guard_fails_where_the_guard_spoke_or_nothing_is_recorded(gate):
    guard = gate.name.removeprefix("guard_")
    bad = ROW | {"guard": guard, "passed": False, "step": 7, "value": 2.0, "bound": 1.0, "said": "cause; cure"}
    spoke = judged(gate, [bad])
    assert not spoke.passed and "step 7" in spoke.description and "cause; cure" in spoke.description
    assert spoke.metadata == {"step": 7, "value": 2.0, "bound": 1.0}
    assert not judged(gate, []).passed and not judged(gate, None).passed
    assert judged(gate, [ROW | {"guard": guard}]).passed
    unasked = judged(gate, [ROW | {"guard": guard, "passed": None, "said": "training.beta is 0"}])
    assert unasked.passed and unasked.description == "not looked at: training.beta is 0"


def test_every_guard_has_its_check():
    assert [gate.name for gate in GUARD_GATES] == [f"guard_{guard.name}" for guard in GUARDS]
