"""Option inference (VLMEvalKit's can_infer): which option it takes a reply to mean.

Belongs here: its inference from letters and option texts. Does not belong here: asking a judge (choice.py), our own
inference (scorers/choice.py).

Known defects, kept: letters count wherever they stand near the end, so "not B. It is C" means nothing and "A dog"
means A; an option's text counts inside a longer word or number, so "12" means option "2".
"""

from __future__ import annotations

from collections.abc import Mapping

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


def infer(reply: str, options: Mapping[str, str]) -> str | None:
    """A letter of `options`, "Z" where the reply declines to answer, None where nothing can be inferred."""
    return _by_letter(reply, options) or _by_text(reply, options)


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
