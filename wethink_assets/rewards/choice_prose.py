"""Which options a sentence chooses: those that it concludes, else those that it says and does not deny.

Belongs here: weighing the options that a sentence names. Does not belong here: finding them (choice_mentions.py), what
affirms and denies (statements.py), replies that are an option as a whole (rule_choice.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from wethink_assets.rewards import asked_words, choice_mentions, landmarks
from wethink_assets.rewards.normalise import clean
from wethink_assets.rewards.restated import compared_otherwise
from wethink_assets.rewards.statements import Stance, stances
from wethink_assets.rewards.verdict import BOUND, HEDGE, UNKNOWN, Verdict


def chosen_in(
    text: str, options: Sequence[str], folded: Sequence[str], several: bool, asked: Sequence[str]
) -> set[str] | Verdict:
    """The letters that a sentence concludes, else those that it says and does not deny."""
    found = choice_mentions.find(text, options, folded)
    said: dict[Stance, set[str]] = {stance: set() for stance in Stance}
    for (_, letter), stance in zip(found, _standing(text, found, options, asked), strict=True):
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
    if len(chosen) == 1 and not several and _alternative(text, found, chosen):
        return Verdict.HEDGED
    if len(chosen) == 1 and choice_mentions.numbered(text, folded) - chosen:
        return Verdict.HEDGED  # "option 3 (B)"
    if len(chosen) == 1 and not several and _names_another(text, found, chosen):
        return Verdict.HEDGED
    if len(chosen) == 1 and _of_longer_name(text, found, options, asked):
        return Verdict.UNPARSEABLE
    if chosen and (several or len(chosen) == 1):
        return chosen
    if chosen and not concluded:
        named = [(span, letter) for span, letter in found if letter in chosen]
        places = asked_words.most_of_it(text, [span for span, _ in named], asked)
        picked = {named[i][1] for i in places}
        if len(picked) == 1 and not _is_joined(text, named, places) and not HEDGE.search(text):
            return picked
    if chosen:
        return (not concluded and _of_last_sentence(text, options, folded)) or Verdict.HEDGED
    if said[Stance.OPEN] - denied:
        lone = said[Stance.OPEN] - denied
        leans = _LEANING.search(text) and not UNKNOWN.search(text)
        return lone if len(lone) == 1 and not denied and leans else Verdict.HEDGED
    return Verdict.UNPARSEABLE


_OPERAND_AFTER = re.compile(r"\s?[-+*/^]\s?[\w(\\]")
_OPERAND_BEFORE = re.compile(r"[\w)]\s?[-+*/^]\s?$")
_NAME = re.compile(r"(?<![\w\\])([a-z])\s?=\s?$")
_FROM = re.compile(r"\bfrom\s(?:\d{1,6}\sto\s)?$|\bsince\s$", re.IGNORECASE)
_RELATION = re.compile(r"[<>≤≥≠]\s?$|\\(?:leq?|geq?|lt|gt|neq?)\s?$")


def _standing(
    text: str, found: Sequence[tuple[tuple[int, int], str]], options: Sequence[str], asked: Sequence[str]
) -> list[Stance]:
    """Stances; what is a landmark, an operand, a bound, or is said of the opposite of what was asked is left open."""
    spans = [span for span, _ in found]
    standing = stances(text, spans)
    bounded = any(BOUND.search(clean(option)) for option in options)
    variables = {w[0] for w in asked if len(w) == 2 and w.endswith("=")}
    opposite = [asked_words.of_another(clean(option), asked) for option in options]
    for i, (placed, (start, end)) in enumerate(zip(landmarks.among(text, spans, asked), spans, strict=True)):
        before, after = text[max(0, start - 24) : start], text[end : end + 12]
        number = text[start].isdigit()
        operand = number and (
            (_OPERAND_AFTER.match(after) and "=" in text[end:])
            or (_OPERAND_BEFORE.search(before) and "=" in text[end:])
        )
        bound = number and not bounded and _ends_bound(before, text[start:end])
        if number and len(spans) > 1 and _FROM.search(before):
            operand = True
        name = _NAME.search(before) if number and variables else None
        said = asked_words.clause(text, (start, end))
        another = (name is not None and name[1] not in variables) or (
            not any(opposite)
            and (
                asked_words.of_another(said, asked)
                or asked_words.other_object(said, asked)
                or compared_otherwise(said, asked)
            )
        )
        if standing[i] > Stance.OPEN and (placed or operand or bound or another):
            standing[i] = Stance.OPEN
    return standing


def _ends_bound(before: str, mention: str) -> bool:
    """Whether what stands before a number bounds it: "x > 7", "at least 7"."""
    return _RELATION.search(before) is not None or any(m.end() > len(before) for m in BOUND.finditer(before + mention))


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
    r"[)\]\"'*]{0,3}\s?,?\s?(?:\bor\b|或者?|/|~|\b(?:possibly|perhaps|maybe)\b)\s?(?:option\s|maybe\s|possibly\s|the\s|an?\s)*[(\[\"'*]*",
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
    """Whether "or" stands between the chosen option and another one, or a number: "2 or B"."""
    if any(
        (a in chosen or b in chosen)
        and _OR_BETWEEN.fullmatch(text[end:start]) is not None
        and (a != b or "or" in text[end:start].casefold())
        for ((_, end), a), ((start, _), b) in pairwise(found)
    ):
        return True
    return any(
        _NUMBER_OR.search(text[max(0, start - 24) : start]) or _OR_NUMBER.match(text, end)
        for (start, end), letter in found
        if letter in chosen and text[start:end].isalpha()
    )


def _is_joined(text: str, named: Sequence[tuple[tuple[int, int], str]], places: Sequence[int]) -> bool:
    """Whether an option that was picked is one of several that are said alike: "sodium and potassium are normal"."""
    pairs = zip(range(len(named)), range(1, len(named)), strict=False)
    return any(
        (a in places) != (b in places) and _AND.fullmatch(text[named[a][0][1] : named[b][0][0]]) is not None
        for a, b in pairs
    )


_AND = re.compile(r"\s?,?\s(?:and|or|&)\s(?:the\s|an?\s)?", re.IGNORECASE)
_NUMBER_OR = re.compile(r"(?:^|\s)\d{1,3}\s(?:or|/)\s(?:option\s)?[(]?$", re.IGNORECASE)
_OR_NUMBER = re.compile(r"[)]?\s(?:or|/)\s(?:option\s)?\d{1,3}\b", re.IGNORECASE)


def _names_another(text: str, found: Sequence[tuple[tuple[int, int], str]], chosen: set[str]) -> bool:
    """Whether a letter is followed by the text of another option and nothing else: "C, that is bone 4"."""
    if len(found) != 2 or found[0][1] not in chosen or found[1][1] in chosen:
        return False
    (begin, end), (start, stop) = found[0][0], found[1][0]
    return end - begin == 1 and _IS_THAT.fullmatch(text[end:start]) is not None and not text[stop:].strip(" .!)")


_IS_THAT = re.compile(
    r"[)\]]?\s?[,.:=-]?\s(?:(?:that is|that's|which is|i\.e\.,?|namely)\s)?"
    r"(?:the\s)?(?:(?!not|nor?\b|than|but|or\b)[a-z]{1,12}\s)?(?:=\s)?",
    re.IGNORECASE,
)
_EXTRA = re.compile(r"\W{0,3}\s([^\W\d_]{3,20})\W*$")


def _of_longer_name(
    text: str, found: Sequence[tuple[tuple[int, int], str]], options: Sequence[str], asked: Sequence[str]
) -> bool:
    """Whether a reply is an option and one word more, which makes another name of it: "Paris Hilton"."""
    (start, end), letter = found[0]
    if start or len(found) > 1 or end - start < 2:
        return False
    match = _EXTRA.fullmatch(text, end)
    option = clean(options[ord(letter) - 65]).casefold() if options else ""
    if match is None or not option.startswith(text[start:end].casefold()) or match[0].lstrip()[:1] in "(,;:-":
        return False
    word = match[1].casefold()
    return (
        word not in asked
        and word not in ("option", "options", "answer", "choice", "one", "ones")
        and not word.endswith(("ly", "ed", "ing"))
        and asked_words.stem(word) not in option
    )


def _all_but(text: str, folded: Sequence[str], denied: set[str], said: set[str]) -> set[str] | None:
    """All options without those that "all except D" names."""
    if denied and not said and folded and _ALL_BUT.search(text):
        return {chr(65 + i) for i in range(len(folded))} - denied
    return None
