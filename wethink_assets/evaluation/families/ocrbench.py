"""OCRBench: text recognition, where a gold has to stand in the reply.

Belongs here: looking for a gold in a reply, the classes that the authors add up. Does not belong here: open answers
that are compared as a whole (scorers/open_answers.py).
"""

from __future__ import annotations

import re

from wethink_assets.benchmark_sets.cells import strings_in
from wethink_assets.evaluation.categories import Names
from wethink_assets.evaluation.extraction import final_answer
from wethink_assets.evaluation.families.family import Family
from wethink_assets.evaluation.item import Item
from wethink_assets.evaluation.scorers.vlmevalkit.cells import through_file
from wethink_assets.evaluation.scoring import HIDDEN, Scored, Scoring
from wethink_assets.rewards.verdict import Verdict

FORMULA = "Handwritten Mathematical Expression Recognition"
# The authors add six classes up as text recognition [R].
TEXT_RECOGNITION = "Text Recognition"
# By index, as the authors published them: "planed" stands for a handwritten word.
_DOUBTFUL = {"181": ["planed"]}
_RECOGNITION = frozenset(
    f"{kind} Recognition"
    for kind in ("Regular Text", "Irregular Text", "Artistic Text", "Handwriting", "Digit String", "Non-Semantic Text")
)


def strict(item: Item, reply: str) -> Scoring:
    """Whole-word containment: any gold stands in the reply, in any case; formulas without their spaces.

    12 is not in 123.
    """
    final = final_answer(reply)
    if item.answer is None:
        return Scored(final.text, HIDDEN, None, "none")
    golds = strings_in(item.answer) or [item.answer]
    if final.text is None:
        return Scored(None, final.verdict, 0.0)
    formula = (item.category or "").strip().lower() == FORMULA.lower()
    hit = any(_stands_in(gold, final.text, formula) for gold in golds)
    return Scored(final.text, Verdict.CORRECT if hit else Verdict.WRONG, float(hit))
    yield  # a rule is a generator, also where it never asks


def _stands_in(gold: str, text: str, formula: bool) -> bool:
    if formula:
        tight = "".join(gold.split())
        return bool(tight) and tight in "".join(text.split())
    words, reply = " ".join(gold.lower().split()), " ".join(text.lower().split())
    if not words:
        return False
    before = r"(?<![a-z0-9])" if words[0].isascii() and words[0].isalnum() else ""
    after = r"(?![a-z0-9])" if words[-1].isascii() and words[-1].isalnum() else ""
    return re.search(before + re.escape(words) + after, reply) is not None


def vlmevalkit(item: Item, reply: str) -> Scoring:
    """Substring containment: any gold is part of the reply, in lower case; in formulas without spaces, case kept.

    So 12 is right in 123.
    """
    if item.answer is None:
        return Scored(reply, HIDDEN, None, "none")
    golds = strings_in(item.answer) or [item.answer]
    formula = item.category == FORMULA

    def plain(text: str) -> str:
        text = text if formula else text.lower()
        text = text.strip().replace("\n", " ")
        return text.replace(" ", "") if formula else text

    plain_reply = plain(reply)
    hit = any(plain(gold) in plain_reply for gold in golds)
    return Scored(reply, Verdict.CORRECT if hit else Verdict.WRONG, float(hit))
    yield  # a rule is a generator, also where it never asks


def categories(item: Item) -> Names:
    """The class of the item, and the group under which the authors count it."""
    name = item.category or ""
    return {"category": [name], "group": [TEXT_RECOGNITION if name in _RECOGNITION else name]} if name else {}


def peculiar(item: Item) -> str | None:
    """Golds that look misspelt in the authors' file, and golds without a letter or digit."""
    golds = strings_in(item.answer or "") or [item.answer or ""]
    if golds == _DOUBTFUL.get(item.item):
        return (
            f"the published gold {golds[0]!r} looks misspelt: a reply that reads it otherwise is wrong by both scorers"
        )
    if item.answer is not None and any(not any(c.isalnum() for c in gold) for gold in golds):
        return "a gold holds no letter or digit, so that it stands in nearly any reply"
    return None


FAMILY = Family(
    "ocrbench",
    strict=strict,
    vlmevalkit=through_file(vlmevalkit),
    peculiar=peculiar,
    metric="strict_score",
    categories=categories,
)
