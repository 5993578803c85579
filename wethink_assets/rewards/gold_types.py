"""The type of a gold answer, decided when the answer is made and not when a reply is scored.

Belongs here: how a gold text gets its type by its looks and its question, and which words of the question it keeps.
Does not belong here: the types themselves (answers.py), comparing anything with them (verifier.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from wethink_assets.rewards import asked_form, codes, dates_times, lists, measured_range, surds
from wethink_assets.rewards.answers import DESCRIPTIVE, MULTIPLE_CHOICE, NO, YES, AnswerType, TypedAnswer
from wethink_assets.rewards.boxes import parse_box
from wethink_assets.rewards.intervals import bracketed_interval, parse_interval, union
from wethink_assets.rewards.normalise import clean, fold
from wethink_assets.rewards.scalars import parse_scalar
from wethink_assets.rewards.unit_asked import unit_asked, unit_text

# Defaults [D]: IoU from which a box is right, and how much of a longer text an OCR answer may get wrong.
BOX_IOU = 0.5
OCR_DISTANCE = 0.1

_BLANKS = re.compile(r"\bblanks\b|__.{1,200}__", re.IGNORECASE)
_SIZES = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)\s?[*x]\s?(\d{1,6}(?:\.\d{1,3})?)(?:\s?[*x]\s?(\d{1,6}))?")
_DIMENSIONS = re.compile(r"\b(?:dimensions?|size|resolution)\b", re.IGNORECASE)
_POINT = re.compile(r"\([^()]{1,40},[^()]{1,40}\)")
_BOX_QUESTION = re.compile(
    r"bounding box|\bbbox\b|\bbox\b.{0,40}\b(?:coordinate|x1)|coordinates of|where is .{1,60}\bbox|边界框|坐标"
    r"|^(?:please )?(?:locate|detect|ground|locali[sz]e|outline|where(?: is|'s))\b|\bbox (?:of|around|for)\b",
    re.IGNORECASE,
)
_READ_QUESTION = re.compile(
    r"\b(?:written|printed|reads?|say|says|spelled|caption|headline|text|word|words|letters"
    r"|(?:license|licence|number) plate|label"
    r"|labell?ed|sign|logo|slogan)\b"
    r"|\b(?:title|author|brand|name) (?:of|on)\b|文字|写着|写了",
    re.IGNORECASE,
)
_COLOURS = frozenset("red orange yellow green blue purple violet pink brown black white gray grey gold silver".split())
_TYPESET = re.compile(r"\\(?:sqrt|pm|[dt]?frac|log|ln|sin|cos|tan|pi)(?![a-z])")  # mathematics, however it is written
_ALGEBRA = re.compile(r"\(\s?\d{0,3}[a-z]\s?[-+]\s?\d|(?<![A-Za-z])[a-z]\^")
_VARIABLE = re.compile(r"^(?!.*(?<!\\)[A-Za-z]{5}).*(?<!\\)[A-Za-z]")
_ORDERED_QUESTION = re.compile(
    r"\b(?:in (?:that |this |the |what |which )?order\b(?! to\b)|first to last|\w{3,10}est to \w{3,10}est"
    r"|order of|ascending|descending|sequence|rank(?:ed|ing)?|sorted|sort (?:by|in|the|them)"
    r"|arrange|^(?:order|rank|sort) "
    r"|\w+ order\b(?! to\b)|traversal|put .{1,60} in .{0,20}order|\w{3,10}(?:est|rst) first\b|best first"
    r"|(?:starting|beginning|start) (?:with|from)"
    r"|(?:and|,) then (?:the|its)|one after (?:another|the other)|(?:next|first|last) (?:two|three|four|five|few)\b"
    r"|\b(?:of|for) (?:the )?(?:[a-z]{2,12} )?(?-i:[A-Zxy](?:, [A-Zxyz])*,? and [A-Zyz])\b"
    r"|in (?:the |their )?(?:right|correct|proper|given|same|following) order|first, second"
    r"|respectively|coordinates?|from .{1,40} to|left to right|top to bottom|oldest|chronologic\w*)\b"
    r"|依次|顺序|分别|坐标|从.{1,20}到",
    re.IGNORECASE,
)
_SEVERAL_ASKED = re.compile(
    r"\b(?:two|three|four|five|both|all (?:of )?the|list|name the|(?:which|what) \w{3,}s are|who are"
    r"|(?:which|what) (?:\w+ )?(?!does\b|has\b|process)\w{3,}[^s\W]s\b(?! (?:is|was|does|has)\b)"
    r"|(?:which|what) \w{3,}[^siuae\W]s does\b|what (?:are|were) (?:the |these |those )?"
    r"(?:[a-z]{2,14} ){0,2}\w{3,}[^s\W]s\b"
    r")|哪些|哪几|哪两",
    re.IGNORECASE,
)
_WHICH_SEVERAL = re.compile(
    r"^which (?:[a-z]{2,14} ){0,2}[a-z]{3,14}[^s\W]s (?:are|were|do|does|did|have|has|can|is|was|appear)\b",
    re.IGNORECASE,
)
_INTERVAL_QUESTION = re.compile(
    r"\b(?:between (?:what|which) (?:values|numbers|two)|interval|domain|range of|solution set|inequalit(?:y"
    r"|ies)|where (?:is|does) .{1,40}(?:increas|above|below"
    r"|decreas|positive|negative|concave|defined)\w*|for (?:which|what) (?:values|[a-z])|what values"
    r"|possible (?:values|lengths) (?:of|for)|(?-i:CI))\b|[<>≤≥]"
    r"|取值范围|定义域|值域|区间|解集",
    re.IGNORECASE,
)
_CODE = re.compile(r"0x[0-9A-Fa-f]+|\d+(?:-\d+)+|\d+(?:/\d+){2,}")  # telephone numbers, scores, dates
_DECADE = re.compile(r"(?:the )?[12]\d\d0'?s")
_LEADING_ZERO = re.compile(r"0\d")
_MATHEMATICS = re.compile(
    r"\d\s?[-+]\s?\d*\s?(?:i|\\mathrm\{i\})(?![A-Za-z])|\\[A-Za-z]+|[=^√π≤≥<>]|\|[^|]{1,80}\||\d\s?[xyz]\b"
    r"|\d\s?[a-zA-Z]\b\s*[-+*/^]|[a-zA-Z](?:\s*[+*/^]\s*|\s-\s|-(?=[1-9]\b))\d|[a-z]\([a-z]\)"
    r"|^[a-z](?:\s?[-+]\s?\d{0,3}[a-z]){1,6}$|\b"
    r"(?![nN]/[aA]\b)[a-zA-Z]\s*[+*/]\s*[a-zA-Z]\b"
)


def type_answer(answer: str, *, category: str, options: Sequence[str] = (), question: str = "") -> TypedAnswer:
    """The typed gold of an answer, with what its question names.

    Never raises: an answer that has no value of its type (a letter outside the options) verifies as unparseable.
    """
    typed = _typed(answer, category=category, options=options, question=question)
    return replace(typed, asked=_asked(typed.type, question)) if question else typed


MAX_ASKED = 40
_TERM = re.compile(r"domain|range|increas|decreas")
_ASKED = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]{1,24}")
_VARIABLE_ASKED = re.compile(
    r"(?:\bvalue of|\bsolve for|\bfind|\bwhat is|\bdetermine|求)\s?\$?([a-zA-Z])\b(?!['’])(?!\s(?:the|an?|of)\b)",
    re.IGNORECASE,
)
_HOW_MANY = re.compile(
    r"\bhow many\b|\bnumber of\b|多少[个只人名本张条辆]|几[个只人名本张条辆]|有多少|有几", re.IGNORECASE
)
_WITH_NUMBERS = (AnswerType.NUMBER, AnswerType.QUANTITY)
_WITH_WORDS = (
    *_WITH_NUMBERS,
    AnswerType.TEXT,
    AnswerType.OCR,
    AnswerType.YES_NO,
    AnswerType.SET,
    AnswerType.LIST,
    AnswerType.CHOICE,
)


def _asked(kind: str, question: str) -> tuple[str, ...]:
    """Words and numbers of the question, in order and once; first what is counted and the variable asked for."""
    if kind == AnswerType.INTERVAL:
        return tuple(dict.fromkeys(_TERM.findall(question.casefold())))
    if kind not in _WITH_WORDS:
        return (*asked_form.of(question), *asked_form.names(question)) if kind == AnswerType.EXPRESSION else ()
    first: tuple[str, ...] = ()
    if kind in (*_WITH_NUMBERS, AnswerType.CHOICE):
        match = _VARIABLE_ASKED.search(question)
        first += (f"{match[1].casefold()}=",) if match and match[1] not in "aAI" else ()
    found = tuple(dict.fromkeys(word.casefold() for word in _ASKED.findall(clean(question))))
    if kind in _WITH_NUMBERS and _HOW_MANY.search(question) and "many" not in found:
        first += ("many",)
    if kind in _WITH_NUMBERS:
        first += asked_form.of(question, equations=False)
    return first + found[:MAX_ASKED]


def _typed(answer: str, *, category: str, options: Sequence[str] = (), question: str = "") -> TypedAnswer:
    """Multiple choice by its letter, descriptive answers free-form, the rest by their looks."""
    options = tuple(options)
    text = clean(answer)
    if category == MULTIPLE_CHOICE:
        return TypedAnswer(AnswerType.CHOICE, answer, _letters(text, options), options=options)
    if category == DESCRIPTIVE:
        return TypedAnswer(AnswerType.FREE_FORM, answer, text)
    folded = fold(answer)
    if folded in YES or folded in NO or text in YES or text in NO:
        positive = folded in YES or text in YES
        if folded not in ("right", "y", "n", "有", "×", "√") or _asks_yes_no(question):
            return TypedAnswer(AnswerType.YES_NO, answer, "yes" if positive else "no")
    if (box := parse_box(text)) is not None and (_BOX_QUESTION.search(question) or "bbox" in text or "x1" in text):
        return TypedAnswer(AnswerType.BOX, answer, list(box), tolerance=BOX_IOU)
    reading = bool(_READ_QUESTION.search(question)) and not (_TYPESET.search(text) or _ALGEBRA.search(text))
    if len(text) <= 300 and "=" not in text and _VARIABLE.search(text) and asked_form.wants_variables(question):
        return TypedAnswer(AnswerType.EXPRESSION, answer, text)
    if (sizes := _SIZES.fullmatch(text)) and _DIMENSIONS.search(question):
        return TypedAnswer(AnswerType.LIST, answer, [part for part in sizes.groups() if part])
    if lists.is_empty_set(text):
        return TypedAnswer(AnswerType.SET, answer, [])
    if (rows := lists.matrix(text)) is not None:
        return TypedAnswer(AnswerType.LIST, answer, rows)
    if "\\begin{" in text:
        return TypedAnswer(AnswerType.EXPRESSION, answer, text)
    if several := lists.both_signs(text) or union(text):
        return TypedAnswer(AnswerType.SET, answer, several)
    asked = bool(_INTERVAL_QUESTION.search(question))
    dialled = codes.is_telephone(text)
    if not dialled and (interval := bracketed_interval(text) if asked else parse_interval(text)) is not None:
        return TypedAnswer(AnswerType.INTERVAL, answer, list(interval))
    if dialled or _DECADE.fullmatch(text) or (any(map(str.isalpha, text)) and dates_times.parse(answer) is not None):
        return TypedAnswer(
            AnswerType.OCR if reading else AnswerType.TEXT, answer, text, tolerance=OCR_DISTANCE if reading else 0.0
        )
    measured = measured_range.parse(text)
    if measured is not None and measured.high.unit is not None and measured.has_unit:
        ends = [str(surds.rational(end.value)) for end in (measured.low, measured.high)]
        return TypedAnswer(AnswerType.INTERVAL, answer, [*ends, None, None], unit=unit_text(measured.high.unit))
    if (scalar := _scalar(answer, text)) is not None:
        if scalar.unit is None:
            if unit := unit_asked(question):
                return TypedAnswer(AnswerType.QUANTITY, answer, text, unit=unit)
            plain = scalar.digits > 0 or scalar.decimals is not None
            return TypedAnswer(AnswerType.NUMBER if plain or text.isalpha() else _number_type(text), answer, text)
        return TypedAnswer(AnswerType.QUANTITY, answer, text, unit=unit_text(scalar.unit))
    if dates_times.parse(answer) is not None:
        return TypedAnswer(AnswerType.TEXT, answer, text)
    items, bracket = lists.items(text)
    if len(items) > 1 and len(items) <= lists.MAX_ITEMS:
        if bracket in ("[", "("):
            return TypedAnswer(AnswerType.LIST, answer, items)
        if bracket == "{":
            return TypedAnswer(AnswerType.SET, answer, items)
        if ";" in text and bracket == "" and _BLANKS.search(question):
            return TypedAnswer(AnswerType.LIST, answer, items)
        if all(map(_POINT.fullmatch, items)):
            ordered = bool(_ORDERED_QUESTION.search(question))
            return TypedAnswer(AnswerType.LIST if ordered else AnswerType.SET, answer, items)
        names = max(len(item.split()) for item in items) <= 3
        if (
            (_WHICH_SEVERAL.match(question) and names and not _ORDERED_QUESTION.search(question))
            or (all(clean(item).casefold() in _COLOURS for item in items))
            or (
                not reading
                and (_is_enumeration(text, items) or (_SEVERAL_ASKED.search(question) and max(map(len, items)) <= 40))
            )
        ):
            ordered = bool(_ORDERED_QUESTION.search(question))
            return TypedAnswer(AnswerType.LIST if ordered else AnswerType.SET, answer, items)
    if _MATHEMATICS.search(text) and not reading and len(text) <= 300:
        return TypedAnswer(AnswerType.EXPRESSION, answer, text)
    if reading:
        return TypedAnswer(AnswerType.OCR, answer, text, tolerance=OCR_DISTANCE)
    return TypedAnswer(AnswerType.TEXT, answer, text)


def _number_type(text: str) -> AnswerType:
    """A fraction of whole numbers is a number; roots, powers and π make an expression."""
    return AnswerType.EXPRESSION if re.search(r"\\(?!frac|dfrac|tfrac)|[√π^*(]", text) else AnswerType.NUMBER


def _scalar(answer: str, text: str) -> Any:
    """The number that a gold is; None for codes such as 007, 3D or A4, which are texts with digits."""
    scalar = parse_scalar(answer)
    if scalar is None or _LEADING_ZERO.match(text.lstrip("+-")) or _CODE.fullmatch(text):
        return None
    if scalar.unit is not None and scalar.unit.is_counted:
        words = len(text.split())
        if (
            (scalar.attached and scalar.unit.word.isascii())
            or words > 4
            or (words > 1 and not scalar.unit.word.isascii())
        ):
            return None
    return scalar


def _asks_yes_no(question: str) -> bool:
    return bool(
        re.match(
            r"\s*(?:is|are|was|were|do|does|did|can|could|has|have|will|would|should)\b|.*[吗么][?\uff1f]?\s*$",
            question,
            re.IGNORECASE,
        )
    )


def _is_enumeration(text: str, items: Sequence[str]) -> bool:
    """Whether a text without brackets lists things, rather than being a sentence with a comma."""
    if any(len(item) > 40 or len(item.split()) > 4 for item in items):
        return False
    numbers = sum(parse_scalar(item) is not None for item in items)
    return numbers == len(items) or len(items) > 2 or lists.joined_by_word(text)


def _letters(text: str, options: Sequence[str]) -> str:
    """The option letters of a multiple-choice gold, sorted; empty where there are none."""
    allowed = [chr(65 + i) for i in range(len(options) or 26)]
    letters = lists.bare_letters(text)
    if letters and all(letter in allowed for letter in letters):
        return "".join(sorted(set(letters)))
    folded = fold(text)
    matching = [chr(65 + i) for i, option in enumerate(options) if fold(option) == folded]
    return matching[0] if folded and len(matching) == 1 else ""
