"""Codes in other writings: telephone numbers, addresses of pages, flight numbers.

Belongs here: what may differ in a code without making another of it: grouping, and what a browser adds. Does not belong
here: misread letters (rule_ocr.py), numbers (scalars.py).
"""

from __future__ import annotations

import re

MAX_CHARS = 120
_TELEPHONE = re.compile(r"\+?[\d\s().-]{7,24}")
_PAGE = re.compile(r"(?:https?://)?(?:www\.)?((?:[\w-]{1,40}\.){1,4}[A-Za-z]{2,8}(?:/[^\s]{0,60})?)/?")
_GROUPED = re.compile(r"[A-Z]{1,4}\s?\d{2,6}[A-Z]?")
_DIALLED = re.compile(r"(?:\+\d{1,3}[\s-])?\(\d{2,5}\)\s?\d{3,4}[\s-]\d{3,5}")


def is_telephone(text: str) -> bool:
    """Whether a cleaned text can only be a telephone number: (555) 014-2298, which is no product."""
    return _DIALLED.fullmatch(text) is not None


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
