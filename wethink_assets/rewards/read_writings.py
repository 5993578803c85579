"""Texts, names and codes read from a picture with other signs between their words: & and "and", "DANGER: HIGH VOLTAGE".

Belongs here: signs that are no part of such a text, a noun of the question beside a name, spaces in a plate. Does not
belong here: quoted texts and addresses in a sentence (read_texts.py), misread letters (rule_ocr.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from wethink_assets.rewards import asked_words
from wethink_assets.rewards.normalise import clean
from wethink_assets.rewards.verdict import DENIED, HEDGE, NEGATION

MAX_CHARS = 160
_AMPERSAND = re.compile(r"\s?&\s?|\sand\s", re.IGNORECASE)
_PAUSE = re.compile(r"(?<=[^\W\d_])\s?[:!,;-]\s(?=[^\W\d_])|\s\|\s|\\n")
_APOSTROPHE = re.compile(r"(?<=[a-z])['’](?=s\b)", re.IGNORECASE)
_PLATE = re.compile(r"(?=.*[A-Z])(?=.*\d)[A-Z0-9]{1,4}(?:[ -][A-Z0-9]{1,4}){1,5}")
_NO_SPACE = re.compile(r"[\s-]")
_PLATES = frozenset("plate plates registration licence license number".split())
_AS_READ = frozenset("written printed say says read reads text word words".split())
_LAST_WORD = re.compile(r"(.{2,60}?)\s([A-Za-z]{3,14})")
_FIRST_WORD = re.compile(r"([A-Za-z]{3,14})\s(\S{1,40})")
_VERSION = re.compile(r"v(?:ersion|\.)?\s?(?=\d)", re.IGNORECASE)
_MAIL = re.compile(r"[\w.+-]{1,40}@[\w-]{1,40}(?:\.[\w-]{2,20}){1,3}")
_CODE = re.compile(r"([A-Z])-(\d{1,4})")


def of(raw: str, text: str, asked: Sequence[str]) -> Iterator[str]:
    """The gold, where the reply differs from it by such signs alone; else what it says without the question's noun."""
    gold = clean(raw)
    if len(text) > MAX_CHARS or not gold:
        return
    if any(p.search(text) and not p.search(gold) for p in (NEGATION, DENIED, HEDGE)):
        return
    if _even(gold) == _even(text):
        yield gold
    if not _PLATES.isdisjoint(asked) and _PLATE.fullmatch(gold):
        tokens = _NO_SPACE.sub("", gold)
        if any(_NO_SPACE.sub("", said).upper() == tokens for said in (text, _after_verb(text))):
            yield gold
    if (match := _CODE.fullmatch(text)) and f"{match[1]}{match[2]}" == gold:
        yield gold
    if "version" in asked and (match := _VERSION.match(text)):
        yield text[match.end() :]
    mails = set(_MAIL.findall(text))
    if len(mails) == 1 and _MAIL.fullmatch(gold) and text not in mails:
        yield mails.pop()
    if not _AS_READ.isdisjoint(asked):
        return
    own = {asked_words.stem(w.casefold()) for w in gold.split()}
    known = {asked_words.stem(w) for w in asked if not asked_words.is_empty(w)}
    if (match := _LAST_WORD.fullmatch(text)) and _names(match[2], known, own):
        yield match[1]
    if (match := _FIRST_WORD.fullmatch(text)) and _names(match[1], known, own) and any(map(str.isdigit, gold)):
        yield match[2]


def _names(word: str, known: set[str], own: set[str]) -> bool:
    """Whether a word beside a name is the question's noun: the station of King's Cross station."""
    stem = asked_words.stem(word.casefold())
    return stem in known - own and stem not in ("name", "not", "left", "right", "white", "black")


def _after_verb(text: str) -> str:
    return re.split(r"\b(?:is|reads|says|shows|:)\s", text)[-1].strip(" .")


def _even(text: str) -> str:
    plain = _PAUSE.sub(" ", _AMPERSAND.sub(" and ", _APOSTROPHE.sub("", text)))
    return " ".join(plain.casefold().strip(" .!\"'").split())
