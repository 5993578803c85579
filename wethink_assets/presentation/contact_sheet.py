"""Contact sheets: many thumbnails on one JPEG, as Markdown with the image inside.

Belongs here: arranging thumbnails, within the size that metadata bears. Does not belong here: making one
(thumbnails.py), charts (plots.py), which images are shown.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from resources.storage.places import Located
from wethink_assets.presentation.plots import embedded
from wethink_assets.presentation.thumbnails import thumbnails

LIMIT = 96_000  # bytes of Markdown: Dagster's UI stays quick below 100 KB
CELL = 72  # pixels of a thumbnail's longer side
LINE, LETTER = 13, 6  # pixels of a caption's height and of a letter's width in Pillow's own font


def of_files(files: Mapping[str, Located | Path], *, columns: int = 8, title: str = "images") -> str:
    """Contact sheet of files by name, opened in a worker process; files that are no picture are left out."""
    small = thumbnails(files, CELL)
    return sheet([small[name] for name in files if name in small], columns=columns, title=title)


def sheet(pictures: Sequence[bytes], *, columns: int = 8, title: str = "images") -> str:
    """Markdown with one JPEG that shows all thumbnails in rows."""
    return captioned([("", [data]) for data in pictures], columns=columns, title=title)


def captioned(cells: Sequence[tuple[str, Sequence[bytes]]], *, columns: int = 8, title: str = "images") -> str:
    """Markdown with one JPEG: cells of one or more thumbnails side by side, over a line of text."""
    if not cells:
        return f"_no {title}_"
    across = max(len(pictures) for _, pictures in cells)
    wide, high = across * (CELL + 4), CELL + 4 + (LINE if any(caption for caption, _ in cells) else 0)
    rows = -(-len(cells) // columns)
    canvas = Image.new("RGB", (min(columns, len(cells)) * wide, rows * high), (245, 245, 245))
    draw = ImageDraw.Draw(canvas)
    for place, (caption, pictures) in enumerate(cells):
        left, top = place % columns * wide + 2, place // columns * high + 2
        for number, data in enumerate(pictures):
            picture = Image.open(io.BytesIO(data), formats=["JPEG"])
            start = left + number * (CELL + 4)
            canvas.paste(picture, (start + (CELL - picture.width) // 2, top + (CELL - picture.height) // 2))
        draw.text((left, top + CELL + 1), caption[: wide // LETTER], fill=(40, 40, 40))
    for quality in (80, 60, 40, 20):
        out = io.BytesIO()
        canvas.save(out, "JPEG", quality=quality)
        if len(out.getvalue()) * 4 // 3 < LIMIT:
            break
    return embedded(out.getvalue(), "jpeg", title)
