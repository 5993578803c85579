"""Flawed questions of the hard truth: they give their answer away, ask again, or two of their options say the same.

Belongs here: what a flawed question says. Does not belong here: how often there is one (faults.py).
"""

from __future__ import annotations

from typing import Any

from wethink_assets.demo.pack.scene import Item

# How a model asks again what it asked before: the question itself stays, by which its item is recognised.
AGAIN = (
    "In the picture: {}",
    "Looking at the image, {}",
    "{} Look closely.",
    "{} Answer from the image.",
    "Based on what is shown: {}",
    "Please say: {}",
    "{} (as seen in this picture)",
    "Think step by step and then answer: {}",
    "Consider the whole scene before you answer. {}",
)
_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def flawed(item: Item, flaw: str) -> dict[str, Any] | None:
    """What of an item's question is another one then; None where the item cannot have the flaw.

    The question still holds the item's own text, by which it is recognised.
    """
    if flaw == "answer_in_question":
        if item.category != "FIB" or item.answer_type != "text":
            return None
        return {"question": f"{item.question} (It is the one with {item.answer}.)"}
    if item.category != "MC":
        return None
    right = ord(item.answer) - 65
    other = _said_otherwise(item.options[right])
    place = next((n for n in range(len(item.options)) if chr(65 + n) not in (item.answer, item.wrong)), None)
    if other is None or place is None:
        return None
    return {"options": [other if n == place else option for n, option in enumerate(item.options)]}


def _said_otherwise(text: str) -> str | None:
    """The same in other writing."""
    if text.isdigit():
        return _WORDS[int(text)] if int(text) < len(_WORDS) else f"{text}.0"
    return text.upper() + "." if text.isalpha() else None
