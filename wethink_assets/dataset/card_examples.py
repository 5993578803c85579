"""Examples in the data set card: a few rows with their pictures, and the card without some of them.

Belongs here: which rows are shown, and their Markdown. Pure. Does not belong here: the rest of the card (card.py).

Pictures lie below `images/` beside the card. An export of a part of the rows keeps the examples of that part alone:
what may not be passed on is in no example either.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from resources.lake.store import Windows
from wethink_assets.presentation.markdown import cell

HEADING = "## Examples\n\n"
EXAMPLES, SEARCHED = 6, 10_000  # rows shown, and rows looked at for them
EXAMPLE = 700  # characters of a text


def examples_of(rows: Windows) -> list[dict[str, Any]]:
    """A few training rows of different sources, the first of each in the order of the release."""
    chosen: dict[str, str] = {}
    seen = 0
    for window in rows.only(["sample_id", "split", "source"]):
        for row in window:
            seen += 1
            if row["split"] == "train" and len(chosen) < EXAMPLES and seen <= SEARCHED:
                chosen.setdefault(row["source"], row["sample_id"])
        if len(chosen) == EXAMPLES or seen >= SEARCHED:
            break
    found: list[dict[str, Any]] = []
    for window in rows:
        found += [row for row in window if row["sample_id"] in chosen.values()]
        if len(found) == len(chosen):
            break
    return found


def section(examples: Sequence[Mapping[str, Any]]) -> str:
    """The part of a card that shows these rows."""
    return HEADING + "\n\n".join(map(_example, examples))


def only(card: str, shown: Collection[str]) -> str:
    """A card with those examples alone whose pictures are `shown`, by their `source_of`."""
    before, heading, rest = card.partition(HEADING)
    own, following, after = rest.partition("\n\n## ")
    examples = [one.strip() for one in re.split(r"(?=<img src=)", own) if one.strip()]
    kept = [one for one in examples if any(one.startswith(_img(source)) for source in shown)]
    if not kept:
        return before + (f"## {after}" if following else "")
    return before + heading + "\n\n".join(kept) + following + after


def shows(card: str, source: str) -> bool:
    """Whether a card shows the picture with this `source_of`."""
    return _img(source) in card


def _example(row: Mapping[str, Any]) -> str:
    """One row with its picture; a reader of the card sees its text as it is, and loads nothing from elsewhere."""
    parts = [
        f'{_img(source_of(row["image_path"]))} width="320" alt="{html.escape(row["source"], quote=True)}">',
        f"**{cell(row['source'])}, {cell(row['category'])}.** {cell(row['problem'], EXAMPLE)}",
        f"*Path:* {cell(row['refined_cot'], EXAMPLE)}",
        f"*Answer:* {cell(row['answer'], EXAMPLE)}",
    ]
    return "\n\n".join(parts)


def source_of(image_path: str) -> str:
    """The `src` by which a card names a picture of its export."""
    return html.escape(quote(f"images/{image_path}"), quote=True)


def _img(source: str) -> str:
    return f'<img src="{source}"'
