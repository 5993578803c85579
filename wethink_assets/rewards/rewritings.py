"""Other writings of a reply, each judged in its place where its rule does not call the reply itself right.

Belongs here: which of them are tried for which type of answer, and in which order. Does not belong here: the writings
(contrasts.py, list_sentences.py, interval_writings.py, foreign_numbers.py, amount_writings.py, formula_prose.py,
read_texts.py, text_writings.py, trends.py), the judging (verifier.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice

from wethink_assets.rewards import (
    amount_writings,
    apposition,
    choice_denied,
    closed_words,
    codes,
    contrasts,
    doubts,
    everyday_units,
    foreign_numbers,
    formula_in_sentence,
    formula_prose,
    formula_texts,
    interval_writings,
    labelled_in_order,
    list_sentences,
    listed_in_sentence,
    other_forms,
    reactions,
    read_texts,
    read_writings,
    taken_back,
    text_writings,
    trends,
)
from wethink_assets.rewards.answers import AnswerType, TypedAnswer
from wethink_assets.rewards.normalise import clean, without_lead_in
from wethink_assets.rewards.rule_numbers import scalar_of
from wethink_assets.rewards.rule_texts import names_turned
from wethink_assets.rewards.verdict import Verdict

MAX_TRIED = 12
MAX_CHARS = 400
_AMOUNTS = (AnswerType.NUMBER, AnswerType.QUANTITY)
_SEVERAL = (AnswerType.SET, AnswerType.LIST)
_TEXTS = (AnswerType.TEXT, AnswerType.OCR)
_NAMED = (AnswerType.TEXT, AnswerType.CHOICE, *_SEVERAL)  # what is read from an image is not translated
_NEVER = (AnswerType.YES_NO, AnswerType.FREE_FORM, AnswerType.BOX)
Rule = Callable[[TypedAnswer, str], Verdict]


def of(gold: TypedAnswer, written: str, text: str, rule: Rule) -> Iterator[str]:
    """The writings of a reply as `written` and cleaned (`text`); `rule` judges what a contrast denies."""
    if len(text) > MAX_CHARS or gold.type in _NEVER:
        return
    if gold.type == AnswerType.LIST and labelled_in_order.agrees(gold.value or (), text, gold.asked) is False:
        return
    if gold.type in _TEXTS and ":" in gold.raw and names_turned(text, gold.asked):
        return  # "girls to boys" where boys to girls is asked for
    seen = {"", text}
    for other in islice(_all(gold, written, text, rule), MAX_TRIED):
        if other not in seen:
            seen.add(other)
            yield other


def takes_back(text: str) -> bool:
    """Whether a reply corrects or doubts what it says: a writing of its first part would hide that."""
    part = taken_back.last_part(text)
    return (part is not None and part.kind is taken_back.Kind.CORRECTS) or doubts.is_doubted(text, "", may_deny=True)


def asks_for_the_denied(gold: TypedAnswer) -> bool:
    """Whether what a reply denies may be the option that was asked for."""
    return gold.type in (AnswerType.CHOICE, AnswerType.YES_NO) and choice_denied.asks_for_the_denied(gold.asked)


def _all(gold: TypedAnswer, written: str, text: str, rule: Rule) -> Iterator[str]:
    yield from _of_type(gold, text)
    if gold.type in _SEVERAL and (joined := list_sentences.lines(written)):
        yield clean(joined)
        yield from _of_type(gold, clean(joined))
    bare = without_lead_in(text)
    if bare != text:
        yield from _of_type(gold, bare)
    if not asks_for_the_denied(gold):
        yield from contrasted(gold, text, rule)


def contrasted(gold: TypedAnswer, text: str, rule: Rule) -> Iterator[str]:
    """What a reply affirms that is one contrast, where what it denies is not right."""
    if (
        gold.type not in _NEVER
        and (contrast := contrasts.of(text))
        and rule(gold, contrast.denied) is not Verdict.CORRECT
    ):
        affirmed = clean(contrast.affirmed)
        yield affirmed
        yield from _of_type(gold, affirmed)


_HAN_LEAD = re.compile(r"[^,;.:\d\s不没非除无]{2,24}?[为是有:]\s?(?=[^\u4e00-\u9fff])")  # "方程的解为 x=1"
_COORDINATE_IS = re.compile(r"\b([xyz]) (?:is|equals) (?=-?\d)")
_INDEX = re.compile(r"(?<![A-Za-z\\_])([A-Za-z])(\d)(?![\d.])")  # k1, where the gold writes k_1
_SAID_AGAIN = re.compile(r"\s(?:is|are|was|were)\s([a-z]{4,20})[.!]?$", re.IGNORECASE)


def _option_by_trend(gold: TypedAnswer, text: str) -> Iterator[str]:
    """The one option that says the same trend: "It goes down." for decreasing."""
    trend = trends.of(text, gold.asked)
    options = [clean(option) for option in gold.options]
    same = [option for option in options if trend is not None and trends.of(option) is trend]
    if len(same) == 1:
        yield same[0]


def _own_options(gold: TypedAnswer) -> list[str]:
    """The texts of the options that are right."""
    letters = [ord(letter) - 65 for letter in str(gold.value or "")]
    return [clean(gold.options[i]) for i in letters if i < len(gold.options)]


def _of_type(gold: TypedAnswer, text: str) -> Iterator[str]:
    if gold.type in _AMOUNTS:
        yield from amount_writings.of(text, gold.asked)
        amount = scalar_of(gold)
        yield from everyday_units.of(amount.unit if amount else None, text, gold.asked)
        yield from foreign_numbers.of(text, gold.asked)
    if gold.type in _SEVERAL:
        yield from list_sentences.of(gold, text)
        items, ordered = [str(item) for item in gold.value or ()], gold.type == AnswerType.LIST
        if (equated := _COORDINATE_IS.sub(r"\1 = ", text)) != text:
            yield equated
        if match := _HAN_LEAD.match(text):
            yield text[match.end() :].replace("或", ",")
        yield from listed_in_sentence.of(items, text, gold.asked, ordered=ordered)
    if gold.type == AnswerType.INTERVAL or (
        gold.type == AnswerType.SET and "∞" in clean(gold.raw).replace("\\infty", "∞")
    ):
        yield from interval_writings.of(text)
    if gold.type == AnswerType.SET and ("∪" in gold.raw or "\\cup" in gold.raw):
        yield from interval_writings.union_in_sentence(text, gold.asked)
    if gold.type == AnswerType.EXPRESSION:
        yield from formula_prose.of(text)
        yield from formula_in_sentence.of(text)
        if "_" in gold.raw and (indexed := _INDEX.sub(r"\1_\2", text)) != text:
            yield indexed
    if gold.type in (AnswerType.EXPRESSION, *_TEXTS) and reactions.same(clean(gold.raw), text):
        yield clean(gold.raw)
    if gold.type == AnswerType.CHOICE:
        if match := _SAID_AGAIN.search(text):
            yield text[: match.start()] if match[1].casefold() in gold.asked else ""
        yield from _option_by_trend(gold, text)
        yield from list_sentences.without_others(text, _own_options(gold), gold.asked)
    if gold.type in _NAMED and (english := closed_words.in_english(text)) is not None:
        yield english
    if gold.type in _NAMED and (day := closed_words.day_in_english(text)) is not None:
        yield day
    if gold.type in _TEXTS and not codes.is_another(clean(gold.raw), text, gold.asked):
        if formula_texts.same(clean(gold.raw), text):
            yield clean(gold.raw)
        yield from text_writings.of(gold.raw, text, gold.asked)
        yield from read_texts.of(gold.raw, text, gold.asked)
        yield from read_writings.of(gold.raw, text, gold.asked)
        yield from apposition.of(text, gold.asked)
        yield from other_forms.of(gold.raw, text, gold.asked)
        if (said := contrasts.shown_by_evidence(text)) is not None:
            yield said
