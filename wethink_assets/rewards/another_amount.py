"""A clause that gives its number of another thing than was asked for: another year, fruit, name, or a difference.

Belongs here: what beside a number makes it one of something else. Does not belong here: finding numbers
(number_mentions.py), opposites of a question in general (asked_words.py).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from wethink_assets.rewards import accounted, asked_words
from wethink_assets.rewards.asked_in_chinese import of_other as of_other_in_chinese
from wethink_assets.rewards.number_mentions import MENTION, YEAR, Mention
from wethink_assets.rewards.units import Unit, singular

_DIFFERENCE = re.compile(
    r"\b(?:more|fewer|less|differ\w*|extra|gap|so|therefore|thus|hence|ahead|behind|by|[a-z]{2,10}er than)\b"
    r"|[-=−]|差|多|少",
    re.IGNORECASE,
)


def is_a_part(text: str, asked: Collection[str]) -> bool:
    """Whether a sentence states one amount where the question asks how many more: "Norway won 9 medals"."""
    return (
        "than" in asked
        and not {"more", "fewer", "less"}.isdisjoint(asked)
        and not _DIFFERENCE.search(text)
        and len(asked_words.content(tuple(asked)) & asked_words.of_text(text)) > 1
    )


_LABELLED = re.compile(r"[A-Za-z][A-Za-z ]{2,40}(?::| =)\s")
_FORMULA = re.compile(r"[-+*/^×÷(]\s?\w{1,12}\s?=|\w\s?[-+*/^×÷]\s?\w")


def is_of_another(text: str, asked: Sequence[str]) -> bool:
    """Whether a reply with one number says it of another thing, or as a difference where none was asked for."""
    if asked_words.of_another(text, asked) or is_a_part(text, asked) or at_another_time(text, asked):
        return True
    found = list(MENTION.finditer(text))
    if len(found) != 1:
        return not found and _of_other_thing(text, asked)
    before, after = text[: found[0].start()], text[found[0].end() :]
    said = asked_words.clause(text, found[0].span())
    formula = text.count("=") > 1 or _FORMULA.search(text) is not None
    labelled = _LABELLED.match(text) is not None
    if (labelled or len(text.split()) > 2) and not formula and accounted.has_strange_words(said, asked):
        return True
    return (
        _compares(after, asked)
        or _of_other_kind(after, asked)
        or of_other_in_chinese(before, asked, after)
        or _of_other_thing(text, asked)
        or asked_words.other_object(text, asked)
    )


_ITS_YEAR = re.compile(r"[^,;.!?\d]{0,24}?\b(?:in|for|by|of|during)\s((?:1[5-9]|20)\d\d)\b")
_ANY_YEAR = re.compile(r"(?<![\d.])(?:1[5-9]|20)\d\d(?![\d.])")


_TWO_WORDS = re.compile(r"\s([a-z]{3,20})\s([a-z]{3,20})\b", re.IGNORECASE)


_THINGS = tuple(
    frozenset(group.split())
    for group in (
        "cat dog bird horse cow sheep fish duck goat pig rabbit chicken people",
        "apple orange banana pear lemon grape peach",
        "car bus truck bicycle bike motorcycle van people",
        "triangle square circle rectangle pentagon hexagon",
        "book pen pencil notebook eraser ruler",
        "noon midnight",
        "morning afternoon evening night",
        "spring summer autumn winter",
        "monday tuesday wednesday thursday friday saturday sunday",
        "january february april june july august september october november december",
        "red green blue yellow black white",
    )
)
_OF_NAME = re.compile(r"([A-Z][a-z]{1,15}[a-rt-z])\s(?:has|had|won|scored|bought|sold|got|gave|ate|made|owns|needs)\b")
_NO_NAME = frozenset("the he she it they there we you that this one who everyone nobody each".split())


def _of_other_thing(said: str, asked: Sequence[str]) -> bool:
    """Whether a clause counts oranges where apples are asked for, or tells of Ann where Tom is."""
    words = {singular(w) for w in re.findall(r"(?!square\b)\b[a-z]{3,12}", said.casefold())}
    wanted = {singular(w) for w in asked}
    for group in _THINGS:
        if (own := group & wanted) and (other := (group & words) - wanted) and not own & words and other:
            return True
    match = _OF_NAME.match(said.strip())
    return match is not None and "many" in asked and match[1].casefold() not in {*_NO_NAME, *asked}


def _of_other_kind(after: str, asked: Sequence[str]) -> bool:
    """Whether a number counts another kind of the same thing: carbon atoms, where hydrogen atoms are asked for."""
    match = _TWO_WORDS.match(after)
    place = next((i for i in range(len(asked) - 3) if asked[i : i + 2] == ("how", "many")), None)
    if match is None or place is None or asked_words.is_empty(asked[place + 3]):
        return False
    kind, thing = (asked_words.stem(w.casefold()) for w in match.groups())
    if kind in ("more", "fewer", "les", "other"):
        return False  # a difference: `_compares`
    return thing == asked_words.stem(asked[place + 3]) and kind not in {asked_words.stem(w) for w in asked}


_VERBS = frozenset("is are was were do does did have has had can will would in on of there".split())


def counts_another_noun(unit: Unit | None, asked: Sequence[str]) -> bool:
    """Whether a number counts a thing of the question that is not the one asked for: 4 boats, for people in a boat."""
    place = next((i for i in range(len(asked) - 2) if asked[i : i + 2] == ("how", "many")), None)
    if unit is None or not unit.is_counted or place is None:
        return False
    after = asked[place + 2 :]
    end = next((i for i, w in enumerate(after) if w in _VERBS), len(after))
    wanted = {asked_words.stem(w) for w in after[: max(end, 1)]}
    others = {asked_words.stem(w) for w in after[end:] if not asked_words.is_empty(w)}
    said = [asked_words.stem(w.casefold()) for w in unit.word.split()]
    return bool(said) and end > 0 and wanted.isdisjoint(said) and said[-1] in others


def of_another(text: str, mention: Mention, asked: Sequence[str]) -> bool:
    """Whether a number is said of another year than the question's, or of the opposite of what it asks."""
    if _compares(text[mention.span[1] :], asked) or _of_other_kind(text[mention.span[1] :], asked):
        return True
    if of_other_in_chinese(text[: mention.span[0]], asked, text[mention.span[1] :]):
        return True
    said = asked_words.clause(text, mention.span)
    if YEAR.fullmatch(mention.text):
        return asked_words.of_another(said, asked)
    years = {w for w in asked if YEAR.fullmatch(w)}
    if years:
        its = _ITS_YEAR.match(text, mention.span[1])
        named = {its[1]} if its else set(_ANY_YEAR.findall(said))
        if named and not named & years:
            return True
    return asked_words.of_another(said, asked) or _of_other_thing(said, asked) or at_another_time(said, asked)


