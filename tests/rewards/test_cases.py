"""Every case of the suite: the type of the gold, the verdict on the reply.

And what must hold for the suite as a whole.
"""

from __future__ import annotations

from collections import Counter

import pytest

from tests.rewards import suite
from wethink_assets.rewards.verifier import Verdict


@pytest.mark.parametrize("family", [family for family in suite.FAMILIES if family != "free_form"])
def test_family(family):
    """All cases of a file; the failing ones are listed by line, with what was wanted and found."""
    wrong = []
    for number, case in suite.cases(family):
        outcome = (suite.gold(case).type, suite.by_rule(case))
        if outcome != (case["type"], case["verdict"]):
            wrong.append(f"{family}.jsonl:{number}: {outcome} for {case}"[:600])
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("day_and_round", sorted({(case["day"], case["round"]) for case in suite.blind_cases()}))
def test_blind_cases_are_judged_as_a_person_would_but_for_the_open_ones(day_and_round):
    """And an open one that has come right must be closed, so that the list of what is wrong stays true."""
    wrong = []
    for case in suite.blind_cases():
        if (case["day"], case["round"]) != day_and_round:
            continue
        agrees = (suite.by_rule(case) is Verdict.CORRECT) == case["correct"]
        if agrees == ("open" in case):
            wrong.append(f"{'closed' if agrees else 'judged otherwise'}: {case}"[:400])
    assert not wrong, "\n".join(wrong)


def test_free_form_with_a_scripted_judge():
    wrong = []
    for number, case in suite.cases("free_form"):
        record = suite.by_reward(case)
        outcome = (suite.gold(case).type, record.verdict, record.accuracy)
        if outcome != (case["type"], case["verdict"], case["accuracy"]) or (record.reward is None) != (
            case["accuracy"] is None
        ):
            wrong.append(f"free_form.jsonl:{number}: {outcome} for {case}"[:600])
    assert not wrong, "\n".join(wrong)


def test_the_suite_is_whole():
    """At least 900 cases in 15 files, each with all its fields, none twice within its family."""
    files = {path.stem for path in suite.FOLDER.glob("*.jsonl")}
    assert files == set(suite.FAMILIES) and len(files) == 15
    total = 0
    for family in suite.FAMILIES:
        cases = [case for _, case in suite.cases(family)]
        assert len(cases) >= 40, family
        assert all({"gold", "reply", "type", "verdict", "why"} <= set(case) and case["why"].strip() for case in cases)
        assert {case["verdict"] for case in cases} <= set(Verdict)
        keys = Counter(
            str({k: v for k, v in case.items() if k not in ("verdict", "why", "accuracy", "type")}) for case in cases
        )
        assert not [key for key, count in keys.items() if count > 1], family
        total += len(cases)
    assert total >= 900


def test_every_answer_type_is_in_the_suite():
    seen = {case["type"] for family in suite.FAMILIES for _, case in suite.cases(family)}
    assert seen == {
        "choice",
        "number",
        "quantity",
        "expression",
        "set",
        "list",
        "interval",
        "yes_no",
        "text",
        "ocr",
        "box",
        "free_form",
    }
