"""Which options a sentence chooses: those that it concludes, else those that it says and does not deny.

Belongs here: weighing the options that a sentence names. Does not belong here: finding them (choice_mentions.py), what
affirms and denies (statements.py), replies that are an option as a whole (rule_choice.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from wethink_assets.rewards import asked_words, choice_mentions
from wethink_assets.rewards.statements import Stance, stances
from wethink_assets.rewards.verdict import HEDGE, UNKNOWN, Verdict


def chosen_in(
    text: str, options: Sequence[str], folded: Sequence[str], several: bool, asked: Sequence[str]
) -> set[str] | Verdict:
    """The letters that a sentence concludes, else those that it says and does not deny."""
    found = choice_mentions.find(text, options, folded)
    spans = [span for span, _ in found]
    said: dict[Stance, set[str]] = {stance: set() for stance in Stance}
    for (_, letter), stance in zip(found, stances(text, spans), strict=True):
        said[stance].add(letter)
    denied = said[Stance.DENIED]
    said[Stance.CONCLUDED] |= said[Stance.FINAL]
    if several and (every := _all_but(text, folded, denied, said[Stance.SAID] | said[Stance.CONCLUDED])):
        return every
    concluded = said[Stance.CONCLUDED] - denied
    if not several and len(concluded) > 1 and len(said[Stance.FINAL] - denied) == 1:
        concluded = said[Stance.CONCLUDED] = said[Stance.FINAL] - denied
    if not concluded and (said[Stance.SAID] & denied or said[Stance.OPEN] & denied):
        return Verdict.HEDGED  # "not B, A? B": said and denied
    chosen = concluded or said[Stance.SAID] - denied
    if len(chosen) > 1 and several and _CHOSEN_OR.search(text):
        return Verdict.HEDGED
    if len(chosen) == 1 and concluded and len(said[Stance.CONCLUDED]) == 1 and _alternative(text, found, concluded):
        return Verdict.HEDGED
    if chosen and (several or len(chosen) == 1):
        return chosen
    if chosen and not concluded:
        named = [(span, letter) for span, letter in found if letter in chosen]
        picked = {named[i][1] for i in asked_words.most_of_it(text, [span for span, _ in named], asked)}
        if len(picked) == 1 and not HEDGE.search(text):
            return picked
    if chosen:
        return (not concluded and _of_last_sentence(text, options, folded)) or Verdict.HEDGED
    if said[Stance.OPEN] - denied:
        lone = said[Stance.OPEN] - denied
        leans = _LEANING.search(text) and not UNKNOWN.search(text)
        return lone if len(lone) == 1 and not denied and leans else Verdict.HEDGED
    return Verdict.UNPARSEABLE


_SENTENCE = re.compile(r"[.!?]\s(?=[A-Z])")


def _of_last_sentence(text: str, options: Sequence[str], folded: Sequence[str]) -> set[str] | None:
    """The one option that the last of several sentences names plainly, where that is a sentence and no reason."""
    ends = [m.end() for m in _SENTENCE.finditer(text)]
    last = text[ends[-1] :] if ends else ""
    if len(last.split()) < 3 or HEDGE.search(last) or _AFTERTHOUGHT.match(last):
        return None
    found = choice_mentions.find(last, options, folded)
    standing = stances(last, [span for span, _ in found])
    named = {letter for (_, letter), stance in zip(found, standing, strict=True)}
    return named if len(named) == 1 and standing[0] > Stance.OPEN and min(standing) > Stance.DENIED else None


_AFTERTHOUGHT = re.compile(r"(?:note|however|also|but|option|because|since|the other|it could|[A-Z]\b)", re.IGNORECASE)
_CHOSEN_OR = re.compile(r"\bor\b|或", re.IGNORECASE)
_OR_BETWEEN = re.compile(
    r"[)\]\"'*]{0,3}\s?,?\s?(?:\bor\b|或者?|/|~)\s?(?:option\s|maybe\s|possibly\s|the\s|an?\s)*[(\[\"'*]*",
    re.IGNORECASE,
)
_LEANING = re.compile(r"\b(?:probably|perhaps|maybe|possibly|could be|might be)\b|可能|也许", re.IGNORECASE)
_ALL_BUT = re.compile(
    r"\b(?:all|everything|every one|each)\b.{0,20}\b(?:but|except|other than)\b|除了?.{1,12}(?:都|全)", re.IGNORECASE
)
_ALL = re.compile(
    r"\ball (?:of )?(?:the |them|these|options|statements|four|three|five|\w+ (?:are|is) (?:true|correct))|全部|以上都",
    re.IGNORECASE,
)


def _alternative(text: str, found: Sequence[tuple[tuple[int, int], str]], chosen: set[str]) -> bool:
    """Whether "or" stands between the chosen letter and another."""
    return any(
        (a in chosen) != (b in chosen) and _OR_BETWEEN.fullmatch(text[end:start]) is not None
        for ((_, end), a), ((start, _), b) in pairwise(found)
    )


def _all_but(text: str, folded: Sequence[str], denied: set[str], said: set[str]) -> set[str] | None:
    """All options without those that "all except D" names."""
    if denied and not said and folded and _ALL_BUT.search(text):
        return {chr(65 + i) for i in range(len(folded))} - denied
    return None
