"""Charts for people as markdown with the image inside.

Belongs here: what metadata shows of numbers, within its size. Does not belong here: thumbnails (contact_sheet.py),
anything that decides.
"""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Mapping
from typing import Any


def bars(counts: Mapping[str, Mapping[str, int]], *, title: str) -> str:
    """Markdown with horizontal stacked bars: `counts[bar][part]`."""
    if not counts:
        return f"_{title}: nothing to show_"
    figure = _figure(7, 0.8 + 0.26 * len(counts))
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
    return _png(figure, title)


def histograms(panels: Mapping[str, Mapping[int, int]], limits: Mapping[str, int], *, title: str) -> str:
    """Markdown with a histogram for each panel, `panels[name][value]`, from 0 to a line at its limit."""
    if not any(panels.values()):
        return f"_{title}: nothing to show_"
    figure = _figure(7, 2.4)
    for place, (name, counts) in enumerate(panels.items(), 1):
        axes = figure.add_subplot(1, len(panels), place)
        axes.bar(list(counts), list(counts.values()), width=0.9)
        axes.axvline(limits[name] + 0.5, color="firebrick", linewidth=1, linestyle="--")
        axes.set_xlim(-0.7, limits[name] + 1.5)
        axes.set_title(name, fontsize=9)
        axes.tick_params(labelsize=8)
        for axis in (axes.xaxis, axes.yaxis):
            axis.get_major_locator().set_params(integer=True)
    return _png(figure, title)


def embedded(data: bytes, kind: str, title: str) -> str:
    """Markdown that holds the image itself."""
    return f"![{title}](data:image/{kind};base64,{base64.b64encode(data).decode('ascii')})"


def _figure(width: float, height: float) -> Any:
    os.environ.setdefault("MPLBACKEND", "Agg")
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), dpi=80)


def _png(figure: Any, title: str) -> str:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure.tight_layout()
    out = io.BytesIO()
    FigureCanvasAgg(figure).print_png(out)
    return embedded(out.getvalue(), "png", title)
