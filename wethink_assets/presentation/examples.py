"""A few rows with their images, as a table that people see on the asset's page.

Belongs here: thumbnails and Markdown. Does not belong here: which rows are shown (assets.py).
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Sequence
from typing import Any

from PIL import Image

from wethink_assets.presentation.markdown import cell

ROWS = 4
_SIDE = 112
_QUALITY = 70
_MAX_CELL_CHARS = 400


def pick(rows: Sequence[dict[str, Any]], *, count: int = ROWS) -> list[dict[str, Any]]:
    """Up to `count` rows of different images, spread over all rows."""
    firsts = list({row["image_id"]: row for row in reversed(rows)}.values())[::-1]
    return firsts[:: max(1, len(firsts) // count)][:count]


def example_table(shown: Sequence[dict[str, Any]], columns: Sequence[str], read: Callable[[str], bytes]) -> str:
    """Markdown with a thumbnail and `columns` for each of the rows."""
    lines = ["| image | " + " | ".join(c.replace("_", " ") for c in columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for row in shown:
        cells = [_thumbnail(row["image_id"], read), *(cell(row.get(column), _MAX_CELL_CHARS) for column in columns)]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _thumbnail(image_id: str, read: Callable[[str], bytes]) -> str:
    try:
        with Image.open(io.BytesIO(read(image_id))) as image:
            small = image.convert("RGB")
            small.thumbnail((_SIDE, _SIDE))
            out = io.BytesIO()
            small.save(out, "JPEG", quality=_QUALITY)
    except Exception:  # noqa: BLE001 - a picture for people must not stop the rows of a batch
        return image_id[:12]
    return f"![{image_id[:12]}](data:image/jpeg;base64,{base64.b64encode(out.getvalue()).decode()})"
