"""An option in another writing: [0, ∞) for x ≥ 0, 12 March for March 12, 2nd for second, 2/3 for 2:3.

Belongs here: readings of a whole reply and of a whole option that are equal. Does not belong here: numbers and units
(rule_choice.py), formulas and substances (choice_writings.py), options within a sentence (choice_prose.py).
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence

from wethink_assets.rewards import dates_times, latex_text
from wethink_assets.rewards.intervals import bracketed_interval, is_all_reals
from wethink_assets.rewards.normalise import clean, without_lead_in

MAX_CHARS = 60
_HEAD = re.compile(r"^\([a-h]\)\s")
_RATIO = re.compile(r"(\d{1,6})\s?[:/]\s?(\d{1,6})")
_NAME = re.compile(r"([A-Z])(?:[a-z]{1,20}|\.)\s([A-Z][a-z]{2,20})")
_DAY_MONTH = re.compile(r"(\d{1,2})[./](\d{1,2})\.?")  # 31.03. and 31/03
MONTHS = "january february march april may june july august september october november december".split()
_ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th)")
_ORDINALS: tuple[str, ...] = (*("first second third fourth fifth sixth seventh eighth ninth tenth".split()),)
_SPREAD = re.compile(r"(?:±|\\pm\s?|\+/-)\s?(\d{1,6}(?:\.\d{1,6})?)\s?(\\?%?)")
_PLACES = frozenset("left right middle top bottom upper lower front back centre center".split())
_ROUND_PLACES = frozenset("the a an on in at to side one".split())
_ROOT = re.compile(r"\\sqrt\s?(?=[\d{])")
_BRACES = re.compile(r"[{}\s]")
_OTHERS = (
    r"(?:(?:of )?(?:the |these|those|them))?\s?(?:above|other|given|listed)?\s?"
    r"(?:statements?|options?|answers?|choices?|ones)?"
)
_TRUE = r"(?:\s?(?:is|are|fits?|apply|applies)(?: (?:true|correct|right))?)?"
_OF_THE_OTHERS = (
    ("none of them", re.compile(rf"none\s?{_OTHERS}{_TRUE}", re.IGNORECASE)),
    ("all of them", re.compile(rf"all\s?{_OTHERS}{_TRUE}", re.IGNORECASE)),
)
_MARKS = str.maketrans({"♭": "-flat", "♯": "-sharp", "ℝ": "R"})


def same(text: str, options: Sequence[str]) -> set[str]:
    """The letters of the options with a reading that the reply has too."""
    said = _readings(without_lead_in(clean(text)))
    return {chr(65 + i) for i, option in enumerate(options) if said & _readings(_HEAD.sub("", clean(option)))}


def _readings(text: str) -> set[Hashable]:
    if not text or len(text) > MAX_CHARS:
        return set()
    text = text.translate(_MARKS)
    found: set[Hashable] = {("text", text.casefold())}
    if is_all_reals(text):
        found.add("reals")
    elif (interval := bracketed_interval(text)) is not None:
        found.add(("interval", interval))
    if "\\" in text or "√" in text:
        found.add(("typeset", _BRACES.sub("", _ROOT.sub("√", latex_text.plain(text.replace("$", ""))))))
    own = frozenset(words := text.casefold().split()) - _ROUND_PLACES
    if "of" not in words and not _PLACES.isdisjoint(words) and len(own) == 2:
        found.add(("placed", own))  # the left man, the man on the left
    found.update(name for name, pattern in _OF_THE_OTHERS if pattern.fullmatch(text))
    if (moment := dates_times.parse(text)) is not None:
        found.add(moment)
    elif (match := _DAY_MONTH.fullmatch(text)) and int(match[1]) > 12 and 0 < int(match[2]) < 13:
        found.add(dates_times.parse(f"{match[1]} {MONTHS[int(match[2]) - 1]}") or ("text", text))
    if match := _RATIO.fullmatch(text):
        found.add(("ratio", match[1], match[2]))
    if match := _NAME.fullmatch(text):
        found.add(("name", match[1], match[2]))
    if match := _SPREAD.fullmatch(text):
        found.add(("text", f"{match[1]}{match[2].lstrip(chr(92))}"))
    if match := _ORDINAL.fullmatch(text):
        found.add(("ordinal", int(match[1])))
    elif text.casefold() in _ORDINALS:
        found.add(("ordinal", _ORDINALS.index(text.casefold()) + 1))
    return found
