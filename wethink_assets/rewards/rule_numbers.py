"""Whether a reply gives a number, a quantity or an expression.

Belongs here: readings of a reply as one value, a sentence around one number, the way to math-verify.
Does not belong here: the arithmetic (exact.py), units (units.py), the processes (math_pool.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from wethink_assets.rewards import (
    algebra,
    another_amount,
    asked_form,
    equations,
    exact,
    latex_text,
    math_pool,
    math_size,
    measured,
    number_prose,
    number_writings,
    share_prose,
)
from wethink_assets.rewards.answers import TypedAnswer
from wethink_assets.rewards.extraction import boxed
from wethink_assets.rewards.intervals import is_all_reals
from wethink_assets.rewards.normalise import clean, plain_thousands, without_lead_in
from wethink_assets.rewards.scalars import Scalar, decimal_point, parse_scalar, same
from wethink_assets.rewards.units import Unit, measures, parse_unit
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

MAX_MATH_CHARS = 300

_MENTION = re.compile(r"[-+]?\d[\d,]{0,30}(?:\.\d{1,30})?(?:\s*/\s*\d{1,15})?")


def _gold_scalar(gold: TypedAnswer) -> Scalar | None:
    scalar = parse_scalar(gold.raw)
    if scalar is not None and scalar.unit is None and gold.unit:
        unit = parse_unit(gold.unit)
        return Scalar(scalar.value, unit, scalar.decimals, scalar.digits, scalar.variable)
    return scalar


def number(gold: TypedAnswer, text: str) -> Verdict:
    gold_scalar = _gold_scalar(gold)
    if gold_scalar is None:
        return Verdict.UNPARSEABLE
    verdict = _number(gold, gold_scalar, text)
    if verdict is Verdict.WRONG and (factor := number_writings.scale(gold.asked)) is not None:
        larger = replace(gold_scalar, value=exact.scaled(gold_scalar.value, factor), decimals=None)
        return _number(gold, larger, text)
    return verdict


def _number(gold: TypedAnswer, gold_scalar: Scalar, text: str) -> Verdict:
    text = number_writings.rewritten(gold_scalar, _boxed_or_bold(latex_text.without_dollars(text)), gold.asked)
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
            another = another or (scalar.variable in ("x", "y") and "slope" in gold.asked)
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
        or not (looks_mathematical(text) and len(text) <= MAX_MATH_CHARS and not HEDGE.search(text))
    ):
        return number_prose.given(gold_scalar, text, gold.tolerance, gold.asked)
    if BOUND.search(text):
        return Verdict.UNPARSEABLE
    return by_mathematics(gold.raw, without_lead_in(text), gold_scalar.unit)


_SEVERAL_EQUATIONS = re.compile(r",\s(?:and|so|then)\s|;\s|^at\s", re.IGNORECASE)


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
_WORD = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{2,}(?![A-Za-z({])")


def _boxed_or_bold(text: str) -> str:
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


def is_prose(text: str) -> bool:
    """Whether a text has words of a sentence in it, beside names of functions and units."""
    plain = _COMMANDS.sub(" ", text)
    words = [w for w in _WORD.findall(plain) if w.casefold() not in _FUNCTIONS and not measures(w)]
    return len(words) > 1 or len(_HAN.findall(plain)) > 3


_COMMANDS = re.compile(r"\\[A-Za-z]+")
_HAN = re.compile("[\u4e00-\u9fff]")
_FUNCTIONS = frozenset("sin cos tan log ln exp sqrt pi theta alpha beta infty frac".split())


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
    gold_text, reply_text = _latex(gold_text), _latex(reply_text)
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


def _latex(text: str) -> str:
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
    return asked_form.is_another(_latex(gold), _latex(reply), asked)


def expression(gold: TypedAnswer, text: str) -> Verdict:
    gold_text = clean(gold.raw)
    if is_prose(text) or "boxed" in text:
        text = _boxed_or_bold(_last_formula(text))
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
    scalar = None if asked_form.wants("variables", gold.asked) else _gold_scalar(gold)
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