_LEFT = re.compile(r"\b(?:left|remain\w*|still|now|over)\b|=|剩|还有|现在", re.IGNORECASE)
_TAKEN = re.compile(
    r"\b(?:gave|gives?|given|giving|ate|eats?|eaten|lost|loses?|sold|sells?|spent|used|removed|took|takes|taken|had|bought"
    r"|started|starts|began|initially|originally|first|before|beginning|start|gone|missing)\b|原来|原有|吃了?|给了?|送给?|用了?|卖了?|买了?",
    re.IGNORECASE,
)
_AT_FIRST = frozenset("first originally initially start started begin began beginning".split())
_ASKS_LEFT = re.compile("剩|还有多少|还有几")


def at_another_time(said: str, asked: Sequence[str]) -> bool:
    """Whether a clause tells what there was before or was taken, where what is left is asked for; or the other way."""
    if {"left", "remain", "remaining", "remains"} & set(asked) or any(map(_ASKS_LEFT.search, asked)):
        return "many" in asked and _LEFT.search(said) is None and _TAKEN.search(said) is not None
    if "many" in asked and not _AT_FIRST.isdisjoint(asked):
        return re.search(r"\b(?:left|remain\w*|now|gave|given)\b", said, re.IGNORECASE) is not None
    return False


_SYMBOLS = {
    "V": "voltage volume",
    "U": "voltage",
    "I": "current",
    "R": "resistance radius",
    "P": "power perimeter pressure probability",
    "A": "area",
    "S": "area surface",
    "m": "mass slope",
    "F": "force",
    "a": "acceleration",
    "v": "speed velocity",
    "t": "time long",
    "f": "frequency",
    "r": "radius",
    "h": "height",
    "w": "width",
    "C": "circumference capacitance",
    "p": "momentum pressure probability",
}
_NAMED_BY_SYMBOL = frozenset(word for words in _SYMBOLS.values() for word in words.split())


