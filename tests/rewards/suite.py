"""The suite's case files, for tests and for the benchmark: one JSON object a line in cases/<family>.jsonl.

A case: `gold`, `category` (FIB where absent), `options`, `question`; `type`, which the gold must get; `reply`, a
final answer, or a whole completion where `full`; `times`, `before` and `after` build a long reply without writing it
out; `verdict`, and `why` it is so. `peer` names the tracker's thread that a regression comes from, and what went
wrong there is the `why`. Family free_form has `judge`, what a scripted judge gives, and `accuracy`, which is null
where the row is left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from resources.calls.messages import ModelReply, ModelRequest
from wethink_assets.rewards.answers import TypedAnswer
from wethink_assets.rewards.gold_types import type_answer
from wethink_assets.rewards.hybrid import HybridReward, RewardRecord
from wethink_assets.rewards.verifier import Verdict, verify

FOLDER = Path(__file__).with_name("cases")
BLIND = Path(__file__).with_name("blind")  # see `blind_cases`
FAMILIES = (
    "choice",
    "numeric",
    "units",
    "latex",
    "several",
    "yes_no",
    "boxes",
    "ocr_and_text",
    "free_form",
    "format_attacks",
    "properties",
    "resources",
    "regressions",
    "chinese",
    "kinds",
)
_BAD_JUDGEMENTS: dict[str, str] = {
    "garbage": "fine work",
    "missing": '{"reason": "fine"}',
    "nan": '{"score": NaN, "reason": ""}',
}


def cases(family: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """(line number, case) of one family."""
    for number, line in enumerate((FOLDER / f"{family}.jsonl").read_text("utf-8").splitlines(), 1):
        yield number, json.loads(line)


def blind_cases() -> Iterator[dict[str, Any]]:
    """Cases whose verdict was decided before any verifier had seen them, in rounds; kept as they were written.

    `correct` instead of a verdict; `first` is what our verifier said at first sight, where that was wrong; `open` why
    it still says otherwise; `arguable` why a strict grader may differ from the author. They are for measuring: what a
    rule is made after belongs into cases/.
    """
    for path in sorted(BLIND.glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            yield {"day": path.stem, **json.loads(line)}


def reply(case: dict[str, Any]) -> str:
    return case.get("before", "") + case["reply"] * case.get("times", 1) + case.get("after", "")


def gold(case: dict[str, Any]) -> TypedAnswer:
    """The typed gold, through its JSON as a row keeps it."""
    answer = type_answer(
        case["gold"],
        category=case.get("category", "FIB"),
        options=case.get("options", ()),
        question=case.get("question", ""),
    )
    return TypedAnswer.from_json(answer.to_json())


def by_rule(case: dict[str, Any]) -> Verdict:
    return verify(gold(case), reply(case), extracted=not case.get("full"))


def by_reward(case: dict[str, Any]) -> RewardRecord:
    """A free-form case through the hybrid reward with its scripted judge."""
    return HybridReward(judge=ScriptedJudge(case["judge"])).score(
        [f"<think>so</think><answer>{reply(case)}</answer>"],
        answer_typed=[gold(case).to_json()],
        problem=[case["question"]],
    )[0]


class ScriptedJudge:
    """A judge that gives everybody the same: a score, or one of the ways in which judges fail."""

    def __init__(self, given: Any) -> None:
        self.given = given

    def __call__(self, requests: list[ModelRequest]) -> list[ModelReply]:
        if self.given == "unreachable":
            raise ConnectionError("the judge does not answer")
        return [self._reply() for _ in requests]

    def _reply(self) -> ModelReply:
        if self.given == "refusal":
            return model_reply("", error="refusal")
        if isinstance(self.given, str) and self.given in _BAD_JUDGEMENTS:
            return model_reply(_BAD_JUDGEMENTS[self.given])
        return model_reply(json.dumps({"score": self.given, "reason": "scripted"}))


def model_reply(text: str = "", *, parsed: Any = None, error: str | None = None) -> ModelReply:
    return ModelReply("c1", error is None, text, parsed, None, error, "", "scripted", False, 0.0, 0, 0)
