"""Options that a text names, by letter or by their words, and where: "(B)", "option b", "the liver".

Belongs here: finding them, and telling a letter from an article or the name of a point. Does not belong here: which of
them a reply chooses (choice_prose.py), options in other writings (choice_writings.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from wethink_assets.rewards.normalise import clean, fold

_HAN = re.compile("[\u4e00-\u9fff]")
_SHADE = re.compile(r"\b(?:light|dark|pale|deep)[\s-]$")
_COLOUR = re.compile("red|orange|yellow|green|blue|purple|pink|brown|gray|grey")
_HAN_BEFORE = re.compile("(?:[是为选只个条头匹张棵朵]|(?<![\u4e00-\u9fff]))$")
STANDALONE = re.compile(r"(?<![A-Za-z0-9'\\_])[(\[]?([A-Z])[)\]]?(?![A-Za-z0-9'_])")


def find(text: str, options: Sequence[str], folded: Sequence[str]) -> list[tuple[tuple[int, int], str]]:
    """(span, letter) of every option that a text names by its letter or its words, in order; the longest text wins."""
    allowed = {chr(65 + i) for i in range(len(folded) or 26)}
    found: list[tuple[tuple[int, int], str]] = []
    lowered = text.casefold() if len(text.casefold()) == len(text) else text.lower()
    if len(lowered) != len(text):
        lowered = text
    short = heads(options, folded)
    by_length = sorted(range(len(folded)), key=lambda i: -len(folded[i]))
    taken: list[tuple[int, int]] = []
    for i in by_length:
        if folded.count(folded[i]) > 1 or (
            len(folded[i]) < 2 and not folded[i].isdecimal() and not _HAN.fullmatch(folded[i])
        ):
            continue
        for writing in {clean(options[i]).casefold(), folded[i], short[i] if len(short[i]) > 3 else ""} - {""}:
            position = -1
            spaced = _HYPHEN.sub(" ", lowered) if " " in writing else lowered
            while (position := spaced.find(writing, position + 1)) >= 0:
                span = (position, position + len(writing))
                if (
                    len(writing) == 1
                    and _HAN.fullmatch(writing)
                    and not _HAN_BEFORE.search(lowered[max(0, position - 2) : position])
                ):
                    continue
                if _SHADE.search(lowered[max(0, position - 8) : position]) and _COLOUR.fullmatch(writing):
                    continue
                if _whole(lowered, span) and not any(a < span[1] and span[0] < b for a, b in taken):
                    taken.append(span)
                    found.append((span, chr(65 + i)))
    own = {option.upper(): chr(65 + i) for i, option in enumerate(folded) if len(option) == 1 and option.isalpha()}
    own = {name: letter for name, letter in own.items() if name not in allowed}
    for match in STANDALONE.finditer(text):
        letter = match[1]
        if letter in own:
            found.append(((match.start(1), match.end(1)), own[letter]))
            continue
        bracketed = match[0] != letter
        inside = any(a < match.end() and match.start() < b for a, b in taken)
        named = (
            _NAME_BEFORE.search(text[max(0, match.start() - 24) : match.start()])
            and not bracketed
            and len(text.split()) > 3
        )
        if letter in allowed and not inside and not named and (bracketed or not _is_word(letter, text[match.end() :])):
            found.append(((match.start(1), match.end(1)), letter))
    for match in _NAMED_SMALL.finditer(text):
        letter = match[1].upper()
        if letter in allowed and match[1].islower() and not any(a <= match.start(1) < b for a, b in taken):
            found.append(((match.start(1), match.end(1)), letter))
    return sorted(found)


def numbered(text: str, folded: Sequence[str]) -> set[str]:
    """The letters of options that a text names by their numbers, option 2, where the options are no numbers."""
    if any(option[:1].isdecimal() or option[-1:].isdecimal() for option in folded):
        return set()
    return {chr(64 + int(m[1])) for m in _NUMBERED.finditer(text)}


_HYPHEN = re.compile(r"(?<=[a-z])-(?=[a-z])")  # "a third-class lever"
_NAME_BEFORE = re.compile(
    r"\b(?:angles?|points?|triangles?|vertex|circles?|segment|sides?|arc|vitamin|line|plane)\s$|[∠△⊙]\s?$",
    re.IGNORECASE,
)
_NAMED_SMALL = re.compile(
    r"\b(?:option|choice|answer(?: is| would be| should be)?:?) ?[(\[\"'*]*([a-z])(?![\w'])", re.IGNORECASE
)
_NUMBERED = re.compile(r"\b(?:options?|choices?|answers?)\s?(?:number\s|no\.\s|#)?([1-9])(?![\w.%])", re.IGNORECASE)


_PLURAL = re.compile(r"e?s(?![\w-])")


def _whole(text: str, span: tuple[int, int]) -> bool:
    """Whether a text stands there as whole words; scripts without spaces only where no letter of Latin touches it."""
    before, after = text[span[0] - 1 : span[0]], text[span[1] : span[1] + 1]
    first, last = text[span[0]], text[span[1] - 1]
    if not first.isascii():
        return True
    if first.isalnum() and (before.isascii() and (before.isalnum() or before in tuple("-_.")) and before):
        return False
    if last.isdigit() and (
        after[:1].isdigit()
        or (text[span[1] : span[1] + 2][:1] in tuple(".,/:%°") and text[span[1] + 1 : span[1] + 2].isdigit())
    ):
        return False
    if last.isdigit() and after in tuple("%°/^"):
        return False
    if last.isalpha() and len(text[span[0] : span[1]]) > 2 and _PLURAL.match(text, span[1]):
        return True
    return not (last.isalnum() and after.isascii() and (after.isalnum() or after in tuple("-_")) and after)


def _is_word(letter: str, after: str) -> bool:
    """Whether a capital is the article or the pronoun: "A dog", "I think"."""
    if letter == "I":
        return bool(re.match(r"\s+[a-z]|'", after))
    return letter == "A" and bool(
        re.match(
            r"\s+(?!is\b|are\b|rather\b|instead\b|over\b|and\b|or\b|because\b|since\b|as\b|but\b|not\b|was\b"
            r"|would\b|seems\b|matches\b|shows\b|fits\b)[a-z]",
            after,
        )
    )


def heads(options: Sequence[str], folded: Sequence[str]) -> list[str]:
    """What an option may be called for short: without its bracket ("pathos (emotion)"), without a word that all share.

    "figure 3" is 3 among figures 1 to 4. A head that two options have is none.
    """
    words = [option.split() for option in folded]
    shared = len(words) > 1 and all(len(w) == 2 for w in words) and len({w[0] for w in words}) == 1
    found = [w[1] if shared else fold(_BRACKET.sub("", option)) for w, option in zip(words, options, strict=True)]
    return [head if found.count(head) == 1 and head not in folded else "" for head in found]


_BRACKET = re.compile(r"\s\([^()]{1,60}\)$")
