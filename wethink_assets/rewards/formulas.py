"""Whether two formulas are equal (mathematical equivalence): the way to math-verify, and what is not left to it.

Belongs here: formulas in the LaTeX that math-verify reads, what counts as a formula and what as a sentence.
Does not belong here: the processes (math_pool.py), algebra that is decided exactly (algebra.py), what a reply says
(rule_numbers.py, rule_expressions.py).
"""

from __future__ import annotations

import re

from wethink_assets.rewards import (
    algebra,
    math_pool,
    math_size,
    measured,
)
from wethink_assets.rewards.normalise import clean, plain_thousands
from wethink_assets.rewards.units import Unit, measures
from wethink_assets.rewards.verdict import (
    Verdict,
)

MAX_MATH_CHARS = 300
_WORD = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{2,}(?![A-Za-z({])")


def is_prose(text: str) -> bool:
    """Whether a text has words of a sentence in it, beside names of functions and units."""
    plain = _COMMANDS.sub(" ", text)
    words = [w for w in _WORD.findall(plain) if w.casefold() not in _FUNCTIONS and not measures(w)]
    return len(words) > 1 or len(_HAN.findall(plain)) > 3


_COMMANDS = re.compile(r"\\[A-Za-z]+")
_HAN = re.compile("[\u4e00-\u9fff]")
_FUNCTIONS = frozenset("sin cos tan log ln exp sqrt pi theta alpha beta infty frac".split())


def looks_mathematical(text: str) -> bool:
    return bool(
        re.search(
            r"\\[A-Za-z]+|[\^√π=]|\b(?:sin|cos|tan|log|ln)\b|[A-Za-z]\s?[-+*/]\s?\d|\d\s?[-+*/]\s?[A-Za-z]\b|\d[a-z]\b",
            text,
        )
    )


def is_worded(text: str) -> bool:
    """Whether letters other than names of functions and single variables stand in a formula."""
    return any(w.casefold() not in _FUNCTIONS for w in _WORD.findall(_COMMANDS.sub(" ", text)))


_BY_ANSWER = {
    math_pool.EQUAL: Verdict.CORRECT,
    math_pool.DIFFERENT: Verdict.WRONG,
    math_pool.GOLD: Verdict.UNPARSEABLE,
    math_pool.REPLY: Verdict.UNPARSEABLE,
    math_pool.TIMEOUT: Verdict.TIMEOUT,
    math_pool.ERROR: Verdict.ERROR,
}


def by_mathematics(gold: str, reply: str, unit: Unit | None = None, *, has_units: bool = True) -> Verdict:
    """As math-verify says of the formulas; their units, of which it knows nothing, are compared here.

    `unit` is the gold's where its text leaves it out; without `has_units` all letters are variables: h^3 in 4h^3.
    """
    plain = (plain_thousands(clean(gold)), plain_thousands(clean(reply)))
    pair = measured.pair(*plain, unit) if has_units else plain
    if pair is None:
        return Verdict.WRONG
    gold_text, reply_text = pair
    if unit is not None and not unit.is_counted and is_worded(reply_text):
        return Verdict.UNPARSEABLE  # what is left of it may be a unit that nobody knows
    if len(gold_text) > MAX_MATH_CHARS or len(reply_text) > MAX_MATH_CHARS:
        return Verdict.UNPARSEABLE
    if "boxed" in reply_text or "fbox" in reply_text:
        return Verdict.UNPARSEABLE  # a box within the answer: math-verify would take what is in it for the whole
    gold_text, reply_text = as_latex(gold_text), as_latex(reply_text)
    if (decided := algebra.same(gold_text, reply_text)) is not None:
        return Verdict.CORRECT if decided else Verdict.WRONG
    if _differs_in_case(gold_text, reply_text):
        return Verdict.WRONG
    if math_size.is_unbounded(gold_text) or math_size.is_unbounded(reply_text):
        return Verdict.TIMEOUT
    return _BY_ANSWER[math_pool.POOL.check(gold_text, reply_text)]


def _differs_in_case(gold: str, reply: str) -> bool:
    """Whether M stands where the other has m: two masses, which math-verify takes for one."""
    a, b = (set("".join(re.findall(r"[A-Za-z]", _COMMANDS.sub(" ", text)))) for text in (gold, reply))
    return a != b and {c.casefold() for c in a} == {c.casefold() for c in b}


_ROOT = re.compile(r"(?:√|(?<![\\A-Za-z])sqrt)\s*(?:\(([^()]{1,80})\)|(\d{1,12}|[A-Za-z]))")
_ROMAN = re.compile(r"\\(?:mathrm|mathit|rm|mathbf|boldsymbol|bm|vec|hat|textbf|overrightarrow)\s?\{([A-Za-z])\}")
_IN_POWER = re.compile(r"\^\s?\(([^()]{1,60})\)")
_INDEXED = re.compile(r"(?<![A-Za-z\\{])([A-Z])(\d)(?![\d.])")  # Q0, of which math-verify drops all behind it
_FUNCTION = re.compile(r"(?<![\\A-Za-z])(sin|cos|tan|log|ln|exp|pi|theta|alpha|beta|infty)(?![A-Za-z])")


def as_latex(text: str) -> str:
    text = _ROMAN.sub(r"\1", text)
    text = _ROOT.sub(lambda m: "\\sqrt{" + (m[1] or m[2]) + "}", text)
    text = _FUNCTION.sub(r"\\\1 ", text)
    text = _IN_POWER.sub(r"^{\1}", text)
    text = _INDEXED.sub(r"\1_{\2}", text)
    return (
        text.replace("**", "^")
        .replace("*", "\\cdot ")
        .replace("π", "\\pi ")
        .replace("≤", "\\le ")
        .replace("≥", "\\ge ")
        .replace("∞", "\\infty ")
    )