def has_another_symbol(variable: str, asked: Sequence[str]) -> bool:
    """Whether a reply gives a quantity by the letter of another: P = 12 for a voltage."""
    wanted = _NAMED_BY_SYMBOL & set(asked)
    meant = set(_SYMBOLS.get(variable, "").split())
    return bool(wanted and meant) and meant.isdisjoint(wanted) and variable.casefold() not in asked


_NAMES = re.compile(r"[A-Za-z]+")
_COMPARES = re.compile(r"\b(?:more|fewer|less|[a-z]{2,10}er)\b", re.IGNORECASE)


def compares_turned_round(text: str, asked: Sequence[str]) -> bool:
    """Whether a comparison of the question's two is said of the other: Ben is older than Ann."""
    before, than_said, after = text.partition(" than ")
    compared = {m.casefold() for m in _COMPARES.findall(before[-80:])}
    if not than_said or "than" not in asked or compared.isdisjoint(asked):
        return False
    names = [
        [w for w in map(str.casefold, _NAMES.findall(part)) if not asked_words.is_empty(w)]
        for part in (before, after[:80])
    ]
    if not all(names):
        return False
    first, second = names[0][0], names[1][0]
    than = asked.index("than")
    return second in asked[:than] and first in asked[than:]


_COMPARATIVE = re.compile(
    r"\s?(?:[A-Za-z%°]{1,12}\s)?(more|fewer|less|extra|additional|colder|warmer|hotter|cooler|taller|shorter|older|younger"
    r"|heavier|lighter|higher|lower|bigger|smaller|faster|slower|wider|narrower|longer|larger|greater)\b(?!\sor\b)",
    re.IGNORECASE,
)
_OTHER_WAY: dict[str, str] = {
    a: b
    for pair in (
        "more fewer",
        "more less",
        "higher lower",
        "taller shorter",
        "older younger",
        "longer shorter",
        "heavier lighter",
    )
    for a, b in (pair.split(), pair.split()[::-1])
}


def _compares(after: str, asked: Collection[str]) -> bool:
    """Whether a number is a difference where none was asked for, or one the other way: "6 fewer"."""
    match = _COMPARATIVE.match(after)
    if match is None:
        return False
    word = match[1].casefold()
    if not {"still", "additional", "extra", "needed"}.isdisjoint(asked):
        return False
    if not asked_words.combines(asked):
        return True
    return _OTHER_WAY.get(word) in asked and word not in asked and not re.search(r"\bthan\b", after)


_UP = re.compile(r"\b(?:rise|rose|risen|increas\w+|grow\w*|grew|gain\w*)\b", re.IGNORECASE)
_DOWN = re.compile(r"\b(?:fall\w*|fell|decreas\w+|drop\w*|declin\w+|lose|lost|loss)\b", re.IGNORECASE)


def is_turned(text: str, asked: Collection[str]) -> bool:
    """Whether a reply gives a fall where the question asks for a rise, or the other way round."""
    for word in asked:
        for way, other in ((_UP, _DOWN), (_DOWN, _UP)):
            if word.isalpha() and way.fullmatch(word) and other.search(text) and not way.search(text):
                return True
    return False
