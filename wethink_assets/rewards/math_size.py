"""The size of a formula before it is worked out: towers of powers and large factorials that would never end.

Belongs here: saying that a text is beyond any limit, in time linear in its length. Does not belong here: working
anything out (exact.py, math_pool.py, whose limit still holds for what passes here).
"""

from __future__ import annotations

import re

MAX_EXPONENT = 4_096  # of a variable or a number
MAX_OF_SUM = 64  # of a bracket, which may be multiplied out
MAX_FACTORIAL = 5_000
MAX_TOGETHER = 8_192  # product of exponents on each other

_DIGITS = re.compile(r"\d+")
_POWER = re.compile(r"(\)|\}|\w|\])?\s?(?:\^|\*\*)\s?")
_BARE = re.compile(r"[-+]?(?:\d+|[A-Za-z]|\\[a-z]+)(?:\s?(?:\^|\*\*)\s?[-+]?(?:\d+|[A-Za-z]))*")
_FACTORIAL = re.compile(r"(?:(?<!\d)(\d{1,9})|[)!])\s?!")


def is_unbounded(text: str) -> bool:
    """Whether a power, a tower of powers or a factorial in the text is larger than anything that is worked out."""
    if "^" not in text and "**" not in text and "!" not in text:
        return False
    if any(m[1] is None or int(m[1]) > MAX_FACTORIAL for m in _FACTORIAL.finditer(text)):
        return True
    product = 1
    for match in _POWER.finditer(text):
        exponent = _exponent(text, match.end())
        tower = "^" in exponent or "**" in exponent
        if tower and _DIGITS.search(exponent) and not re.search(r"[A-Za-z]", exponent.replace("\\", "")):
            return True  # a tower of numbers
        size = max((int(n) if len(n) < 7 else 10**7 for n in _DIGITS.findall(exponent)), default=1)
        if size > (MAX_OF_SUM if match[1] in (")", "}", "]") else MAX_EXPONENT):
            return True
        product *= max(size, 1) if match[1] in (")", "}", "]") or product == 1 else 1
        if product > MAX_TOGETHER:
            return True
    return False


def _exponent(text: str, start: int) -> str:
    """What stands behind a power sign: a group, or the number or letter there, with a tower that goes on."""
    if text[start : start + 1] not in ("{", "("):
        match = _BARE.match(text, start)
        return match[0] if match else ""
    depth, index = 0, start
    while index < len(text):
        depth += (text[index] in "({") - (text[index] in ")}")
        index += 1
        if not depth:
            break
    return text[start + 1 : index - 1]
