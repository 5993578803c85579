"""An answer with a noun or a clause behind its comma that tells what it is: "pad thai, a stir-fried noodle dish".

Belongs here: which words behind a comma describe the answer, rather than naming another. Does not belong here: asides
in brackets (asides.py), words before the answer (text_prose.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from wethink_assets.rewards import asked_words
from wethink_assets.rewards.normalise import without_lead_in
from wethink_assets.rewards.verdict import DENIED, HEDGE, NEGATION

MAX_CHARS = 160
_BEHIND = re.compile(r"([^,;.!?]{1,60}?),\s((?:an?|the|one of the)\s[^,;.!?]{3,80})[.!]?", re.IGNORECASE)
_CLAUSE = re.compile(
    r"([^,;.!?]{1,60}?),\s(?:which|who|where|whose|in which|by which|through which|so called because)\s[^;!?]{4,100}",
    re.IGNORECASE,
)
_HEAD_END = re.compile(r"\s(?:of|from|in|on|with|for|that|which|who|made|used|named|called|known|at|by)\s.*", re.DOTALL)
_ROLE = re.compile(r"[a-z]{4,20}(?:ist|or|er|ian|man|woman|ress)|poet|king|queen|hero|president")
_OTHERS = re.compile(r"\b(?:and|or|but|next|beside|behind|near|opposite|other|another|instead|like|similar)\b")
_THIS = re.compile(r"(?:this|it|the \w{2,20}) (?:is|shows|depicts) (?:an? |the )?(?=\S)", re.IGNORECASE)


def of(text: str, asked: Sequence[str]) -> Iterator[str]:
    """The answer without what describes it."""
    if len(text) > MAX_CHARS or any(p.search(text) for p in (NEGATION, DENIED, HEDGE)):
        return
    match = _BEHIND.fullmatch(text)
    if match is not None and (_OTHERS.search(match[2].casefold()) or not _describes(match[2], asked)):
        match = None
    if match := match or _CLAUSE.fullmatch(text):
        yield from _bare(match[1])


def _bare(head: str) -> Iterator[str]:
    yield head
    if (rest := without_lead_in(head)) != head:
        yield rest
    if match := _THIS.match(head):
        yield head[match.end() :]


def _describes(noun: str, asked: Sequence[str]) -> bool:
    """Whether a noun is what the question asks for, a dish of "this dish", or the role of a person asked after."""
    words = re.findall(r"[a-z]+", _HEAD_END.sub("", noun.casefold()))
    if len(words) < 2:
        return False
    return asked_words.stem(words[-1]) in {asked_words.stem(w) for w in asked} or (
        "who" in asked and _ROLE.fullmatch(words[-1]) is not None
    )
