"""The tables by category: along which columns a set's number is broken down.

Belongs here: dimensions of each set, the categories of an item. Does not belong here: any number (metrics.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from wethink_assets.benchmark_sets.tsv import python_literal, strings_in
from wethink_assets.evaluation.scoring import Item

Names = Mapping[str, Sequence[str]]  # categories of an item, by dimension

# OCRBench's authors add six classes up as text recognition.
TEXT_RECOGNITION = "Text Recognition"
_RECOGNITION = frozenset(
    f"{kind} Recognition"
    for kind in ("Regular Text", "Irregular Text", "Artistic Text", "Handwriting", "Digit String", "Non-Semantic Text")
)
# rule: columns of the file, of which the first is shown where there is room for one
_COLUMNS: dict[str, tuple[str, ...]] = {
    "mathvista": ("task", "skills"),
    "mathvision": ("category", "l2-category"),
    "mathverse": ("subject", "subfield", "problem_version"),
    "dynamath": ("subject", "knowledge_level"),
    "wemath": ("knowledge concept",),
    "logicvista": ("skill",),
    "chartqa": ("split",),
    "heldout": ("category", "source"),
}
_OTHERS = ("category", "l2-category")


def categories(rule: str, item: Item) -> Names:
    """Categories of an item by dimension; dimensions that its file lacks are left out."""
    if rule == "mmvet":
        found = capabilities(item)
        return {"capability": found, "capabilities": ["_".join(found)]} if found else {}
    if rule == "ocrbench":
        name = item.category or ""
        return {"category": [name], "group": [TEXT_RECOGNITION if name in _RECOGNITION else name]} if name else {}
    if rule == "mathverse":
        found = python_literal(str(item.extra.get("metadata") or ""))
        extra = {**item.extra, **(found if isinstance(found, dict) else {})}
    else:
        extra = {**item.extra, "category": item.category, "split": item.split}
    made = {}
    for column in _COLUMNS.get(rule, _OTHERS):
        if extra.get(column):
            made[column] = _several(str(extra[column]))
    return made


def _several(text: str) -> list[str]:
    """A cell's categories: a list's parts, each once, or the cell."""
    return list(dict.fromkeys(strings_in(text) or [text]))


def capabilities(item: Item) -> list[str]:
    """MMVet's capabilities of an item: its category, split at commas or written as a list."""
    raw = str(item.category or item.extra.get("capability") or "")
    try:
        parts = json.loads(raw) if raw.startswith("[") else raw.split(",")
    except ValueError:
        parts = strings_in(raw) or []
    return [str(p).strip() for p in parts if str(p).strip()]
