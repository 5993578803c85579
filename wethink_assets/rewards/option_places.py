"""Options named by their place or sign, or judged one by one: "the third option", "A: yes. B: no.", "graph g".

Belongs here: readings of a whole reply that need the options' number or signs alone. Does not belong here: options by
their text (option_readings.py), sentences (choice_prose.py), the order of readings (rule_choice.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_LETTER_THEN = re.compile(
    r"(?:[Oo]ption |[Aa]nswer )?\(?([A-H])[).:]{0,2}\s?\(?(?:the )?(?:letter )?['\"]?([A-Za-z])['\"]?\)?[.!]?"
)
_NOUN_THEN = re.compile(r"(?:the )?([a-z]{3,12})(?: of)? ([a-z])(?:\([a-z]\))?|([a-z])\([a-z]\)", re.IGNORECASE)


def single(text: str, folded: Sequence[str], asked: Sequence[str]) -> str | None:
    """The letter of an option that is one sign itself: "A) C", "Option A (the letter C)", "graph g"."""
    if match := _LETTER_THEN.fullmatch(text):
        place = ord(match[1].upper()) - 65
        return match[1].upper() if place < len(folded) and folded[place] == match[2].casefold() else None
    if (match := _NOUN_THEN.fullmatch(text)) and (match[1] is None or match[1].casefold() in asked):
        sign = (match[2] or match[3]).casefold()
        own = [chr(65 + i) for i, option in enumerate(folded) if option == sign]
        return own[0] if len(own) == 1 and ord(sign.upper()) - 65 >= len(folded) else None
    return None


_JUDGED = re.compile(
    r"(?<![A-Za-z])([A-H])[).:]{0,2}\s?(?:[:=-]|\bis\b)?\s?(yes|no|true|false|correct|incorrect|right|wrong|✓|✗|✔|✘)(?![a-z])",
    re.IGNORECASE,
)
_ORDINALS = "first second third fourth fifth sixth".split()
_PLACE = re.compile(
    rf"(?:the )?(?:({'|'.join(_ORDINALS)})|(last)) (?:option|choice|answer|one|statement)\W*"
    r"|(?:option|choice) (?:number )?"
    r"(one|two|three|four|five|six)\W*",
    re.IGNORECASE,
)
_CARDINALS = "one two three four five six".split()


def one_by_one(text: str, count: int) -> set[str] | None:
    """The letters that a reply judges right where it judges every option: "A: yes. B: no."."""
    found = {
        m[1].upper(): m[2].casefold() in ("yes", "true", "correct", "right", "✓", "✔") for m in _JUDGED.finditer(text)
    }
    right = {letter for letter, is_right in found.items() if is_right}
    return right if count and len(found) == count and len(_JUDGED.findall(text)) == count else None


def by_place(text: str, folded: Sequence[str]) -> set[str] | None:
    """The letter of an option named by its place, the third option, or the third step of steps 1 to 4."""
    count = len(folded)
    nouns = {option.partition(" ")[0] for option in folded if option.partition(" ")[2].isdecimal()}
    for noun in nouns if len(nouns) == 1 else ():
        text = re.sub(rf"\b{re.escape(noun)}(?=\W*$)", "option", text, flags=re.IGNORECASE)
    match = _PLACE.fullmatch(text)
    if match is None or not count:
        return None
    if match[2]:
        return {chr(64 + count)}
    ordinal, cardinal = (match[1] or "").casefold(), (match[3] or "").casefold()
    place = list[str](_ORDINALS).index(ordinal) if ordinal else list[str](_CARDINALS).index(cardinal)
    return {chr(65 + place)} if place < count else None
