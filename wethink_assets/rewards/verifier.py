"""Whether a reply gives the gold answer: a verdict and never a bare number.

Belongs here: the one entrance and the table of rules (rule_*.py: one function an answer type).
Does not belong here: turning a verdict into a reward (hybrid.py), asking a judge (judge.py).

Order: normalise, exact, the type's rule, exact algebra, math-verify (its own killable process), and for free-form
answers nothing more: those are the judge's. A rule says `correct` only where it is sure; `hedged` where a reply names
several answers; `unparseable` where it names none.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from wethink_assets.rewards import foreign_prose, math_pool
from wethink_assets.rewards.answers import AnswerType, TypedAnswer
from wethink_assets.rewards.extraction import CONFLICTING, extract
from wethink_assets.rewards.normalise import MAX_ANSWER_CHARS, clean, fold
from wethink_assets.rewards.verdict import Verdict

_WHOLE_TAG = re.compile(r"\s{0,9}<answer>([^<>]{1,400})</answer>\s{0,9}", re.IGNORECASE)
_IN_PROSE = (AnswerType.NUMBER, AnswerType.QUANTITY, AnswerType.TEXT, AnswerType.OCR, AnswerType.CHOICE)
_UNDECIDED = (Verdict.TIMEOUT, Verdict.ERROR)
_STRUCK_OUT = re.compile("[\u0335-\u0338\u20d2\u20e5]")  # combining strokes: what they cross out is not said

__all__ = ["Verdict", "verify"]


def verify(gold: TypedAnswer, reply: str, *, extracted: bool = False) -> Verdict:
    """The verdict on a completion, or on its final answer where that was `extracted` already. Never raises."""
    try:
        if not extracted:
            extracted_answer = extract(reply)
            if extracted_answer.final is None:
                return Verdict.WRONG if extracted_answer.problem == CONFLICTING else Verdict.UNPARSEABLE
            reply = extracted_answer.final
        if len(reply) > MAX_ANSWER_CHARS:
            return Verdict.UNPARSEABLE
        if match := _WHOLE_TAG.fullmatch(reply):
            reply = match[1]
        text = clean(reply)
        if _STRUCK_OUT.search(text) and not _STRUCK_OUT.search(clean(gold.raw)):
            return Verdict.UNPARSEABLE
        if not text or (not fold(gold.raw) and not clean(gold.raw)):
            return Verdict.UNPARSEABLE
        with math_pool.one_verdict():
            rule = _rules()[AnswerType(gold.type)]
            verdict, whole = rule(gold, text), text
            if (
                verdict is not Verdict.CORRECT
                and gold.type in _IN_PROSE
                and (left := foreign_prose.rest(text, gold.asked))
            ):
                verdict, text = rule(gold, left), left
            if verdict is Verdict.CORRECT:
                looked = _second_look()(gold, text, rule)
                return looked if looked is Verdict.CORRECT else _by_contrast(gold, whole, rule) or looked
            if verdict in _UNDECIDED:
                return verdict
            return _in_other_words(gold, reply, whole, rule) or verdict
    except Exception:  # noqa: BLE001 - whatever a hostile reply provokes is one row's error, never the batch's
        return Verdict.ERROR


def _in_other_words(
    gold: TypedAnswer, written: str, text: str, rule: Callable[[TypedAnswer, str], Verdict]
) -> Verdict | None:
    """`correct` where the reply is right in another writing of it, else None."""
    from wethink_assets.rewards import rewritings  # at the first verdict, as the rules

    for other in rewritings.of(gold, written, text, rule):
        if rule(gold, other) is Verdict.CORRECT and _second_look()(gold, other, rule) is Verdict.CORRECT:
            return None if rewritings.takes_back(text) else Verdict.CORRECT
    return None


def _by_contrast(gold: TypedAnswer, text: str, rule: Callable[[TypedAnswer, str], Verdict]) -> Verdict | None:
    """`correct` where a reply is one contrast of the right answer with a wrong one: "nicht A, sondern B"."""
    from wethink_assets.rewards import rewritings

    if rewritings.asks_for_the_denied(gold) or rewritings.takes_back(text):
        return None
    for affirmed in rewritings.contrasted(gold, text, rule):
        if rule(gold, affirmed) is Verdict.CORRECT and _second_look()(gold, affirmed, rule) is Verdict.CORRECT:
            return Verdict.CORRECT
    return None


@cache
def _second_look() -> Callable[[TypedAnswer, str, Callable[[TypedAnswer, str], Verdict]], Verdict]:
    from wethink_assets.rewards import second_look  # at the first verdict, as the rules

    return second_look.holds


@cache
def _rules() -> dict[AnswerType, Callable[[TypedAnswer, str], Verdict]]:
    # Imported at the first verdict: whoever only names the assets need not compile the rules' hundreds of patterns.
    from wethink_assets.rewards import (
        rule_choice,
        rule_expressions,
        rule_intervals,
        rule_numbers,
        rule_ocr,
        rule_several,
        rule_texts,
        rule_yes_no,
    )

    return {
        AnswerType.CHOICE: rule_choice.choice,
        AnswerType.NUMBER: rule_numbers.number,
        AnswerType.QUANTITY: rule_numbers.number,
        AnswerType.EXPRESSION: rule_expressions.expression,
        AnswerType.SET: rule_several.unordered_set,
        AnswerType.LIST: rule_several.ordered_list,
        AnswerType.INTERVAL: rule_intervals.interval,
        AnswerType.YES_NO: rule_yes_no.yes_no,
        AnswerType.TEXT: rule_texts.text_rule,
        AnswerType.OCR: rule_ocr.ocr,
        AnswerType.BOX: rule_several.box,
        AnswerType.FREE_FORM: rule_texts.free_form,
    }
