"""Held-out split of the release, scored exactly as training rewards it, without the format part.

Belongs here: that rule. Does not belong here: which samples are held out (dataset/), verifier and judge (rewards/).
"""

from __future__ import annotations

from wethink_assets.evaluation.categories import by_columns
from wethink_assets.evaluation.families.family import Family
from wethink_assets.evaluation.item import Item
from wethink_assets.evaluation.scoring import Scored, Scoring
from wethink_assets.rewards import judge
from wethink_assets.rewards.answers import AnswerType, TypedAnswer
from wethink_assets.rewards.extraction import extract
from wethink_assets.rewards.verifier import Verdict, verify


def strict(item: Item, reply: str) -> Scoring:
    """The gold is `item.extra["answer_typed"]`. Descriptive answers get the judge's tier, others the rule's verdict."""
    gold = TypedAnswer.from_json(item.extra["answer_typed"])
    final = extract(reply).final
    if gold.type != AnswerType.FREE_FORM:
        verdict = verify(gold, reply)
        failed = verdict in (Verdict.ERROR, Verdict.TIMEOUT)
        return Scored(final, verdict, None if failed else float(verdict == Verdict.CORRECT))
    if final is None:
        return Scored(None, Verdict.UNPARSEABLE, 0.0)
    if judge.refused(item.question, final):
        return Scored(final, Verdict.WRONG, 0.0)
    answer = yield judge.build_request(item.question, gold, final, subject_id=item.item)
    if answer is None:
        return Scored(final, Verdict.ERROR, None, "none")
    tier = judge.parse(answer)
    if tier is None:
        return Scored(final, Verdict.ERROR, None, "judge", answer.call_id)
    return Scored(final, Verdict.CORRECT if tier >= 0.5 else Verdict.WRONG, tier, "judge", answer.call_id)


FAMILY = Family(
    "heldout",
    strict=strict,
    judge_prompts=("judge",),
    metric="accuracy",
    categories=by_columns("category", "source"),
    from_files=False,
)
