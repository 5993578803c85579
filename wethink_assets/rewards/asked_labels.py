"""Labels of one letter or figure: a reply about R1 where R2 is asked for, about angle B where angle A is.

Belongs here: such labels of a question and of a reply. Does not belong here: nouns with numbers and opposites
(asked_words.py), names of segments (asked_form.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

_ANGLE_ALONE = re.compile(r"(?:∠|\\angle\s?|\b[Aa]ngle\s)([A-Z])(?![A-Za-z\d])")
_INDEXED = re.compile(r"(?<![A-Za-z\d])[A-Za-z]_?\{?(\d)\}?(?![\w.])")


def of_another_label(said: str, asked: Sequence[str]) -> bool:
    """Whether a clause names another angle or another index of the same letter than the question does."""
    if (place := asked.index("angle") if "angle" in asked[:-1] else -1) >= 0 and len(asked[place + 1]) == 1:
        named_alone = {name.casefold() for name in _ANGLE_ALONE.findall(said)}
        if named_alone and asked[place + 1] not in named_alone and named_alone.isdisjoint(asked):
            return True
    for letter, digit in pairwise(asked):
        if len(letter) == 1 and letter.isalpha() and digit.isdigit() and len(digit) == 1:
            indexed = {m[1] for m in _INDEXED.finditer(said) if m[0][0].casefold() == letter}
            if indexed and digit not in indexed and indexed.isdisjoint(asked):
                return True  # R1 for R2
    return False
