"""Whether a reply gives a number or a quantity.

Belongs here: readings of a reply as one value, a sentence around one number. Does not belong here: the arithmetic
(surds.py), units (units.py), expressions (rule_expressions.py), the way to math-verify (formulas.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from wethink_assets.rewards import (
    another_amount,
    asked_form,
    equations,
    latex_text,
    number_prose,
    number_writings,
    share_prose,
    surds,
)
from wethink_assets.rewards.answers import TypedAnswer
from wethink_assets.rewards.extraction import boxed
from wethink_assets.rewards.formulas import MAX_MATH_CHARS, by_mathematics, is_prose, looks_mathematical
from wethink_assets.rewards.normalise import clean, without_lead_in
from wethink_assets.rewards.scalars import Scalar, decimal_point, parse_scalar, same
from wethink_assets.rewards.units import parse_unit
from wethink_assets.rewards.verdict import (
    BOUND,
    CHANGED_AFTER,
    CHANGED_BEFORE,
    DENIED,
    HEDGE,
    NEGATION,
    Verdict,
    readings,
)

_MENTION = re.compile(r"[-+]?\d[\d,]{0,30}(?:\.\d{1,30})?(?:\s*/\s*\d{1,15})?")


def scalar_of(gold: TypedAnswer) -> Scalar | None:
    scalar = parse_scalar(gold.raw)
    if scalar is not None and scalar.unit is None and gold.unit:
        unit = parse_unit(gold.unit)
        return Scalar(scalar.value, unit, scalar.decimals, scalar.digits, scalar.variable)
    return scalar


def number(gold: TypedAnswer, text: str) -> Verdict:
    gold_scalar = scalar_of(gold)
    if gold_scalar is None:
        return Verdict.UNPARSEABLE
    verdict = _number(gold, gold_scalar, text)
    if verdict is Verdict.WRONG and (factor := number_writings.scale(gold.asked)) is not None:
        larger = replace(gold_scalar, value=surds.scaled(gold_scalar.value, factor), decimals=None)
        return _number(gold, larger, text)
    return verdict


def _number(gold: TypedAnswer, gold_scalar: Scalar, text: str) -> Verdict:
    text = number_writings.rewritten(gold_scalar, boxed_or_bold(latex_text.without_dollars(text)), gold.asked)
    if gold_scalar.unit and gold_scalar.unit.is_percent and (part := share_prose.share(text, gold.asked)):
        return Verdict.CORRECT if same(gold_scalar, part, gold.tolerance) else Verdict.WRONG
    if _is_bound(without_lead_in(text)) and not _is_bound(clean(gold.raw)):
        return Verdict.UNPARSEABLE
    if _is_changed(text, gold):
        return Verdict.UNPARSEABLE
    if another_amount.compares_turned_round(text, gold.asked):
        return Verdict.WRONG
    if "=" in text and equations.fails(text):
        return Verdict.WRONG
    if text.count("=") == 1 and _of_what_is_made_of_it(text, gold.asked):
        return Verdict.WRONG
    if asked_form.repeats_question(text, gold.asked) and clean(text) != clean(gold.raw):
        return Verdict.WRONG
    if asked_form.wants("lowest", gold.asked) and asked_form.is_another(clean(gold.raw), text, gold.asked):
        return Verdict.WRONG
    if "=" in text and equations.of_formula(text, gold.asked):
        return Verdict.WRONG
    for reading in _readings(text):
        scalar = parse_scalar(reading) or parse_scalar(decimal_point(reading))
        if scalar is not None:
            scalar = _by_the_unit_asked(gold_scalar, scalar, gold.asked)
            another = _of_another(gold, scalar) or (bool(gold.asked) and another_amount.is_of_another(text, gold.asked))
            another = another or ("many" in gold.asked and _is_share(scalar) and not _is_share(gold_scalar))
            another = another or (_of_parts(scalar) and not _of_parts(gold_scalar) and "pairs" not in gold.asked)
            another = another or ("factor" in gold.asked and _is_share(scalar) and not _is_share(gold_scalar))
            another = another or ("many" in gold.asked and _ORDINAL.fullmatch(reading) is not None)
            another = another or ("many" in gold.asked and another_amount.counts_another_noun(scalar.unit, gold.asked))
            another = another or (scalar.variable in ("x", "y") and "slope" in gold.asked)
            another = another or (
                scalar.variable in ("x", "y") and "coordinate" in gold.asked and scalar.variable not in gold.asked
            )
            another = another or (scalar.variable is not None and _is_one_solution(scalar.variable, gold.asked))
            another = another or another_amount.has_another_symbol(scalar.variable or "", gold.asked)
            right = same(gold_scalar, scalar, gold.tolerance) and not another
            return Verdict.CORRECT if right else Verdict.WRONG
    if not gold_scalar.value and "many" in gold.asked and _NOTHING.fullmatch(text):
        return Verdict.CORRECT
    several_named = text.count("=") > 1 and (
        any(w.endswith("=") for w in gold.asked) or _SEVERAL_EQUATIONS.search(text) is not None
    )
    if (
        several_named
        or is_prose(text)
        or _SAYS.match(text)
        or not (looks_mathematical(text) and len(text) <= MAX_MATH_CHARS and not HEDGE.search(text))
    ):
        return number_prose.given(gold_scalar, text, gold.tolerance, gold.asked)
    if BOUND.search(text):
        return Verdict.UNPARSEABLE
    return by_mathematics(gold.raw, without_lead_in(text), gold_scalar.unit)


_SAYS = re.compile(r"(?:[A-Z]|it) [a-z]{4,}\s")  # "Q marks -7"
_SEVERAL_EQUATIONS = re.compile(r",\s(?:and|so|then)\s|;\s|^at\s", re.IGNORECASE)


def _of_what_is_made_of_it(text: str, asked: Sequence[str]) -> bool:
    """Whether an equation gives something made of the variable that was asked for: -x, |x|, √x or sin x."""
    name = next((w[0] for w in asked if w.endswith("=")), None)
    left = text.partition("=")[0].strip()[-MAX_LEFT:].casefold()
    if name is None or not (_MADE_OF[name].search(left) or _NEGATED.fullmatch(left)):
        return False
    return not any(function in asked for function in _FUNCTION.findall(left))


MAX_LEFT = 40
_FUNCTION = re.compile(r"sin|cos|tan|log|ln|sqrt")
_NEGATED = re.compile(r"-\s?[a-z]")
_MADE_OF = {
    name: re.compile(
        rf"[-|√]\s?{name}\s?\|?$|(?:sin|cos|tan|log|ln|sqrt)\s?[({{]?\s?{name}\s?[)}}]?$|\b{name}\s?[/^*!]|1\s?/\s?{name}$"
    )
    for name in "abcdefghijklmnopqrstuvwxyz"
}


def _of_another(gold: TypedAnswer, reply: Scalar) -> bool:
    """Whether the reply gives another variable than the one that the question asks for."""
    wanted = {name[0] for name in gold.asked if name.endswith("=")}
    return (
        bool(wanted)
        and reply.variable is not None
        and len(reply.variable) == 1
        and reply.variable.casefold() not in wanted
    )


def _by_the_unit_asked(gold: Scalar, reply: Scalar, asked: Sequence[str]) -> Scalar:
    """A price by the unit as plain money, where the question names that unit: "per kilogram"."""
    if gold.unit is None or reply.unit is None or reply.unit.word != f"{gold.unit.word} per" or "per" not in asked:
        return reply
    named = {name for word in asked if (unit := parse_unit(word)) is not None for name, _ in unit.parts}
    return replace(reply, unit=gold.unit) if {name for name, _ in reply.unit.parts} <= named else reply


_ORDINAL = re.compile(r"\d{1,4}(?:st|nd|rd|th)")


def _is_one_solution(variable: str, asked: Sequence[str]) -> bool:
    """Whether a reply gives a solution where their number is asked for."""
    return (
        len(variable) == 1 and "many" in asked and not {"solutions", "roots", "zeros", "intercepts"}.isdisjoint(asked)
    )


def _is_share(scalar: Scalar) -> bool:
    return scalar.unit is not None and scalar.unit.is_percent


def _of_parts(scalar: Scalar) -> bool:
    """Whether a number counts things by two or more at once: 6 pairs are 12 shoes."""
    return scalar.unit is not None and scalar.unit.word in ("pair", "pairs", "couple", "couples", "set", "sets")


def _readings(text: str) -> Iterator[str]:
    """As `readings`, and an equation read from the right, a number with an aside or a reason behind it."""
    yield from readings(text)
    if match := _REVERSED.fullmatch(text):
        yield match[1]
    if len(parts := _CONCLUDED.split(text)) > 1 and not (
        HEDGE.search(text) or NEGATION.search(text) or BOUND.search(text)
    ):
        yield from readings(parts[-1].strip(" ."))
    if match := _OUT_OF.fullmatch(without_lead_in(text)):
        yield f"{match[1]}/{match[2]}"
    if (match := _WITH_ASIDE.fullmatch(without_lead_in(text))) and not (
        HEDGE.search(text) or NEGATION.search(text) or DENIED.search(text)
    ):
        yield match[1]


_NOTHING = re.compile(r"none|nil|nothing|no|没有|无|一个(?:也|都)没有", re.IGNORECASE)
_REVERSED = re.compile(r"([^=<>≤≥]{1,80}?)\s?=\s?(?:[A-Za-z]|\\[a-z]{2,6})")
_CONCLUDED = re.compile(r"[,;.:]\s(?:and\s)?(?:so|thus|hence|therefore|i\.e\.),?\s", re.IGNORECASE)
_OUT_OF = re.compile(r"(\d{1,9}) (?:out of|over) (\d{1,9})")
_WITH_ASIDE = re.compile(
    r"([-+$€£¥(]?[^()=,;]{1,60}?)(?:\s\((?:about |approximately |roughly |i\.e\. "
    r"|or )?(?=[^()]{0,80}[A-Za-z])[^()]{1,80}\)"
    r"|[,;]? (?:because|since|as) .{1,400})",
    re.IGNORECASE,
)
_LESS = re.compile(r"\b(?:fewer|less|decrease|fell|drop\w*)\b", re.IGNORECASE)
_IS_BOX = re.compile(r"(?:=|\bis|:|≈|是|为|^)\s?\$?\\f?$")
_BOLD = re.compile(r"(?<![\w*])\*\*([^*]{1,60})\*\*(?![\w*])")


def boxed_or_bold(text: str) -> str:
    """The content of the one box in a sentence that denies nothing; else the text without bold."""
    boxes = {box.strip() for box in boxed(text)} if "boxed" in text else set()
    if (
        len(boxes) == 1
        and _IS_BOX.search(text[: text.index("boxed")])
        and not (NEGATION.search(text) or DENIED.search(text))
    ):
        return clean(boxes.pop())
    bold = {m[1].strip() for m in _BOLD.finditer(text)} if "**" in text else set()
    if (
        len(bold) == 1
        and parse_scalar(clean(next(iter(bold))))
        and not any(p.search(text) for p in (NEGATION, DENIED, HEDGE, BOUND, _LESS))
    ):
        return clean(bold.pop())
    if len(boxes) == 1 and not (DENIED.search(text) or NEGATION.search(text) or HEDGE.search(text)) and is_prose(text):
        return clean(boxes.pop())
    return _BOLD.sub(r"\1", text) if "**" in text else text


def _is_bound(text: str) -> bool:
    """Whether a text as a whole bounds a number: ">= 5", "at least 5", "5以上"."""
    return text.endswith(("以上", "以下")) or (not text[:1].isdigit() and BOUND.match(text) is not None)


_DECADE = re.compile(r"\b[12]?\d{1,2}0'?s\b")


def _is_changed(text: str, gold: TypedAnswer) -> bool:
    """Whether words beside the reply's one number make another amount or time of it."""
    if not gold.unit and _DECADE.search(text):
        return True  # the 1990s are no year; "100s" is 100 seconds where the gold has a unit
    numbers = list(_MENTION.finditer(text)) if len(text) <= MAX_MATH_CHARS else []
    if len(numbers) != 1:
        return False
    before, after = text[: numbers[0].start()], text[numbers[0].end() :]
    if "times" in gold.asked and re.match(r"\s?times\b", after):
        return False  # "has 4 times the area", where it asks how many times
    raw = clean(gold.raw)
    return any(
        pattern(part) and not pattern(raw)
        for pattern, part in ((CHANGED_BEFORE.search, before), (CHANGED_AFTER.match, after))
    )
