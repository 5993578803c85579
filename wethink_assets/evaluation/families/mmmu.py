"""MMMU: multiple choice, and open questions turned into a choice between the answer and any other.

Belongs here: MMMU's two rules. Does not belong here: comparing options (scorers/).
"""

from __future__ import annotations

import string

from wethink_assets.evaluation.extraction import final_answer
from wethink_assets.evaluation.families.family import Family
from wethink_assets.evaluation.item import Item
from wethink_assets.evaluation.scorers.choice import OTHER, choose
from wethink_assets.evaluation.scorers.vlmevalkit import choice as kit
from wethink_assets.evaluation.scorers.vlmevalkit.cells import filled, through_file
from wethink_assets.evaluation.scorers.vlmevalkit.options import Infer
from wethink_assets.evaluation.scorers.vlmevalkit.options import infer as infer_2026_05
from wethink_assets.evaluation.scorers.vlmevalkit.versions import by_version
from wethink_assets.evaluation.scoring import HIDDEN, VLMEVALKIT, Scored, Scoring
from wethink_assets.rewards.gold_types import type_answer
from wethink_assets.rewards.verifier import Verdict, verify


def strict(item: Item, reply: str) -> Scoring:
    """One letter, equal to the gold letter; an open question becomes A = its answer, B = any other."""
    if item.options:
        return (yield from choose(item, reply, item.options, item.answer))
    answer = final_answer(reply)
    if item.answer is None:
        return Scored(answer.text, HIDDEN, None, "none")
    if answer.text is not None:
        gold = type_answer(item.answer, category="FIB", question=item.question)
        verdict = verify(gold, answer.text, extracted=True)
        if verdict == Verdict.CORRECT:
            return Scored(answer.text, verdict, 1.0)
    return (yield from choose(item, reply, (item.answer, OTHER), "A"))


def vlmevalkit(item: Item, reply: str, infer: Infer = infer_2026_05) -> Scoring:
    """An open question gets the options A = its answer and B = "Other Answers".

    The gold is A unless the answer is itself one capital letter: then it is that letter, also for an open question.
    """
    answer = item.answer or ""
    letter = len(answer) == 1 and answer in string.ascii_uppercase
    if item.options and filled(item.options[0]):
        options = kit.lettered(item.options)
    else:
        options = {"A": answer, "B": OTHER, **kit.lettered(("", "", *item.options[2:]))}
    gold = None if item.answer is None else answer if letter else "A"
    return (yield from kit.choose(item, reply, options, gold, infer))


_ITS = {scorer: through_file(rule) for scorer, rule in by_version(vlmevalkit).items()}

FAMILY = Family(
    "mmmu",
    strict=strict,
    vlmevalkit=_ITS[VLMEVALKIT],
    vlmevalkit_versions=_ITS,
    judge_prompts=("choose_option",),
)
