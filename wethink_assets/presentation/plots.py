"""Charts: Matplotlib figures as PNG, and as Markdown with the image inside, for Dagster's UI.

Belongs here: the one way from a figure to Markdown, its size limit, and charts of counts. Does not belong here: charts
of one room (its own metadata module), thumbnails (thumbnails.py), anything that decides.
"""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Mapping
from typing import Any

from wethink_assets.presentation.markdown import cell

MAX_PNG = 74_000  # bytes; base64 makes 99 KB of it, and Dagster's UI stays quick below 100 KB
COLOURS = 64  # of a chart that is larger in true colour


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
    figure.tight_layout()
    return figure_markdown(figure, title)


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
    figure.tight_layout()
    return figure_markdown(figure, title)


def figure_png(figure: Any, *, dpi: float | None = None) -> bytes:
    """PNG of a `matplotlib.figure.Figure`; it does not name the library's version.

    Drawn once: `savefig` draws a figure with a layout twice, and lays it out twice.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    if dpi is not None:
        figure.set_dpi(dpi)
    out = io.BytesIO()
    FigureCanvasAgg(figure).print_png(out, metadata={"Software": None})
    return out.getvalue()


def figure_markdown(figure: Any, title: str, *, too_large: str = "") -> str:
    """Markdown with a figure inside as PNG; see `png_markdown`."""
    return png_markdown(figure_png(figure), title, too_large=too_large)


def png_markdown(data: bytes, title: str, *, too_large: str = "") -> str:
    """Markdown with a PNG inside, of at most `MAX_PNG` bytes.

    A larger one is shown in fewer colours; where that does not suffice, `too_large`, or else the title, stands for it.
    """
    if len(data) > MAX_PNG:
        data = _in_fewer_colours(data)
    return embedded(data, "png", title) if len(data) <= MAX_PNG else too_large or title


def embedded(data: bytes, kind: str, title: str) -> str:
    """Markdown that holds an image of the media type image/`kind` itself, as a data URI."""
    return f"![{cell(title)}](data:image/{kind};base64,{base64.b64encode(data).decode('ascii')})"


def _in_fewer_colours(png: bytes) -> bytes:
    """The same chart on a palette: a few hues and the shades of their edges, in about a quarter of the bytes."""
    from PIL import Image

    out = io.BytesIO()
    with Image.open(io.BytesIO(png), formats=["PNG"]) as chart:
        chart.convert("RGB").quantize(COLOURS).save(out, "PNG", optimize=True)
    return out.getvalue()


def _figure(width: float, height: float) -> Any:
    os.environ.setdefault("MPLBACKEND", "Agg")
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), dpi=80)
