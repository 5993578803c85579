"""Whether a reply gives an expression: a formula, an equation, or the number that it comes to.

Belongs here: finding the formula in a sentence, forms that were asked for. Does not belong here: whether two formulas
are equal (formulas.py), plain numbers (rule_numbers.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from wethink_assets.rewards import (
    asked_form,
    latex_text,
)
from wethink_assets.rewards.answers import TypedAnswer
from wethink_assets.rewards.formulas import MAX_MATH_CHARS, as_latex, by_mathematics, is_prose
from wethink_assets.rewards.intervals import is_all_reals
from wethink_assets.rewards.normalise import clean, without_lead_in
from wethink_assets.rewards.rule_numbers import boxed_or_bold, scalar_of
from wethink_assets.rewards.scalars import parse_scalar, same
from wethink_assets.rewards.verdict import (
    BOUND,
    DENIED,
    HEDGE,
    NEGATION,
    Verdict,
    readings,
)

_EXACT = re.compile(r"√|\\sqrt|\\frac|\\pi|π|/")
_APPROXIMATELY = re.compile(r"\s?(?:≈|\\approx(?![a-z]))\s?(?=[\d.])")
_EQUATION_AT_END = re.compile(
    r"(?:\b(?:is|are|be|so|gives?|equation|therefore|thus|hence)|[:,])\s\$?([A-Za-z](?:\([a-z]\))?\s?=\s?[^=<>,;]{1,120}?)\$?\s?\.?$"
)
_NAMED_FORMULA = re.compile(
    r"(?:[A-Za-z]|\\(?:vec|overrightarrow|mathbf)\{[A-Za-z]{1,2}\})(?:_\{?\w{1,3}\}?|\([a-z]\))?\s?=\s?([^=<>≤≥]{1,200})"
)
_FORMULA = re.compile(r"\$([^$]{1,200})\$|\\\(([^()]{1,200})\\\)")


def _last_formula(text: str) -> str:
    """The last formula between dollars, where a sentence that denies and hedges nothing ends with it; else the text."""
    found = list(_FORMULA.finditer(text))
    if (
        not found
        or text[found[-1].end() :].strip(" .!")
        or NEGATION.search(text)
        or HEDGE.search(text)
        or DENIED.search(text)
    ):
        return text
    return found[-1][1] or found[-1][2]


_FUNCTION_OF = re.compile(r"[fgh]\([a-z]\)\s?=\s?")
_PLAIN_FORMULA = re.compile(
    r"(?<![\w(])(?:\d{0,6}[a-z]|\d{1,6}|\([^()]{1,30}\))(?:\s?[-+*/^]\s?(?:\{?\d{0,6}[a-z]?\}?|\([^()]{1,30}\))){1,6}(?![\w)])"
)


def _only_formula(text: str) -> str | None:
    """The one formula with a letter in a sentence that denies and hedges nothing: "the nth pattern has 4n - 1 dots"."""
    if len(text) > 200 or "=" in text or any(p.search(text) for p in (NEGATION, HEDGE, DENIED, BOUND)):
        return None
    found = {m[0].strip() for m in _PLAIN_FORMULA.finditer(text)}
    return found.pop() if len(found) == 1 and re.search("[a-z]", next(iter(found))) else None


def _squeezed(text: str) -> str:
    return (
        re.sub(r"\s+|\\[,;!: ]|\\left|\\right|\*|\\cdot(?![a-z])|\\times(?![a-z])", "", text)
        .replace("dfrac", "frac")
        .replace("tfrac", "frac")
    )


_FACTOR_BEFORE = re.compile(r"(?<![\d/^)])(\d{1,3})/(\d{1,3})\s(?=[A-Za-zπ\\])")  # 1/2 mv^2


def _in_another_form(gold: str, text: str, asked: Sequence[str]) -> bool:
    """Whether a reply is the question's own formula, or equal in a form that was not asked for."""
    if not asked:
        return False
    reply = without_lead_in(text)
    if asked_form.repeats_question(text, asked):
        return True
    if is_prose(reply):
        match = _EQUATION_AT_END.search(reply)
        reply = match[1] if match else reply
    return asked_form.is_another(as_latex(gold), as_latex(reply), asked)


def expression(gold: TypedAnswer, text: str) -> Verdict:
    gold_text = clean(gold.raw)
    if gold.asked and asked_form.of_another_name(text, gold.asked):
        return Verdict.WRONG
    if is_prose(text) or "boxed" in text:
        text = boxed_or_bold(_last_formula(text))
    if (match := _APPROXIMATELY.search(text)) and _EXACT.search(text[: match.start()]) and "≈" not in gold_text:
        text = text[: match.start()]  # the exact value, not what it is about
    if "=" in gold_text and (text.count("=") > gold_text.count("=") or is_prose(text)):
        match = _EQUATION_AT_END.search(text)
        text = match[1] if match and not (NEGATION.search(text) or HEDGE.search(text) or DENIED.search(text)) else text
    if gold_text.startswith("y") and (match := _FUNCTION_OF.match(text)):
        text = "y = " + text[match.end() :]
    if "=" not in gold_text and is_prose(text) and (formula := _only_formula(text)):
        text = formula
    if "=" in text and "=" not in gold_text and (match := _NAMED_FORMULA.fullmatch(text.strip())):
        text = match[1]
    text = _FACTOR_BEFORE.sub(r"(\1/\2)*", clean(latex_text.without_dollars(text)))
    if any(_squeezed(reading) == _squeezed(gold_text) for reading in readings(text)):
        return Verdict.CORRECT
    if is_all_reals(gold_text) and any(map(is_all_reals, readings(text))):
        return Verdict.CORRECT
    if _in_another_form(gold_text, text, gold.asked):
        return Verdict.WRONG
    scalar = None if asked_form.wants("variables", gold.asked) else scalar_of(gold)
    if scalar is not None and not (scalar.unit and scalar.unit.is_counted):  # letters of a formula count nothing
        for reading in readings(text):
            replied = parse_scalar(reading)
            if replied is not None:
                if asked_form.wants("exact", gold.asked) and replied.decimals and scalar.value != replied.value:
                    return Verdict.WRONG
                return Verdict.CORRECT if same(scalar, replied, gold.tolerance) else Verdict.WRONG
    if HEDGE.search(text):
        return Verdict.HEDGED
    rest = list(readings(text))[-1] if is_prose(text) else without_lead_in(text)
    if is_prose(rest):
        return Verdict.UNPARSEABLE
    if len(rest) > MAX_MATH_CHARS or re.search(
        r"(?<!\\)\b[A-Za-z]{4,}\b.*(?<!\\)\b[A-Za-z]{4,}\b", re.sub(r"\\[A-Za-z]+", " ", rest)
    ):
        return Verdict.UNPARSEABLE  # prose, not mathematics
    return by_mathematics(gold.raw, rest, has_units=not asked_form.wants("variables", gold.asked))
