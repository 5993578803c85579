"""Words of a clause that neither the question nor the frame of an answer accounts for: they make another amount of it.

Belongs here: which words may stand around a number that answers a question. Does not belong here: opposites and other
quantities by name (asked_words.py), words around a text (text_prose.py).

"Tom had 3 apples at first" is no answer to how many are left: the question says nothing of "first". Verbs and nouns are
therefore listed, and those of the question allowed; what is in neither list is not understood.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from wethink_assets.rewards import asked_words, number_words
from wethink_assets.rewards.unit_names import WORDS as UNIT_WORDS
from wethink_assets.rewards.units import measures

MAX_CHARS = 300
_FRAME = frozenset(
    asked_words.stem(w)
    for w in (
        "answer answers result results value values number total final correct solution therefore hence thus "
        "so think believe gives give giving get equal equals make makes making show shows see seen read reads "
        "find found count counted counting contains contain take takes taken occur occurred occurs happened "
        "happens correspond represent represents indicate indicates come comes came measure measures reach "
        "reaches reached about approximately around roughly exactly only just he she him they we us you my "
        "our me per square squared cubic cubed sq units unit up out according based looking appears appear "
        "seems estimated calculated boxed box step image altogether overall combined sum adding add together "
        "one two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty sixty "
        "seventy eighty ninety hundred thousand million billion trillion dozen respectively because since "
        "namely precisely simply here now also both all them itself being then when while who that whose some "
        "any such data information level mark marks point points bar labeled graph represented year years "
        "amount amounts quantity figure period during within middle ordered sorted order arranged minus "
        "negative real distinct different unique whole integer sign"
        " carries carry holds hold includes include lie lies located label says scale displayed iqr horizontal"
    ).split()
)
_ALIKE = tuple(
    frozenset(asked_words.stem(w) for w in group.split())
    for group in (
        "rate flow flows deliver delivers delivered drains drain fills fill",
        "speed limit maximum top",
        "leave leaves left depart departs departure",
        "arrive arrives arrival reach reaches",
        "happen happened occur occurred take took place held",
        "born birth",
        "due expire expires expiry",
        "left remain remains remaining still",
        "highest largest maximum max peak peaked greatest most biggest tallest longest hit record best",
        "lowest smallest minimum min least fewest bottom shortest",
        "cost costs price pay pays paid charge charged due worth sell sells sold spend spent",
        "long length last lasts lasted duration takes time",
        "tall height high stand stands rise rises",
        "wide width across",
        "deep depth",
        "old age aged",
        "heavy weigh weighs weight mass",
        "fast speed velocity travel travels move moves moving drive drives go goes going",
        "far distance away apart covers covered",
        "increase increased rise rose grow grew growth gain climb climbed up went",
        "decrease decreased fall fell decline declined drop dropped down went",
        "people person persons visitors visitor students student pupils",
        "cross crosses crossed intersect meet meets",
        "open opened opens",
        "close closed end ended",
        "win won wins score scored get got receive received",
        "chose choose chosen prefer preferred like likes picked voted selected favorite favourite",
        "area cover covers surface",
        "temperature warm hot cold degrees",
        "live lives living population inhabitants residents people person persons citizens",
        "difference differ differs differ more fewer less older younger taller shorter longer apart",
        "average mean",
        "median middle third",
        "angle degrees rotated",
        "probability chance",
        "percent percentage share proportion fraction",
        "use uses used need needs needed require requires required",
        "wear wears wearing jersey shirt",
        "first start started starts begin began beginning originally initially original initial",
        "remainder leaves leaving left",
        "place replace replaces replaced stand stands",
        "number value missing unknown blank",
        "drive drove walk walked run ran travel travelled traveled",
        "make makes made produce produced produces",
        "give gave given away",
    )
)
_WORD = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{2,24}(?![A-Za-z(])(?!-\d)")
_REASON = re.compile(r"\b(?:because|since|as|i\.e|e\.g|where)\b.*", re.IGNORECASE | re.DOTALL)
_CHANGES_TO = re.compile(
    r"\b(?:rose|rises?|increas\w+|gr[eo]ws?|went|goes|fell|falls|dropped|drops|decreas\w+|declin\w+|climbed|changed)\s"
    r"(?=(?:\w+\s)?(?:from|to)\s[-$€£]?\d)",
    re.IGNORECASE,
)
_EACH_OF = re.compile(r"\b(?:per|for (?:one|each|an?)) (?:person|ticket|item|piece|adult|head)\b", re.IGNORECASE)
_COLOURS = frozenset("red orange yellow green blue purple pink brown black white gray grey dashed solid dotted".split())
_NO_FRAME = frozenset(
    "initially originally previously formerly early daily weekly monthly hourly nightly only".split()
) - {"only"}
_AFTER = re.compile(r"\b(?:after|by)\b", re.IGNORECASE)
_PLACES = frozenset("at in on near by beside under behind inside outside above below along around".split())
_PLACE_BEHIND = re.compile(
    r"\s(?:at|in|on|near|by|beside|under|along|around) (?:an?|the) (?:[a-z]{2,14} ?){1,3}[.!]?$", re.IGNORECASE
)
_UNNAMED = frozenset("number numbers value mark blank blanks".split())
_ORDINALS = frozenset("first second third fourth fifth sixth seventh eighth ninth tenth last".split())
_ASIDE = re.compile(r"\([^()]{0,80}\)")
_COMMAND = re.compile(r"\\[A-Za-z]+")
_TAG = re.compile(r"</?\w{2,10}>")


def has_strange_words(said: str, asked: Sequence[str]) -> bool:
    """Whether a clause has a word of its own; False where the question says too little to tell."""
    if len(said) > MAX_CHARS:
        return False
    wanted = asked_words.content(tuple(asked))
    if len([w for w in wanted if w.isalpha() and len(w) > 1]) < 2:
        return False
    said = _CHANGES_TO.sub(" ", said)
    if "end" in asked:
        said = _AFTER.sub(" ", said)
    if "many" in asked and _PLACES.isdisjoint(asked) and (tail := _PLACE_BEHIND.search(said)):
        stems = {asked_words.stem(m[0].casefold()) for m in _WORD.finditer(said)}
        said = said[: tail.start()] if len(wanted & stems) > 1 and wanted <= stems else said
    said = _REASON.sub("", _ASIDE.sub(" ", _COMMAND.sub(" ", _TAG.sub(" ", said))))
    words = [m[0] for m in _WORD.finditer(_EACH_OF.sub(" ", said))]
    if not _UNNAMED.isdisjoint(asked):
        words = [w for w in words if w.casefold() not in ("missing", "unknown", "blank")]
    if any(w.casefold() in _ORDINALS and w.casefold() not in asked for w in words) and not _ORDINALS.isdisjoint(asked):
        return True
    colours = frozenset[str]() if "many" in asked else _COLOURS
    return any(not (_is_accounted(w, wanted) or w.casefold() in colours) for w in words)


def _is_accounted(word: str, wanted: frozenset[str]) -> bool:
    low = word.casefold()
    return (
        asked_words.is_empty(low)
        or asked_words.stem(low) in wanted
        or _is_framing(low)
        or any(asked_words.stem(low) in group and not group.isdisjoint(wanted) for group in _ALIKE)
        or any(w.startswith(asked_words.stem(low)[:4]) for w in wanted if len(low) > 4)
        or (len(low) > 2 and any(w.startswith(low) and len(w) > len(low) + 2 for w in wanted))  # det, vol, temp
    )


@lru_cache(maxsize=4_096)
def _is_framing(word: str) -> bool:
    return (
        asked_words.stem(word) in _FRAME
        or (word.endswith("ly") and word not in _NO_FRAME)
        or measures(word)
        or word in UNIT_WORDS
        or number_words.MENTION.fullmatch(word) is not None
    )
