"""Multiple choice as VLMEvalKit scores it: the inferred letter, else the judge's, equal to the gold.

Belongs here: the steps that its multiple-choice families share. Does not belong here: circular groups and composites
(families/), the inference (options.py).
"""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence

from wethink_assets.evaluation import judge
from wethink_assets.evaluation.item import Item
from wethink_assets.evaluation.scorers.vlmevalkit.cells import filled
from wethink_assets.evaluation.scorers.vlmevalkit.options import NONE, Infer
from wethink_assets.evaluation.scorers.vlmevalkit.options import infer as infer_2026_05
from wethink_assets.evaluation.scorers.vlmevalkit.verdicts import judge_failed, scored
from wethink_assets.evaluation.scoring import Scoring


def letter_equals_gold(item: Item, reply: str, infer: Infer = infer_2026_05) -> Scoring:
    """Exact match of the inferred letter with the gold letter."""
    return (yield from choose(item, reply, lettered(item.options), item.answer, infer))


def choose(
    item: Item, reply: str, options: Mapping[str, str], gold: str | None, infer: Infer = infer_2026_05
) -> Scoring:
    """The verdict on a reply to a question with these options by letter; a hidden gold is None."""
    letter = infer(reply, options)
    if letter is not None:
        return scored(letter, letter, gold)
    answer = yield judge.choose_option(item.subject, item.question, _filled(options), reply)
    if answer is None:  # "exact matching": what no rule infers is Z
        return scored(None, NONE, gold)
    named = judge.field(answer, "letter")
    if named not in (*options, NONE):
        return judge_failed(answer)
    return scored(named, named, gold, "judge", answer.call_id)


def lettered(options: Sequence[str]) -> dict[str, str]:
    """Options of the file's columns by letter; empty cells are no options."""
    return {letter: text for letter, text in zip(string.ascii_uppercase, options, strict=False) if filled(text)}


def _filled(options: Mapping[str, str]) -> list[str]:
    last = max((string.ascii_uppercase.index(letter) for letter in options), default=-1)
    return [options.get(letter, "") for letter in string.ascii_uppercase[: last + 1]]
