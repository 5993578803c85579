"""Text of a release as other tools read it: one line a record, and no word that a tool takes for a picture's place.

Belongs here: JSON lines, placeholders, conversations as plain messages. Pure. Does not belong here: columns of a format
(its own module).
"""

from __future__ import annotations

import re

from wethink_assets.rewards.format import SYSTEM_PROMPT

PLACEHOLDER = "<image>"  # where LLaMA-Factory, EasyR1 and verl put the picture; each counts them
TEXTS = ("problem", "answer", "refined_cot")
_PLACES = re.compile(r"<(?=(?:image|video|audio)>)", re.IGNORECASE)

Message = dict[str, str]


def plain(text: str) -> str:
    """`text` with literal media placeholders broken (`< image>`), which a loader would take for a further picture."""
    return _PLACES.sub("< ", text)


def with_picture(problem: str) -> str:
    """The question behind one placeholder for its picture."""
    return PLACEHOLDER + plain(problem)


def reply(refined_cot: str, answer: str) -> str:
    """A reply in the format that the reward asks for: thinking part, then answer part."""
    return f"<think>{plain(refined_cot)}</think><answer>{plain(answer)}</answer>"


def prompt(user: str) -> list[Message]:
    """System prompt and question as plain messages."""
    return [{"role": "system", "content": SYSTEM_PROMPT}, {"role": "user", "content": user}]
