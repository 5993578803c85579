"""Example rows: a few rows of an asset with their images, as a Markdown table on the asset's page.

Belongs here: choosing rows that differ, and the table. Does not belong here: which rows are shown (the rooms'
assets.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from wethink_assets.presentation.markdown import cell
from wethink_assets.presentation.thumbnails import thumbnail_markdown

ROWS = 4
_SIDE = 112  # pixels of a thumbnail
_MAX_CELL_CHARS = 400


def pick(rows: Sequence[Mapping[str, Any]], *, count: int = ROWS) -> list[Mapping[str, Any]]:
    """Up to `count` rows of different images, spread over all rows."""
    firsts = list({row["image_id"]: row for row in reversed(rows)}.values())[::-1]
    return firsts[:: max(1, len(firsts) // count)][:count]


def example_table(
    shown: Sequence[Mapping[str, Any]],
    columns: Sequence[str],
    read: Callable[[str], bytes],
    link: Callable[[Mapping[str, Any]], str] | None = None,
) -> str:
    """Markdown table with a thumbnail and `columns` of each of the rows. `read` gives the bytes of an image by its id,
    `link` the Markdown of a link to a row's own page.

    An image that cannot be read or decoded is named by the first twelve characters of its id.
    """
    pictures = thumbnail_markdown({i: partial(read, i) for i in (row["image_id"] for row in shown)}, _SIDE)
    names = ["image", *(column.replace("_", " ") for column in columns), *(["row"] if link else [])]
    lines = ["| " + " | ".join(names) + " |", "|---" * len(names) + "|"]
    for row in shown:
        cells = [pictures[row["image_id"]], *(cell(row.get(column), _MAX_CELL_CHARS) for column in columns)]
        cells += [link(row)] if link else []
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)
