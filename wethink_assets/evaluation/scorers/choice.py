"""Multiple choice: MMStar, AI2D, MMBench, WeMath and MMMU.

Belongs here: which option a reply chooses, by rule or else by the judge. Does not belong here: circular groups and
composites, which are numbers over several items (metrics.py).
"""

from __future__ import annotations

import string
from collections.abc import Generator, Sequence

from resources.calls.messages import ModelReply, ModelRequest
from wethink_assets.evaluation import judge
from wethink_assets.evaluation.extraction import said
from wethink_assets.evaluation.scoring import HIDDEN, NO_REPLY, Item, Scored
from wethink_assets.rewards.answers import MULTIPLE_CHOICE, type_answer
from wethink_assets.rewards.verifier import Verdict, verify

JudgedRule = Generator[ModelRequest, ModelReply | None, Scored]
OTHER = "Other Answers"


def choice(item: Item, reply: str) -> JudgedRule:
    """One letter, equal to the gold letter."""
    return (yield from choose(item, reply, item.options, item.answer))


def mmmu(item: Item, reply: str) -> JudgedRule:
    """As `choice`; an open question becomes A = its answer, B = any other."""
    if item.options:
        return (yield from choose(item, reply, item.options, item.answer))
    if item.answer is None:
        return Scored(said(reply).text, HIDDEN, None, "none")
    found = said(reply)
    if found.text is not None:
        gold = type_answer(item.answer, category="FIB", question=item.question)
        verdict = verify(gold, found.text, extracted=True)
        if verdict == Verdict.CORRECT:
            return Scored(found.text, verdict, 1.0)
    return (yield from choose(item, reply, (item.answer, OTHER), "A"))


def choose(item: Item, reply: str, options: Sequence[str], gold: str | None) -> JudgedRule:
    """The verdict on a reply to a question with these options. `gold` is a letter, or None where it is hidden."""
    letters = option_letters(options)
    if gold is not None and gold.strip().upper() not in letters:
        return NO_REPLY  # the set's own gold is no option: nobody can be right or wrong
    found = said(reply)
    if found.text is None:
        return Scored(None, found.verdict, None if gold is None else 0.0)
    letter, method, call = infer(found.text, options), "rule", None
    if letter is None:
        answer = yield judge.choose_option(item.subject, item.question, options, found.text)
        if answer is None:  # no judge may be asked
            return Scored(None, Verdict.UNPARSEABLE, None if gold is None else 0.0)
        letter, method, call = judge.field(answer, "letter"), "judge", answer.call_id
        if letter not in (*letters, judge.NONE):
            return Scored(None, Verdict.ERROR, None, method, call)
        if letter == judge.NONE:
            return Scored(None, Verdict.UNPARSEABLE, None if gold is None else 0.0, method, call)
    if gold is None:
        return Scored(letter, HIDDEN, None, method, call)
    hit = letter == gold.strip().upper()
    return Scored(letter, Verdict.CORRECT if hit else Verdict.WRONG, float(hit), method, call)


def option_letters(options: Sequence[str]) -> list[str]:
    """Letters of the options that have a text."""
    return [letter for letter, text in zip(string.ascii_uppercase, options, strict=False) if text]


def infer(text: str, options: Sequence[str]) -> str | None:
    """The one option that a final answer chooses; None where that is not clear."""
    chosen = [
        letter
        for letter in option_letters(options)
        if verify(type_answer(letter, category=MULTIPLE_CHOICE, options=options), text, extracted=True)
        == Verdict.CORRECT
    ]
    return chosen[0] if len(chosen) == 1 else None
