"""MM-Vet: free answers graded by the judge in tenths, broken down by capability.

Belongs here: the grade and the capabilities. Does not belong here: the judge's prompt (judge.py).
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from wethink_assets.benchmark_sets.cells import strings_in
from wethink_assets.evaluation import judge
from wethink_assets.evaluation.categories import Names
from wethink_assets.evaluation.extraction import final_answer
from wethink_assets.evaluation.families.family import Family
from wethink_assets.evaluation.item import Item
from wethink_assets.evaluation.scorers.vlmevalkit.cells import through_file
from wethink_assets.evaluation.scoring import HIDDEN, Scored, Scoring
from wethink_assets.rewards.judge import refused
from wethink_assets.rewards.normalise import fold
from wethink_assets.rewards.verdict import Verdict


def strict(item: Item, reply: str) -> Scoring:
    """The judge's grade in tenths. Replies that plead, echo or flood score 0 without being shown to it."""
    final = final_answer(reply)
    if item.answer is None:
        return Scored(final.text, HIDDEN, None, "none")
    if final.text is None:
        return Scored(None, final.verdict, 0.0)
    if refused(item.question, final.text):
        return Scored(final.text, Verdict.UNPARSEABLE, 0.0)
    if "<AND>" not in item.answer and fold(final.text) in {fold(g) for g in item.answer.split("<OR>")} - {""}:
        return Scored(final.text, Verdict.CORRECT, 1.0)
    answer = yield judge.grade_answer(item.subject, item.question, item.answer, final.text)
    if answer is None:
        return Scored(final.text, Verdict.ERROR, None, "none")
    grade = judge.tenth(answer)
    if grade is None:
        return Scored(final.text, Verdict.ERROR, None, "judge", answer.call_id)
    return Scored(final.text, Verdict.CORRECT if grade >= 0.5 else Verdict.WRONG, grade, "judge", answer.call_id)


def vlmevalkit(item: Item, reply: str) -> Scoring:
    """The judge's grade in tenths, of the whole reply. Without a judge there is no number."""
    if item.answer is None:
        return Scored(reply, HIDDEN, None, "none")
    answer = yield judge.grade_answer(item.subject, item.question, item.answer, reply)
    if answer is None:
        return Scored(reply, Verdict.ERROR, None, "none")
    grade = judge.tenth(answer)
    if grade is None:
        return Scored(reply, Verdict.ERROR, None, "judge", answer.call_id)
    return Scored(reply, Verdict.CORRECT if grade >= 0.5 else Verdict.WRONG, grade, "judge", answer.call_id)


def capabilities(item: Item) -> list[str]:
    """The capabilities of an item: its category, split at commas or written as a list."""
    raw = str(item.category or item.extra.get("capability") or "")
    try:
        parts = json.loads(raw) if raw.startswith("[") else raw.split(",")
    except ValueError:
        parts = strings_in(raw) or []
    return [str(p).strip() for p in parts if str(p).strip()]


def categories(item: Item) -> Names:
    """Item categories: each capability, and the combination of them."""
    names = capabilities(item)
    return {"capability": names, "capabilities": ["_".join(names)]} if names else {}


def times_counted(dimension: str, names: Sequence[str]) -> int:
    """How often VLMEvalKit counts an item: one of a single capability twice, for it and for the equal combination."""
    return 2 if dimension == "capability" and len(names) == 1 else 1


FAMILY = Family(
    "mmvet",
    strict=strict,
    vlmevalkit=through_file(vlmevalkit),
    needs_judge=True,
    judge_prompts=("grade_answer",),
    metric="strict_score",
    categories=categories,
    times_counted=times_counted,
)
