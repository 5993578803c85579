"""Trends in other words: "It goes down." for decreasing, "no change" for constant.

Belongs here: the closed class of phrases for up, down and unchanged, as a whole reply or a whole gold. Does not belong
here: sentences about several things, amounts of change (number_prose.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import IntEnum

from wethink_assets.rewards import asked_words

MAX_CHARS = 80


class Trend(IntEnum):
    DOWN = -1
    UNCHANGED = 0
    UP = 1


_UP = (
    r"(?:increas(?:e|es|ed|ing)|ris(?:e|es|en|ing)|rose|grow(?:s|n|ing)?|grew|climb(?:s|ed|ing)?|(?:goes|go|went|gone|going|trending"
    r"|moves|moved) up(?:wards?)?|gets? (?:larger|bigger|higher|greater)|upwards?|ascend(?:s|ing))"
)
_DOWN = (
    r"(?:decreas(?:e|es|ed|ing)|fall(?:s|en|ing)?|fell|drop(?:s|ped|ping)?|declin(?:e|es|ed|ing)|sink(?:s|ing)?|sank|shr[iau]nk(?:s|ing)?"
    r"|(?:goes|go|went|gone|going|trending|moves|moved) down(?:wards?)?|gets? (?:smaller|lower|less)|downwards?"
    r"|descend(?:s|ing))"
)
_SAME = (
    r"(?:(?:stay|remain|keep)(?:s|ed|ing)? (?:the same|constant|unchanged|stable|steady|level|flat)|constant"
    r"|unchanged|no change|stable"
    r"|(?:does|do|did) not change|doesn't change|didn't change|steady|flat|the same)"
)
_SUBJECT = (
    r"(?:(?:it|they|the (?:trend|curve|graph|line|value)|(?:the |its )?(?P<subject>[a-z]{3,20})) (?:(?:is|are"
    r"|was|were|has|have|has been"
    r"|will|would|will be) )?)?"
)
_PHRASE = tuple(
    (
        trend,
        re.compile(
            rf"{_SUBJECT}(?:an? |the )?(?:steadily |generally |overall |clearly |linearly )?{words}(?: trend"
            rf"| steadily)?"
        ),
    )
    for trend, words in ((Trend.UP, _UP), (Trend.DOWN, _DOWN), (Trend.UNCHANGED, _SAME))
)
_FRAME = frozenset("happens happen happened trend does will would become becomes occurs change changes".split())


def of(text: str, asked: Sequence[str] = ()) -> Trend | None:
    """The trend that a whole text says of what the question asks after; None for any other text."""
    if len(text) > MAX_CHARS:
        return None
    for trend, pattern in _PHRASE:
        if match := pattern.fullmatch(text.casefold().strip(" .!")):
            subject = match["subject"]
            return trend if subject is None or subject == _asked_after(asked) else None
    return None


def _asked_after(asked: Sequence[str]) -> str | None:
    """The first thing that a question names: the volume, in "What happens to the volume when the pressure rises?"."""
    return next((w for w in asked if not asked_words.is_empty(w) and w not in _FRAME), None)
