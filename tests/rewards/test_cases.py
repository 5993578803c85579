"""Every case file: gold, category, options, question, reply, verdict and why it is so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from wethink_assets.rewards.answers import TypedAnswer, type_answer
from wethink_assets.rewards.verifier import Verdict, verify

CASES = sorted(Path(__file__).with_name("cases").glob("*.jsonl"))


def load() -> list:
    found = []
    for path in CASES:
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            case = json.loads(line)
            found.append(pytest.param(case, id=f"{path.stem}:{number}"))
    return found


def judge(case: dict) -> Verdict:
    gold = type_answer(
        case["gold"],
        category=case.get("category", "FIB"),
        options=case.get("options", ()),
        question=case.get("question", ""),
    )
    assert TypedAnswer.from_json(gold.to_json()).to_json() == gold.to_json()
    return verify(TypedAnswer.from_json(gold.to_json()), case["reply"], extracted=not case.get("full"))


@pytest.mark.parametrize("case", load())
def test_case(case):
    assert judge(case) == case["verdict"], case["why"]


def test_no_case_stands_twice():
    seen = [
        tuple(map(str, (c["gold"], c.get("options"), c.get("question"), c["reply"])))
        for c in (p.values[0] for p in load())
    ]
    assert len(seen) >= 220
    assert len(seen) - len(set(seen)) <= 12  # the contract's own table repeats some
