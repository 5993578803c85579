"""Pictures for people: contact sheets and bar charts as markdown with the image inside.

Belongs here: what metadata shows, within its size. Does not belong here: anything that decides.
"""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image

from resources.storage.places import Located
from wethink_assets.images.decoding import Request, inspect_files

LIMIT = 96_000  # bytes of markdown: Dagster's UI stays quick below 100 KB
CELL = 72  # pixels of a thumbnail's longer side


def of_files(files: Mapping[str, Located | Path], *, columns: int = 8, title: str = "images") -> str:
    """Contact sheet of files by name, opened in a worker process; files that are no picture are left out."""
    places = {name: Located(file) if isinstance(file, Path) else file for name, file in files.items()}
    requests = [Request(name, file.path, read=file.read) for name, file in places.items()]
    found = {r.key: r.thumbnail for r in inspect_files(requests, hashes=False, thumbnail=CELL, workers=1) if r.ok}
    return sheet([found[name] for name in files if name in found], columns=columns, title=title)


def sheet(thumbnails: Sequence[bytes], *, columns: int = 8, title: str = "images") -> str:
    """Markdown with one JPEG that shows all thumbnails in rows."""
    if not thumbnails:
        return f"_no {title}_"
    rows = -(-len(thumbnails) // columns)
    canvas = Image.new("RGB", (columns * (CELL + 4), rows * (CELL + 4)), (245, 245, 245))
    for place, data in enumerate(thumbnails):
        picture = Image.open(io.BytesIO(data), formats=["JPEG"])
        left, top = place % columns * (CELL + 4) + 2, place // columns * (CELL + 4) + 2
        canvas.paste(picture, (left + (CELL - picture.width) // 2, top + (CELL - picture.height) // 2))
    for quality in (80, 60, 40, 20):
        out = io.BytesIO()
        canvas.save(out, "JPEG", quality=quality)
        if len(out.getvalue()) * 4 // 3 < LIMIT:
            break
    return _markdown(out.getvalue(), "jpeg", title)


def bars(counts: Mapping[str, Mapping[str, int]], *, title: str) -> str:
    """Markdown with horizontal stacked bars: `counts[bar][part]`."""
    if not counts:
        return f"_{title}: nothing to show_"
    os.environ.setdefault("MPLBACKEND", "Agg")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 0.8 + 0.26 * len(counts)), dpi=80)
    axes = figure.add_subplot()
    names = list(counts)[::-1]
    left = [0] * len(names)
    for part in dict.fromkeys(p for parts in counts.values() for p in parts):
        widths = [counts[name].get(part, 0) for name in names]
        axes.barh(names, widths, left=left, label=part)
        left = [a + b for a, b in zip(left, widths, strict=True)]
    axes.set_title(title, fontsize=10)
    axes.tick_params(labelsize=8)
    axes.xaxis.get_major_locator().set_params(integer=True)
    if len({p for parts in counts.values() for p in parts}) > 1:
        axes.legend(fontsize=7, loc="upper left", bbox_to_anchor=(1, 1))
    figure.tight_layout()
    out = io.BytesIO()
    FigureCanvasAgg(figure).print_png(out)
    return _markdown(out.getvalue(), "png", title)


def _markdown(data: bytes, kind: str, title: str) -> str:
    return f"![{title}](data:image/{kind};base64,{base64.b64encode(data).decode('ascii')})"
