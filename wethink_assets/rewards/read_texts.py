"""Texts read from an image, in a sentence and in other writings: 'It says "EXIT".', "Serial no.: A4-7719B", "10 h 35".

Belongs here: taking a quoted text, a code or an address out of a sentence; writings that differ by spaces and stops.
Does not belong here: misread letters (rule_ocr.py), which codes are one (codes.py), times in words (dates_times.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from wethink_assets.rewards import accounted
from wethink_assets.rewards.normalise import clean, fold
from wethink_assets.rewards.same_words import same_words
from wethink_assets.rewards.verdict import DENIED, HEDGE, NEGATION

MAX_CHARS = 240
_QUOTED = re.compile(r"(?<![A-Za-z0-9\"])\"\s?([^\"]{1,120}?)\s?\"(?![A-Za-z0-9])")
_DENIES_ABROAD = re.compile(
    r"\b(?:nicht|kein\w{0,2}|pas|jamais|nunca|sino|sondern|non|statt|ni|nie)\b|不|没|非|无", re.IGNORECASE
)
_NUMBERED = re.compile(r"\b(?:no|nr|num|núm|n°)\s?[.:°]{1,2}\s?|\b(?:no|nr)\s(?=[A-Z]?\d)", re.IGNORECASE)
_JOINTS = re.compile(r"\s?([-/:.@_])\s?")
_STOPS = re.compile(r"(?<=[^\W\d_])\.(?=\s|$|[^\W\d_])")
_ELSEWHERE = re.compile(r"\b(?:nothing|but|while|instead|other|another|different)\b", re.IGNORECASE)
_TOKEN = re.compile(r"[^\s\"(),;]{1,160}")
_TITLE = re.compile(
    r"\b(?:mr|mrs|ms|miss|dr|prof|sir|herr|frau|señor|señora|monsieur|madame)\b\.?\s?|(?:先生|女士|小姐|老师|教授)$",
    re.IGNORECASE,
)
_BESIDE = re.compile(
    r"\b(?:below|above|beneath|under|underneath|beside|next to|behind|opposite|before|after|near|unter|über"
    r"|neben|sous|sur|bajo"
    r"|junto a)\s(?:(?:the|dem|der|le|la|el)\s(?:\w+\s)?)?$",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(\d{1,2})\s?(?:h|H|:|Uhr|uhr|heures)\s?(\d{2})(?:\s?(?:Uhr|uhr|heures|horas|o'clock))?|(\d{1,2})\.(\d{2})\s?[Uu]hr"
)
_ORDINALS = {
    f"{i}{end}": word
    for i, end, word in (
        (1, "st", "first"),
        (2, "nd", "second"),
        (3, "rd", "third"),
        (4, "th", "fourth"),
        (5, "th", "fifth"),
        (6, "th", "sixth"),
        (7, "th", "seventh"),
        (8, "th", "eighth"),
        (9, "th", "ninth"),
        (10, "th", "tenth"),
    )
}
_ORDINAL = re.compile(r"\b(?:[1-9]|10)(?:st|nd|rd|th)\b", re.IGNORECASE)
_WEB = re.compile(r"://|\bwww\.|@|\b[\w-]{2,40}\.(?:com|org|net|de|fr|es|cn|uk|edu|gov|io)\b", re.IGNORECASE)


def is_machine_read(text: str) -> bool:
    """Whether a text is one for machines: an address of a page or a mailbox, in which every letter counts."""
    return _WEB.search(text) is not None


def of(raw: str, text: str, asked: Sequence[str]) -> Iterator[str]:
    """What a reply gives of such a text, beside the words around it."""
    if len(text) > MAX_CHARS:
        return
    gold = clean(raw)
    denies = any(p.search(_NUMBERED.sub(" ", text)) for p in (NEGATION, DENIED, HEDGE, _DENIES_ABROAD))
    found = list(_QUOTED.finditer(text))
    if len(found) == 1 and not _BESIDE.search(text[: found[0].start()]):
        around = text[: found[0].start()] + " " + text[found[0].end() :]
        if (
            not any(p.search(around) for p in (_ELSEWHERE, NEGATION, DENIED, HEDGE, _DENIES_ABROAD))
            and len(text[found[0].end() :].split()) < 4
        ):
            yield found[0][1]
    if not denies and (code := _only_code(gold, text, asked)):
        yield code
    if (
        (" " in gold or not gold.isascii())
        and not any(map(str.isdigit, gold))
        and _TITLE.search(gold) is None
        and _TITLE.search(text)
    ):
        yield _TITLE.sub("", text)  # "Mr. John Smith" is John Smith, who is more than Smith
    if (match := _CLOCK.fullmatch(text)) and re.fullmatch(r"\d{1,2}:\d\d", gold):
        yield f"{match[1] or match[3]}:{match[2] or match[4]}"


def same(raw: str, text: str) -> bool:
    """Whether two texts differ only by stops of initials, spaces round joints, ordinals in figures."""
    a, b = _even(clean(raw)), _even(text)
    if not a or not b or len(b) > MAX_CHARS:
        return False
    return same_words(a, b, exactly=True)


def _even(text: str) -> str:
    text = _ORDINAL.sub(lambda m: _ORDINALS[m[0].casefold()], text)
    text = _JOINTS.sub(r"\1", text) if any(map(str.isdigit, text)) else text
    return " ".join(fold(_STOPS.sub("", text)).split())


def _is_code(text: str) -> bool:
    """Whether a text without spaces has a figure or a sign in it, or is a name with an ending: museum-bonn.de."""
    return _TOKEN.fullmatch(text) is not None and (
        any(c.isdigit() or c in "@/_" for c in text) or is_machine_read(text)
    )


def _only_code(gold: str, text: str, asked: Sequence[str]) -> str | None:
    """The one code or address of a sentence, where the gold is one and the words are the question's or any answer's."""
    if not _is_code(gold) or text == gold:
        return None
    said = _NUMBERED.sub(" ", text)
    found = [m[0].strip(".,;:!") for m in _TOKEN.finditer(said) if _is_code(m[0].strip(".,;:!"))]
    found = [f for f in found if f]
    if len(set(found)) != 1 or said.count(found[0]) != 1:
        return None
    around = said.replace(found[0], " ")
    return None if accounted.has_strange_words(around, asked) else found[0]
