"""Codes in other writings: telephone numbers, addresses of pages, flight numbers, captchas.

Belongs here: what may differ in a code without making another of it: grouping, and what a browser adds. Does not belong
here: misread letters (rule_ocr.py), numbers (scalars.py).
"""

from __future__ import annotations

import re
from collections.abc import Collection

MAX_CHARS = 120
_TELEPHONE = re.compile(r"\+?[\d\s().-]{7,24}")
_PAGE = re.compile(r"(?:https?://)?(?:www\.)?((?:[\w-]{1,40}\.){1,4}[A-Za-z]{2,8}(?:/[^\s]{0,60})?)/?")
_GROUPED = re.compile(r"[A-Z]{1,4}\s?\d{2,6}[A-Z]?")
_ZERO_FIRST = re.compile(r"0\d{1,4}[\s-]\d{3,8}(?:[\s-]\d{2,6})?")
_MIXED = re.compile(r"(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[A-Za-z0-9]{4,12}")
_OF_CODES = frozenset("captcha code password passcode serial key username".split())
_AROUND = "\"'`*.,;:!?()<>[]"
_DIALLED = re.compile(r"(?:\+\d{1,3}[\s-])?\(\d{2,5}\)\s?\d{3,4}[\s-]\d{3,5}")


def is_telephone(text: str) -> bool:
    """Whether a cleaned text can only be a telephone number: (555) 014-2298 is no product, 0421-7786 no range."""
    return _DIALLED.fullmatch(text) is not None or _ZERO_FIRST.fullmatch(text) is not None


def is_another(gold: str, reply: str, asked: Collection[str]) -> bool:
    """Whether a reply gives a code that is not quite the gold's: a captcha in other cases, a page with another hyphen.

    Of other codes letters may differ in case, and hyphens group.
    """
    if max(len(gold), len(reply)) > MAX_CHARS:
        return False
    words = [word.strip(_AROUND) for word in reply.split()]
    if _MIXED.fullmatch(gold) and not _OF_CODES.isdisjoint(asked):
        return gold not in words and any(word.casefold() == gold.casefold() for word in words)
    if (page := _PAGE.fullmatch(gold)) is None:
        return False
    own, pages = page[1].casefold(), [match[1].casefold() for word in words if (match := _PAGE.fullmatch(word))]
    return own not in pages and any(one.replace("-", "") == own.replace("-", "") for one in pages)


def same(gold: str, reply: str) -> bool:
    """Whether two cleaned texts are one telephone number, page, or code of letters and then digits."""
    if max(len(gold), len(reply)) > MAX_CHARS:
        return False
    if _TELEPHONE.fullmatch(gold) and _TELEPHONE.fullmatch(reply):
        digits = [re.sub(r"\D", "", text) for text in (gold, reply)]
        return digits[0] == digits[1] and len(digits[0]) >= 7 and gold.startswith("+") == reply.startswith("+")
    a, b = _PAGE.fullmatch(gold), _PAGE.fullmatch(reply)
    if a is not None and b is not None:
        return a[1].casefold() == b[1].casefold()
    if _GROUPED.fullmatch(gold) and _GROUPED.fullmatch(reply):
        return gold.replace(" ", "") == reply.replace(" ", "")
    return False
