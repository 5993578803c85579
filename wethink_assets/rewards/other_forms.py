"""Short texts in another form: ratios in words, decades, short years, Latin plurals, "third place", "plays tennis".

Belongs here: forms that are the gold's own text by a small rule, with what they must not be. Does not belong here:
sentences (text_prose.py), spelling (spelling.py), texts as they are read (read_writings.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction

from wethink_assets.rewards import asked_words, number_words
from wethink_assets.rewards.intervals import is_all_reals
from wethink_assets.rewards.normalise import clean
from wethink_assets.rewards.verdict import DENIED, HEDGE, NEGATION, readings

MAX_CHARS = 120
_AS_READ = frozenset("written printed say says text word words spelled".split())
_PART = r"(\d{1,6}(?:\.\d{1,4})?|[a-z]{3,9})(?:\s([a-z]{3,14}))?"
_RATIO_SAID = re.compile(rf"{_PART}\s(?:to|for every|for each|per)\s{_PART}", re.IGNORECASE)
_RATIO = re.compile(r"\d{1,6}(?:\.\d{1,4})?(?:\s?[:/]\s?\d{1,6}(?:\.\d{1,4})?){1,4}")
_DECADE = re.compile(r"(?:the )?(\d{3})0'?s", re.IGNORECASE)
_TEN_YEARS = re.compile(r"(?:from |between )?(\d{3})0\s?(?:-|to|and)\s?(?:\d{3})?9")
_SHORT_DECADE = re.compile(r"(?:the )?'?([2-9])0'?s", re.IGNORECASE)
_TENS: tuple[str, ...] = tuple("twenties thirties forties fifties sixties seventies eighties nineties".split())
_SLASHED = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{2})(\d{2})")
_SHORT_YEAR = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{2})")
_WORD = re.compile(r"[a-z]+")
_NOBODY = re.compile(r"none(?: of (?:them|the [a-z]{2,14}))?|no one|nobody|nothing|no ([a-z]{3,14})", re.IGNORECASE)
_LATIN = {
    pair.partition(":")[0]: pair.partition(":")[2]
    for pair in (
        "mitochondria:mitochondrion bacteria:bacterium fungi:fungus nuclei:nucleus larvae:larva algae:alga "
        "stomata:stoma vertebrae:vertebra cacti:cactus ova:ovum ribosomes:ribosome"
    ).split()
}
_ORDINAL_WORDS: tuple[str, ...] = tuple("first second third fourth fifth sixth seventh eighth ninth tenth".split())
_RANKED = re.compile(
    r"(?:(?:he|she|it|they|[A-Z][a-z]{1,15})\s)?(?:(?:finished|came|was|is|ranked|placed|ended up)\s)?"
    rf"(?:in\s)?(?:the\s)?({'|'.join(_ORDINAL_WORDS)}|\d{{1,2}}(?:st|nd|rd|th))(?:\s(?:place|position|rank))?"
)
_SIDE = re.compile(r"(?:on |to )?(?:the )?(left|right)[- ]?(?:hand)?(?: side)?", re.IGNORECASE)
_DOES = re.compile(r"(?:she|he|it|they|the [a-z]{3,12})\s(?:is\s|are\s)?([a-z]{3,14})\s([a-z ]{2,40}?)", re.IGNORECASE)
_WHERE = re.compile(r"\s(?:in|on|at|near|by|beside|outside|inside|under|with)\s(?:an?|the|his|her|their)\s[a-z ]{3,40}")


def of(raw: str, text: str, asked: Sequence[str]) -> Iterator[str]:
    """The gold, where the reply is one of its other forms."""
    gold = clean(raw)
    if max(len(text), len(gold)) > MAX_CHARS:
        return
    if any(p.search(text) for p in (NEGATION, DENIED, HEDGE)) and not _NOBODY.fullmatch(text):
        return
    if _is_same(gold, text, asked):
        yield gold
    yield from _with_noun(gold, text, asked)
    low, said = gold.casefold(), text.casefold()
    if "doing" in asked and low.split(" ")[0].endswith("ing"):
        if said.startswith(low) and _WHERE.fullmatch(said[len(low) :]) and " and " not in said:
            yield gold
        if (match := _DOES.fullmatch(text)) and " " in low:
            verb, _, rest = low.partition(" ")
            subject = match[0].casefold().split(" ")
            same_verb = asked_words.stem(match[1].casefold()) == asked_words.stem(verb)
            if subject[0] == "the" and subject[1] not in asked:
                return
            if same_verb and rest == match[2].casefold():
                yield gold


def _with_noun(gold: str, text: str, asked: Sequence[str]) -> Iterator[str]:
    """The reply with the question's noun behind it, which the gold has: isosceles, of "what type of triangle"."""
    first, _, noun = gold.rpartition(" ")
    if (
        first
        and noun.casefold() in asked
        and noun.isalpha()
        and asked_words.stem(noun.casefold()) not in {asked_words.stem(w) for w in _WORD.findall(text.casefold())}
    ):
        yield f"{text} {noun}"


