"""Numbers written in words, English and Chinese: "two and a half", "one hundred and five", 一百零五, 三分之二.

Belongs here: the words at the beginning of a text as one exact number. Does not belong here: digits and what follows
the number (scalars.py). What is ambiguous ("one two", 一百二) is no number: a guess could reward a wrong answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

_SMALL: dict[str, int] = {
    w: i
    for i, w in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen".split()
    )
} | {w: 10 * i for i, w in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)}
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_PARTS = {
    "half": 2,
    "halves": 2,
    "third": 3,
    "thirds": 3,
    "quarter": 4,
    "quarters": 4,
    "fourth": 4,
    "fourths": 4,
    "fifth": 5,
    "fifths": 5,
    "sixth": 6,
    "sixths": 6,
    "eighth": 8,
    "eighths": 8,
    "tenth": 10,
    "tenths": 10,
}
_WORD = re.compile(r"([A-Za-z]+)(?:-|\s+|$)?")
_WORDS_BUT_ONE = [word for word in (*_SMALL, "hundred", "dozen", *_SCALES) if word != "one"]
# Any of the words, for sentences in which a second number may hide. "one" is left out: it is a pronoun too.
MENTION = re.compile(
    rf"\b(?:{'|'.join(sorted(_WORDS_BUT_ONE, key=len, reverse=True))})\b",
    re.IGNORECASE,
)

_HAN = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_DIGIT = "[一二两三四五六七八九]"
_HAN_RUN = re.compile("[零〇一二两三四五六七八九十百千万亿]{1,24}")
# 三点五 is 3.5; 三点五分 is five past three
_HAN_DECIMAL = re.compile(
    "([零〇一二两三四五六七八九十百千万亿]{1,24})点([零〇一二三四五六七八九]{1,9})(?![零〇一二三四五六七八九十百分刻])"
)
_SECTION = re.compile(f"(?:({_DIGIT})千)?([零〇])?(?:({_DIGIT})百)?([零〇])?(?:({_DIGIT}?)十)?([零〇])?({_DIGIT})?")
_HAN_PART = re.compile(
    r"([零〇一二两三四五六七八九十百千万亿]{1,12}|\d{1,9})分之([零〇一二两三四五六七八九十百千万亿]{1,12}|\d{1,9}(?:\.\d{1,9})?)"
)
_SIGN = re.compile(r"(?:minus|negative)\s+|负|零下", re.IGNORECASE)


@dataclass(frozen=True)
class WordNumber:
    """`rest` follows the number.

    `percent` where the words themselves say so (百分之五十); `is_fraction` of "half" and its kind.
    """

    value: Fraction
    rest: str
    percent: bool = False
    is_han: bool = False
    is_fraction: bool = False


def sign(text: str) -> tuple[int, str]:
    """(-1, the rest) where a sign in words begins the text: minus, negative, 负, 零下; else (1, text)."""
    match = _SIGN.match(text)
    return (-1, text[match.end() :]) if match else (1, text)


def parse(text: str) -> WordNumber | None:
    """The number that the words at the beginning of `text` are, or None."""
    if not text:
        return None
    return _english(text) if text[0].isascii() else _chinese(text)


def _english(text: str) -> WordNumber | None:
    words: list[tuple[str, int]] = []
    position = 0
    while len(words) < 16 and (match := _WORD.match(text, position)):
        words.append((match[1].lower(), position))
        position = match.end()
    value, used = _whole([w for w, _ in words])
    fraction, used = _fraction([w for w, _ in words], value, used)
    if fraction is not None:
        if used < len(words) and words[used][0] in ("a", "an") and value is None:
            used += 1  # half an hour
        return WordNumber(
            fraction, text[words[used][1] :] if used < len(words) else text[position:].strip(), is_fraction=True
        )
    if value is None:
        return None
    rest = text[words[used][1] :] if used < len(words) else text[position:]
    if used < len(words) and words[used][0] in _SMALL:
        return None  # "one two" is no number
    return WordNumber(Fraction(value), rest)


def _whole(words: list[str]) -> tuple[int | None, int]:
    """(value, words used); greedy, and never past a word that cannot go on."""
    total, current, last_scale, used = 0, None, 10**15, 0
    index = 0
    while index < len(words):
        word = words[index]
        following = words[index + 1] if index + 1 < len(words) else ""
        if word in ("a", "an") and current is None and not total and following in ("hundred", "dozen", *_SCALES):
            current = 1
        elif word in _SMALL:
            number = _SMALL[word]
            if current is None:
                current = number
            elif (current % 100 == 0 and current and number < 100) or (
                current % 10 == 0 and current % 100 >= 20 and 0 < number < 10
            ):
                current += number
            else:
                break
        elif word == "hundred" and current is not None and 0 < current < 100:
            current *= 100
        elif word == "dozen" and current is not None and not total:
            return current * 12, index + 1
        elif word in _SCALES and current and _SCALES[word] < last_scale:
            last_scale = _SCALES[word]
            total, current = total + current * last_scale, None
        elif (
            word == "and" and following in _SMALL and ((current is None and total) or (current and current % 100 == 0))
        ):
            index += 1
            continue
        else:
            break
        index += 1
        used = index
    if current is None and not total:
        return None, 0
    return total + (current or 0), used


def _fraction(words: list[str], value: int | None, used: int) -> tuple[Fraction | None, int]:
    following = words[used : used + 3]
    if value is None:
        if words[:1] == ["half"]:
            return Fraction(1, 2), 1
        if words[:1] in (["a"], ["an"]) and words[1:2] and words[1] in _PARTS and not words[1].endswith("s"):
            return Fraction(1, _PARTS[words[1]]), 2
        return None, used
    if following[:1] and following[0] in _PARTS and 0 < value < 100:
        return Fraction(value, _PARTS[following[0]]), used + 1
    if following[:1] == ["and"] and following[1:2] in (["a"], ["one"]) and following[2:3] and following[2] in _PARTS:
        return value + Fraction(1, _PARTS[following[2]]), used + 3
    return None, used


def _chinese(text: str) -> WordNumber | None:
    if text[0] == "半" and len(text) > 1:
        return WordNumber(Fraction(1, 2), text[1:].removeprefix("个"), is_han=True, is_fraction=True)
    if text in ("一半", "半"):
        return WordNumber(Fraction(1, 2), "", is_han=True)
    if match := _HAN_PART.match(text):
        below, above = _han_or_digits(match[1]), _han_or_digits(match[2])
        if not below or above is None:
            return None
        if match[1] == "百":
            return WordNumber(above, text[match.end() :], percent=True, is_han=True)
        return WordNumber(above / below, text[match.end() :], is_han=True)
    if match := _HAN_DECIMAL.match(text):
        whole = han(match[1])
        digits = "".join(str(_HAN[c]) for c in match[2])
        return (
            None
            if whole is None
            else WordNumber(whole + Fraction(int(digits), 10 ** len(digits)), text[match.end() :], is_han=True)
        )
    match = _HAN_RUN.match(text)
    if match is None or (value := han(match[0])) is None:
        return None
    return WordNumber(Fraction(value), text[match.end() :], is_han=True)


def _han_or_digits(text: str) -> Fraction | None:
    if text[0].isdecimal():
        return Fraction(text)
    value = 100 if text == "百" else han(text)
    return None if value is None else Fraction(value)


def han(text: str) -> int | None:
    """The value of a Chinese numeral, or None: a row of digits (二三) and a cut-off form (一百二) are none."""
    for big, size in (("亿", 10**8), ("万", 10**4)):
        left, separator, right = text.partition(big)
        if separator:
            above = han(left)
            below = han(right) if right else 0
            if not above or below is None or below >= size or (right and right[0] not in "零〇" and below < size // 10):
                return None
            return above * size + below
    match = _SECTION.fullmatch(text)
    if not match or not text:
        return None
    thousand, hundred, ten, one = match[1], match[3], match[5], match[7]
    has_ten = ten is not None
    if one and not has_ten and (thousand or hundred) and not (match[4] or match[6] or match[2]):
        return None
    if not (thousand or hundred or has_ten) and len(text) > 1:
        return None
    if text in ("零", "〇"):
        return 0
    if ten == "" and (thousand or hundred):
        ten = "一"
    tens = (_HAN[ten] if ten else 1) if has_ten else 0
    return 1000 * _HAN.get(thousand, 0) + 100 * _HAN.get(hundred, 0) + 10 * tens + _HAN.get(one, 0)
