"""Pictures for people: contact sheets as markdown with the image inside.

Belongs here: thumbnails that metadata shows, within its size. Does not belong here: charts (plots.py), anything that
decides.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from resources.storage.places import Located
from wethink_assets.decoding.inspect import Request, inspect_files
from wethink_assets.presentation.plots import embedded

LIMIT = 96_000  # bytes of markdown: Dagster's UI stays quick below 100 KB
CELL = 72  # pixels of a thumbnail's longer side
LINE, LETTER = 13, 6  # pixels of a caption's height and of a letter's width in Pillow's own font


def of_files(files: Mapping[str, Located | Path], *, columns: int = 8, title: str = "images") -> str:
    """Contact sheet of files by name, opened in a worker process; files that are no picture are left out."""
    found = thumbnails(files)
    return sheet([found[name] for name in files if name in found], columns=columns, title=title)


def thumbnails(files: Mapping[str, Located | Path]) -> dict[str, bytes]:
    """JPEG thumbnails by name, made in a worker process, of the files that are pictures."""
    places = {name: Located(file) if isinstance(file, Path) else file for name, file in files.items()}
    requests = [Request(name, file.path, read=file.read) for name, file in places.items()]
    return {r.key: r.thumbnail for r in inspect_files(requests, hashes=False, thumbnail=CELL, workers=1) if r.ok}


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