def _is_same(gold: str, text: str, asked: Sequence[str]) -> bool:
    if gold.casefold() in ("none", "nobody", "no one", "nothing"):
        nobody = _NOBODY.fullmatch(text)
        named = nobody[1] if nobody else None
        return nobody is not None and (not named or asked_words.stem(named.casefold()) in map(asked_words.stem, asked))
    if _RATIO.fullmatch(gold) and not {"ratio", "proportion"}.isdisjoint(asked):
        return _same_ratio(gold, text, asked)
    if match := _DECADE.fullmatch(gold):
        return _decade_of(text, match[1]) == match[1]
    if (full := _SLASHED.fullmatch(gold)) and (short := _SHORT_YEAR.fullmatch(text)):
        same_day = [int(full[1]), int(full[3])] == [int(short[1]), int(short[3])]
        return full[4] in ("19", "20") and same_day and full[5] == short[4]
    if "real" in gold or "ℝ" in gold or "mathbb" in gold:
        return is_all_reals(gold) and any(map(is_all_reals, readings(text)))
    if _AS_READ.isdisjoint(asked):
        bare = text.casefold().removeprefix("the ").removeprefix("it is the ")
        if bare != gold.casefold() and _LATIN.get(bare, bare) == _LATIN.get(gold.casefold(), gold.casefold()):
            return True
        if (match := _SIDE.fullmatch(text)) and "side" in asked:
            return match[1].casefold() == gold.casefold()
    if not {"place", "position", "rank"}.isdisjoint(asked) and (match := _RANKED.fullmatch(text)):
        return _rank(gold.casefold()) == _rank(match[1].casefold()) is not None
    return False


def _same_ratio(gold: str, text: str, asked: Sequence[str]) -> bool:
    """Whether a ratio is said in words, or in larger numbers; its nouns must stand in the question's order."""
    wanted = [Fraction(part) for part in re.split(r"\s?[:/]\s?", gold)]
    if match := _RATIO_SAID.fullmatch(text):
        nouns = [w.casefold() for w in (match[2], match[4]) if w]
        if any(w not in asked for w in nouns) or [w for w in asked if w in nouns] != nouns:
            return False
        parts = [_number(match[1]), _number(match[3])]
    elif ":" in text and _RATIO.fullmatch(text):
        parts = [Fraction(part) for part in re.split(r"\s?:\s?", text)] if "/" not in text else []
    else:
        return False
    if len(parts) != len(wanted) or any(p is None for p in parts) or not wanted[0] or not parts[0]:
        return False
    return all(a * wanted[0] == b * parts[0] for a, b in zip((p or Fraction(0) for p in parts), wanted, strict=True))


def _number(text: str) -> Fraction | None:
    if text[0].isdecimal():
        return Fraction(text)
    word = number_words.parse(text.casefold())
    return word.value if word is not None and not word.rest else None


def _decade_of(text: str, like: str) -> str | None:
    """The first three digits of the decade that a text names; a short name is of the twentieth century."""
    if match := _TEN_YEARS.fullmatch(text):
        return match[1] if text.rstrip().endswith(f"{match[1]}9") or text[-3:-2] in "-– " else None
    if like[:2] != "19":
        return None
    if match := _SHORT_DECADE.fullmatch(text):
        return f"19{match[1]}"
    name = text.casefold().removeprefix("in ").removeprefix("the ")
    return f"19{_TENS.index(name) + 2}" if name in _TENS else None


def _rank(text: str) -> int | None:
    if text[:1].isdigit():
        return int(re.sub(r"\D", "", text))
    word = text.removesuffix(" place")
    return _ORDINAL_WORDS.index(word) + 1 if word in _ORDINAL_WORDS else None
