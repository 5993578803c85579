"""Modifiers around a whole reply that make another amount or thing of it: "nearly 7", "one of 7", "7 too many".

Belongs here: what opens or ends a reply and was neither asked for nor stands in the answer. Does not belong here: words
that touch a number within a sentence (number_prose.py), whole answers beside it (rivals.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from wethink_assets.rewards.normalise import without_lead_in

_OPENS = re.compile(
    r"(?:almost|nearly|hardly|barely|scarcely|not\squite|twice|thrice|double|triple|half(?:\sof)?(?!\spast)|a\s(?:third|quarter)\sof"
    r"|every|one\sof|some\sof|most\sof|at\s(?:most|least|best)|(?:more|less|fewer|greater|higher|lower|other)\sthan|over|under"
    r"|up\sto|no|not|without|unlike|(?:any|every)thing\s(?:but|except)|all\s(?:but|except)|far\sfrom|neither|the\sopposite\sof"
    r"|there\s(?:is|are)\sno|is\s(?:it|this|that)|are\s(?:they|there)|was\sit|could\s(?:it|this)|does\sit|near|close\sto"
    r"|不是|没有|不|并非|非|除了)(?![\w.,'-])",
    re.IGNORECASE,
)
_BREAK = re.compile(r"[,;:.!?](?=\s)|\s(?:but|so|is|are|was|were|has|have|had)\s")
_ENDS = re.compile(
    r"\s(?:squared|cubed|each|apiece|ago|short|times|more|fewer|less|extra|left\sover|from\snow|too\s\w{3,8}|off|(?:short|shy)\sof\s[\w\s]{1,20}|per\s(?!cent|person|ticket|item|piece|adult|head)\w{1,12}"
    r"|or\s(?:more|less|fewer|so|above|below|under|over|higher|lower)|at\s(?:least|most|best)|and\s(?:counting|up|more|change))$",
    re.IGNORECASE,
)
_WRONG = re.compile(
    r"[^,;.]\s(?:is|are|was|were)\s(?:wrong|incorrect|false|excluded|impossible|out|not\s(?:the\s)?(?:answer|right|correct|true|it))$"
    r"|,\swhich\s(?:is|was)\s(?:wrong|incorrect|false|not\s\w{4,10})$",
    re.IGNORECASE,
)
_GROUP = re.compile(r"[\[({][^\[\](){}]{0,80}[\])}]")
_APART = re.compile(r"[,;.]\s")
_OF_THE_OTHER = re.compile(
    r"\b(?:for|of|in|on)\sthe\s(other|left|right|first|second|third|last|next|previous|upper|lower|top|bottom)"
    r"(?:\s(?:one|figure|picture|image|graph|chart))?\W*$",
    re.IGNORECASE,
)


def touches(text: str, own: str, asked: Sequence[str], *, is_amount: bool) -> bool:
    """Whether the reply as a whole is opened or ended by words that make something else of its answer.

    `is_amount`: the answer is a number, which words such as "each" change.
    """
    plain = without_lead_in(text).rstrip(" .!)]*$")
    if (opens := _OPENS.match(plain)) and not own.startswith(opens[0].casefold()):
        numbered = opens[0].casefold() == "no" and "number" in asked  # "no. 23"
        rest = text[text.find(plain) + opens.end() :].rstrip(" .!")
        if rest.strip() and not numbered and not _BREAK.search(_GROUP.sub("", rest)):
            return True
    if is_amount and (ends := _ENDS.search(plain)) and not _known(ends[0], own, asked):
        return True
    if (wrong := _WRONG.search(plain)) and not _APART.search(_GROUP.sub("", plain[: wrong.start() + 1])):
        return True
    other = _OF_THE_OTHER.search(plain)
    return other is not None and other[1].casefold() not in asked and other[1].casefold() not in own


def _known(words: str, own: str, asked: Sequence[str]) -> bool:
    said = words.casefold().split()
    if " ".join(said) in own or "/" in own:
        return True
    return said[0] not in ("or", "and", "at", "too") and any(word in asked for word in said)
