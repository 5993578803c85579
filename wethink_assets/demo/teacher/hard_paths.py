"""Flawed reasoning paths of the hard truth, in the wordings of real models (hard_paths.json).

Belongs here: filling a wording in. Does not belong here: how often there is one (faults.py).

The wordings were written by somebody who had not seen the row filters, so that what the filters catch of them says
something.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from wethink_assets.demo.pack.scene import Item


@cache
def wordings() -> dict[str, list[str]]:
    """Templates by flaw; they name {path}, {first}, {rest}, {answer} and {other}."""
    return json.loads(Path(__file__).with_name("hard_paths.json").read_text("utf-8"))


def spoilt(path: str, answer: str, item: Item, pick: Callable[[Sequence[str]], str]) -> tuple[str, str]:
    """A path with a flaw, and which."""
    how = pick(sorted(wordings()))
    first, _, rest = path.partition(". ")
    other = item.wrong
    if item.category == "MC":
        other = f"{item.wrong}. {item.options[ord(item.wrong) - 65]}"
    parts = {"path": path, "first": first.rstrip(".") + ".", "rest": rest or path, "answer": answer, "other": other}
    text = pick(wordings()[how])
    for name, value in parts.items():
        text = text.replace("{" + name + "}", value)
    return how, text
