"""Multiple-choice matching: which option a reply chooses, by rule or else by the judge.

Belongs here: the options of one item. Does not belong here: circular groups and composites, which are numbers over
several items (families/).
"""

from __future__ import annotations

from collections.abc import Sequence

from wethink_assets.evaluation import judge
from wethink_assets.evaluation.extraction import final_answer
from wethink_assets.evaluation.item import Item, option_letters
from wethink_assets.evaluation.scoring import HIDDEN, NO_REPLY, Scored, Scoring
from wethink_assets.rewards.answers import MULTIPLE_CHOICE
from wethink_assets.rewards.gold_types import type_answer
from wethink_assets.rewards.verifier import Verdict, verify

OTHER = "Other Answers"


def letter_equals_gold(item: Item, reply: str) -> Scoring:
    """Exact match of the chosen option's letter with the gold letter."""
    return (yield from choose(item, reply, item.options, item.answer))


def choose(item: Item, reply: str, options: Sequence[str], gold: str | None) -> Scoring:
    """The verdict on a reply to a multiple-choice question. `gold` is a letter, or None where it is hidden."""
    letters = option_letters(options)
    if gold is not None and gold.strip().upper() not in letters:
        return NO_REPLY  # the set's own gold is no option: nothing can be right or wrong
    answer = final_answer(reply)
    if answer.text is None:
        return Scored(None, answer.verdict, None if gold is None else 0.0)
    letter, method, call = infer(answer.text, options), "rule", None
    if letter is None:
        judged = yield judge.choose_option(item.subject, item.question, options, answer.text)
        if judged is None:  # no judge may be asked
            return Scored(None, Verdict.UNPARSEABLE, None if gold is None else 0.0)
        letter, method, call = judge.field(judged, "letter"), "judge", judged.call_id
        if letter not in (*letters, judge.NONE):
            return Scored(None, Verdict.ERROR, None, method, call)
        if letter == judge.NONE:
            return Scored(None, Verdict.UNPARSEABLE, None if gold is None else 0.0, method, call)
    if gold is None:
        return Scored(letter, HIDDEN, None, method, call)
    hit = letter == gold.strip().upper()
    return Scored(letter, Verdict.CORRECT if hit else Verdict.WRONG, float(hit), method, call)


def infer(text: str, options: Sequence[str]) -> str | None:
    """The one option that a final answer chooses; None where that is not clear."""
    matching = [
        letter
        for letter in option_letters(options)
        if verify(type_answer(letter, category=MULTIPLE_CHOICE, options=options), text, extracted=True)
        == Verdict.CORRECT
    ]
    return matching[0] if len(matching) == 1 else None
