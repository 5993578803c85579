"""Charts become Markdown of bounded size."""

from __future__ import annotations

import os

import numpy as np
from matplotlib.figure import Figure

from wethink_assets.presentation import plots


def figure(noise: int) -> Figure:
    """A figure whose PNG grows with its noise, of so many pixels a side."""
    drawn = Figure(figsize=(4, 4), dpi=100)
    drawn.figimage(np.random.default_rng(0).random((noise, noise, 3)))
    return drawn


def test_a_figure_becomes_markdown(picture_of):
    shown = plots.figure_markdown(figure(20), "noise")
    assert shown.startswith("![noise](data:image/png;base64,") and picture_of(shown).size == (400, 400)
    assert plots.figure_png(figure(20)) == plots.figure_png(figure(20))
    assert b"matplotlib" not in plots.figure_png(figure(20)).lower()
    assert plots.png_markdown(plots.figure_png(figure(20)), "noise") == shown


def test_a_figure_that_is_too_large_is_named():
    data = plots.figure_png(figure(380))
    assert len(data) > 4 * plots.MAX_PNG
    assert plots.figure_markdown(figure(380), "noise") == "noise"
    assert plots.png_markdown(data, "noise", too_large="too much noise") == "too much noise"
    at_the_limit = data[: plots.MAX_PNG]
    assert 90_000 < len(plots.png_markdown(at_the_limit, "noise")) < 100_000


def test_a_chart_that_is_too_large_is_shown_in_fewer_colours(picture_of):
    data = plots.figure_png(figure(190))
    shown = plots.png_markdown(data, "noise")
    assert len(data) > plots.MAX_PNG and len(shown) < 100_000
    small = picture_of(shown)
    assert small.size == (400, 400) and len(small.convert("RGB").getcolors(1000)) <= plots.COLOURS


def test_bars_and_histograms_are_small_pictures(picture_of):
    bars = plots.bars({"coco": {"pool": 3, "stopped": 1}}, title="files")
    assert picture_of(bars).width > 100 and len(bars) < 100_000
    distances = plots.histograms({"a": {0: 3, 2: 1}, "b": {}}, {"a": 4, "b": 40}, title="distances")
    assert picture_of(distances).width > 100 and len(distances) < 100_000
    assert plots.bars({}, title="files") == "_files: nothing to show_"
    assert plots.histograms({"a": {}}, {"a": 4}, title="distances") == "_distances: nothing to show_"
    assert os.environ.get("MPLBACKEND") == "Agg"
