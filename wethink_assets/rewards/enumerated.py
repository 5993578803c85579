"""An enumeration within a sentence: "The flag has three colours: blue, white and red.", "The solutions are 2 and -3."

Belongs here: where in a sentence the enumeration begins and ends, and which words may stand around it. Does not belong
here: taking it apart (lists.py), comparing items (rule_several.py).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from wethink_assets.rewards import asked_words, lists
from wethink_assets.rewards.verdict import DENIED, HEDGE, NEGATION

MAX_CHARS = 400
_LEAD = re.compile(
    r":\s|\b(?:is|are|was|were|has|have|includes?|contains?|shows?|be|namely|at|see|holds?|lists?|gives?|yields?|means|get)\s(?:the\s)?",
    re.IGNORECASE,
)
_CUT = re.compile(
    r"[.;](?=\s|$)|\s(?:are|is|were|was|have|has|had|can|which|that|who|while|whereas|but|because|since|next|in|on|above"
    r"|below|near|with|from|at|all|both)\b|\s\(|,\s(?:which|while|with|but|whereas|as|respectively|in)\b",
    re.IGNORECASE,
)
_MORE = re.compile(r"\s?[.;,]?\s?(?:also|and|plus|as well|so (?:is|are|does|do))\b", re.IGNORECASE)
_ADDS = re.compile(r"\b(?:also|too|likewise|as well|so (?:is|does|do|are|did))\b", re.IGNORECASE)
_AROUND = frozenset(
    "a an the there they these those it its here image picture photo figure diagram chart graph map answer "
    "answers final correct so thus therefore hence only just following items one two three four five six seven both "
    "all based i can see we visible seen shown listed present order from left right top bottom to and of with by "
    "contains contain includes include shows show has have holds lists list namely see gives yields means get are is "
    "solution solutions root roots value values".split()
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_OR_EQUAL = re.compile(r"\sor\s(?=[A-Za-z]\s?=)")
_STEPS = re.compile(r"\b(?:first|then|next|finally|lastly),?\s", re.IGNORECASE)
_INDEXED = re.compile(r"^[A-Za-z](?:_\{?\d\}?|\d)\s?=\s?")


def listings(text: str, asked: Collection[str]) -> Iterator[list[str]]:
    """The items of every part of a sentence that may be its enumeration."""
    text = _OR_EQUAL.sub(" and ", text)
    if len(text) > MAX_CHARS or HEDGE.search(text):
        return
    wanted = asked_words.content(tuple(asked))
    for start in dict.fromkeys([*(m.end() for m in _LEAD.finditer(text)), 0]):
        rest = text[start:]
        cut = _CUT.search(rest)
        chunk, tail = (rest[: cut.start()], rest[cut.start() :]) if cut else (rest, "")
        said = re.split(r"[.;](?=\s|$)", tail, maxsplit=1)[0]
        head = text[:start]
        if any(p.search(head) or p.search(said) for p in (NEGATION, DENIED)) or _MORE.match(tail) or _ADDS.search(tail):
            continue
        if not (
            _plain(head, wanted)
            and (_plain(said, wanted) or re.match(r"\s(?:next|in|on|above|below|near|with|\()", said))
        ):
            continue
        found, _ = lists.items(_STEPS.sub("", chunk.strip(" ,")))
        if len(found) > 1:
            indexed = [_INDEXED.sub("", item) for item in found]
            yield [re.sub(r"^(?:the|an?)\s", "", item) for item in indexed]


def _plain(text: str, wanted: Collection[str]) -> bool:
    """Whether a part of a sentence says nothing of its own: the question again, or words around any answer."""
    return all(w in _AROUND or asked_words.is_empty(w) or asked_words.stem(w) in wanted for w in _words(text))


def _words(text: str) -> list[str]:
    return [m[0].casefold() for m in _WORD.finditer(text)]
