"""The order that a sentence says in words: "first left, then right", "A is highest, B second", "left: A, right: B".

Belongs here: items of a reply in the order of steps, ranks and places. Does not belong here: which items a sentence
gives (list_sentences.py), ranking by > and < (labelled.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from wethink_assets.rewards import asked_words, lists

ORDINALS: tuple[str, ...] = tuple("first second third fourth fifth sixth seventh eighth ninth tenth".split())
AGAIN = re.compile(r"\s(?:again|once more|as well)$", re.IGNORECASE)
_STEP = (
    r"(?:first(?:ly)?|second(?:ly)?|third(?:ly)?|fourth(?:ly)?|fifth(?:ly)?|then|next|after that|afterwards"
    r"|finally|lastly|last"
    r"|to begin with|followed by|zuerst|dann|danach|schließlich|d'abord|puis|ensuite|enfin|primero|luego|después"
    r"|finalmente)"
)
_STEPS = re.compile(rf"(?:^|[,;.]\s|\s)(?:and\s|und\s|et\s|y\s)?{_STEP}\b[,:]?(?=\s)", re.IGNORECASE)
_HAN_STEPS = re.compile("[,;.]?(?:首先|先|然后|接着|再|最后|其次|之后)是?")
_BACKWARDS = re.compile(r"\b(?:before|after(?! that)|preceded|instead|or)\b|之前|以前", re.IGNORECASE)
_RANK = re.compile(
    r"^(?:the\s)?(.{1,40}?)\s(?:is\s|was\s|comes\s|came\s|ranks\s|being\s)?(?:in\s|the\s){0,2}"
    rf"({'|'.join(ORDINALS)}|last|next|[a-z]{{3,12}}est|best|worst|most|least)(?:\splace)?$",
    re.IGNORECASE,
)
_LOW = frozenset("worst weakest lowest smallest least fewest shortest lightest youngest slowest last poorest".split())
_PLACED = re.compile(
    r"^(?:the |on the |in the |at the )?(left|middle|cent(?:er|re)|right|top|bottom|first|second|third|fourth|fifth)"
    r"(?: one| (?:book|bar|item|figure|box))?\s?(?::|is|=|-)\s(.{1,40})",
    re.IGNORECASE,
)
_PLACES = {"left": 0, "top": 0, "middle": 1, "center": 1, "centre": 1, "right": 2, "bottom": 2}


def in_order(text: str, wanted: Sequence[str], asked: Sequence[str]) -> Iterator[list[str]]:
    """The items of a sentence that says by words which comes first."""
    if not _BACKWARDS.search(text):
        for pattern in (_STEPS, _HAN_STEPS):
            if len(pattern.findall(text)) > 0 and "(" not in text:
                parts = [p for piece in pattern.split(text) for p in lists.items(piece.strip(" ,.;"))[0]]
                items = [AGAIN.sub("", p.strip(" ,.;")) for p in parts]
                items = [_without_asked(item, wanted, asked) for item in items if item]
                yield [item for item in items if item]
    if placed := _by_place(lists.items(text.strip(" ."))[0]):
        yield placed
    if ranked := _by_rank(lists.items(text.strip(" ."))[0], asked):
        yield ranked


def _without_asked(item: str, wanted: Sequence[str], asked: Sequence[str]) -> str:
    """An item without words of the question before it: "turn left", where the question asks for turns."""
    words = item.split()
    own = {w for gold in wanted for w in gold.casefold().split()}
    known = {asked_words.stem(w) for w in asked}
    while (
        len(words) > 1
        and words[0].casefold() not in own
        and (
            asked_words.stem(words[0].casefold()) in known
            or words[0].casefold() in ("you", "we", "it", "is", "comes", "the")
        )
    ):
        words = words[1:]
    return " ".join(words)


def _by_place(items: Sequence[str]) -> list[str] | None:
    """The items by the places that label them: "left: Mars, middle: Venus, right: Earth"."""
    found = [_PLACED.fullmatch(item) for item in items]
    if len(items) < 2 or not all(found):
        return None
    placed = [(_PLACES.get(w := m[1].casefold(), ORDINALS.index(w) if w in ORDINALS else -1), m[2]) for m in found if m]
    return [name for _, name in sorted(placed)] if len({place for place, _ in placed}) == len(placed) else None


def _by_rank(items: Sequence[str], asked: Sequence[str]) -> list[str] | None:
    """The items in the question's order, each of which names its rank: highest, second, lowest."""
    found = [_RANK.match(item) for item in items]
    if len(items) < 2 or not all(found):
        return None
    starts_low = next(
        (w in _LOW or w == "ascending" for w in asked if w in _LOW or w.endswith(("est", "scending"))),
        False,
    )
    ranked: list[tuple[int, str]] = []
    for match in found:
        if match is None:
            return None
        word = match[2].casefold()
        place = (
            ORDINALS.index(word) if word in ORDINALS else len(ranked) if word == "next" else 99 if word in _LOW else 0
        )
        if word.endswith("est") and starts_low and word not in ("first",):
            place = 0 if word in _LOW else 99
        ranked.append((place, match[1].strip()))
    places = [place for place, _ in ranked]
    return [name for _, name in sorted(ranked)] if len(set(places)) == len(places) else None
