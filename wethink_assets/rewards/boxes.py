"""Bounding boxes: reading four corners out of a text, and the intersection over union of two boxes.

Belongs here: box syntax and overlap. Does not belong here: how much overlap is right (rule_several.py).
"""

from __future__ import annotations

import re

_BOX_NUMBERS = re.compile(r"-?(?:\d{1,15}(?:\.\d{1,15})?|\.\d{1,15})")
_BOX_TEXT = re.compile(r"[\s\[\](){},;:\"'xyXY12wh=._a-zA-Z\d-]*")
_BOX_WRAP = re.compile(r"```(?:json)?|</?box>|<\|box_(?:start|end)\|>", re.IGNORECASE)


def parse_box(text: str, *, bare: bool = False) -> tuple[float, float, float, float] | None:
    """x1, y1, x2, y2 of a text that holds four numbers and nothing but box syntax; `bare`: also without brackets."""
    text = _BOX_WRAP.sub(" ", text).replace("`", " ").strip()
    if len(text) > 200 or not (bare or any(c in text for c in "[({")):
        return None
    if not _BOX_TEXT.fullmatch(text):
        return None
    inside = re.sub(r"[A-Za-z_]+\d?(?:_?\d+d)?", " ", text)
    numbers = _BOX_NUMBERS.findall(inside)
    if len(numbers) != 4:
        return None
    x1, y1, x2, y2 = (float(n) for n in numbers)
    return (x1, y1, x2, y2) if x1 <= x2 and y1 <= y2 else None


def intersection_over_union(a: tuple[float, ...] | list[float], b: tuple[float, ...] | list[float]) -> float:
    """Intersection over union of two boxes; two equal boxes without area count as 1."""
    if list(a) == list(b):
        return 1.0
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared
    return shared / union if union > 0 else 0.0
