"""Self-correction: the part of a reply that replaces what was said before it: "5. Wait, it is 6", "B. Answer: C".

Belongs here: the words that announce an answer anew, and what follows the last of them. Does not belong here: whether
that part is right (second_look.py), the stance of mentions within a sentence (statements.py).
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import NamedTuple

MAX_MARKS = 40


class Kind(IntEnum):
    FOLLOWS = 0  # "..., so it is 6", "..., but it is 6": what follows may be a reason, or say the same again
    ANNOUNCES = 1
    CORRECTS = 2


class Part(NamedTuple):
    """What follows a mark, and the sentence in which the mark stands up to its end."""

    text: str
    sentence: str
    kind: Kind
    is_arrow: bool = False


_CORRECTS = re.compile(
    r"(?:^|[.,:;!?)(–—-]\s?|\s)(?:(?:no,?\s|but\s|oh\s|and\s)?wait|actually|correction|edit(?:ed)?|scratch\sthat|strike\sthat"
    r"|on\s(?:second\sthought|reflection|closer\sinspection)|i\smean(?:t)?|sorry|oops|apologies|hold\son|hm+|or\srather|rather"
    r"|not\squite|(?:then\s|later\s)?corrected(?:\sto)?|changed\sto|(?:it\s)?should\s(?:be|read|have\sbeen)"
    r"|the\s(?:real|true|actual|right)\s(?:one|answer|value|result)\sis|i\smisread|my\smistake|that\s(?:is|was)\s(?:a\smistake|wrong|incorrect))"
    r"(?![\w'-]|\s(?:than|of)\b)[,:;.!?)–—-]{0,3}\s(?=\S)"
    r"|[;.!?,–—-]\s?(?:no|nope)\s?[,:;.–—-]{1,3}\s(?=\S)|;\sno\s(?=\d)"
    r"|更正[:,]?|不对[:,]?|等等[:,]?|改为|应(?:该)?改?为",
    re.IGNORECASE,
)
_ANNOUNCES = re.compile(
    r"(?:^|[\s.,:;!?)(*\"'–—-])(?:(?:final|correct|real|right|actual|true|best|my|the)\s){0,4}"
    r"(?:answer|(?:correct|right|best)\s(?:option|choice|one))(?:\*\*)?\s?(?:is|was|:|=|must\sbe|would\sbe|should\sbe)"
    r"(?:\*\*)?\s?:?\s?(?=\S)|答案(?:应该?)?[是为选:]{1,3}",
    re.IGNORECASE,
)


_FOLLOWS = re.compile(
    r"(?:^|[\s.,;:!?)–—-])(?:however|in\sfact|therefore|hence|thus|so|making\s(?:it|that|this)|i\.e\.|that\sis|namely|instead"
    r"|but|yet|except\sthat|whereas\sthe\sanswer|here\sit\sis)"
    r"(?![\w'-]|\s(?:than|of|not|far|many|much|that|as)\b)[,:]?\s(?=\S)|\s?(?:→|⇒|=>|∴)\s?(?=\S)|所以|因此|故",
    re.IGNORECASE,
)
_MARKS = ((_CORRECTS, Kind.CORRECTS), (_ANNOUNCES, Kind.ANNOUNCES), (_FOLLOWS, Kind.FOLLOWS))
_SENTENCE_END = re.compile(r"[.;!?](?=\s)")


def last_part(text: str) -> Part | None:
    """What stands behind the last such mark; None where there is none or nothing before it."""
    start = end = None
    kind = Kind.FOLLOWS
    for pattern, of_pattern in _MARKS:
        for number, match in enumerate(pattern.finditer(text)):
            if number > MAX_MARKS:
                break
            if any(map(str.isalnum, text[: match.start()])) and (end is None or match.end() > end):
                start, end, kind = match.start(), match.end(), of_pattern
    if end is None or not any(map(str.isalnum, text[end:])):
        return None
    begin = max((m.end() for m in _SENTENCE_END.finditer(text, 0, (start or 0) + 1)), default=0)
    is_arrow = not any(map(str.isalpha, text[start:end]))
    return Part(text[end:].strip(), text[begin:].strip(), kind, is_arrow)
