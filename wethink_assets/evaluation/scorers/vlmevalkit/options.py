"""Option inference (VLMEvalKit's can_infer): which option it takes a reply to mean.

Belongs here: its inference from letters and option texts. Does not belong here: asking a judge (choice.py), our own
inference (scorers/choice.py).

Two states of it: that of May 2026, and that with a fallback which was merged later (pull request 1552 of VLMEvalKit).

Known defects, kept: letters count wherever they stand near the end, so "not B. It is C" means nothing and "A dog"
means A; an option's text counts inside a longer word or number, so "12" means option "2"; the fallback
takes the first letter behind "answer is", a word's too, so "the answer is definitely B" means D.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

FAILED = "Failed to obtain answer via API"
REFUSALS = (
    "Sorry, I can't help with images of people yet.",
    "I can't process this file.",
    "I'm sorry, but without the image provided",
    "Cannot determine the answer",
)
NONE = "Z"
_PUNCTUATION = str.maketrans(dict.fromkeys(".()[],:;!*#{}", " "))
_NEAR_END = 5  # words
_STATEMENT = re.compile(r"answer\s+is\s+\**([ABCD])", re.IGNORECASE)

Infer = Callable[[str, Mapping[str, str]], str | None]


def infer(reply: str, options: Mapping[str, str]) -> str | None:
    """A letter of `options`, "Z" where the reply declines to answer, None where nothing can be inferred."""
    return _by_letter(reply, options) or _by_text(reply, options)


def infer_with_statement(reply: str, options: Mapping[str, str]) -> str | None:
    """As `infer`, with the later fallback between letters and texts: the option of the first "answer is A" to D.

    Where the reply says that the call failed there is none; a letter that is no option counts for nothing, and no later
    statement is looked at.
    """
    letter = _by_letter(reply, options)
    if letter is None and FAILED not in reply and (said := _STATEMENT.search(reply)):
        letter = said[1].upper() if said[1].upper() in options else None
    return letter or _by_text(reply, options)


def _by_letter(reply: str, options: Mapping[str, str]) -> str | None:
    if FAILED in reply:
        return None
    if any(refusal in reply for refusal in REFUSALS):
        return NONE
    words = reply.translate(_PUNCTUATION).split()
    named = [letter for letter in options if letter in words]
    if len(named) == 1:
        # the first place of the letter counts, not the last
        return named[0] if words.index(named[0]) > len(words) - _NEAR_END else None
    return NONE if not named and NONE in words else None


def _by_text(reply: str, options: Mapping[str, str]) -> str | None:
    text = reply.lower()
    if len(text) > 2 * sum(len(option) for option in options.values()):
        return None
    named = [letter for letter, option in options.items() if option.lower() in text]
    return named[0] if len(named) == 1 else None
