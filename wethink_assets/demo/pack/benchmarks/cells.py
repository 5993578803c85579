"""Cells that rows of several sample evaluation sets share: the row type, items by category, lettered options.

Belongs here: what math_rows.py and general_rows.py both need. Does not belong here: the columns of any set
(math_rows.py, general_rows.py).
"""

from __future__ import annotations

from typing import Any

from wethink_assets.demo.pack.items import LETTERS
from wethink_assets.demo.pack.scene import Item, Scene

Row = dict[str, Any]


def of_category(scene: Scene, category: str) -> list[Item]:
    return [i for i in scene.items if i.category == category]


def lettered(item: Item) -> dict[str, str]:
    return dict(zip(LETTERS, item.options, strict=False))
