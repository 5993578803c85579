"""The scoreboard's pictures: bars with intervals, and a radar over the sets.

Belongs here: matplotlib, as PNG or Markdown. Does not belong here: tables (scoreboard.py), any number.
"""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Mapping, Sequence
from typing import Any

from wethink_assets.evaluation.registry import ALL_SETS, Benchmark

def plot(main: Sequence[Mapping[str, Any]], base_id: str, rl_id: str, sets: Sequence[Benchmark] = ALL_SETS) -> bytes:
    """Bars of both policies with intervals, in percent of each set's scale, as PNG."""
    from matplotlib.figure import Figure

    found = {(row["benchmark"], row["policy_id"]): row for row in main}
    names = [b.name for b in sets]
    figure = Figure(figsize=(8, 6), layout="constrained")
    axes = figure.add_subplot()
    for offset, policy, colour, label in ((0.2, base_id, "#9aa5b1", "base"), (-0.2, rl_id, "#2f6fb2", "RL")):
        places, widths, errors = [], [], []
        for place, name in enumerate(reversed(names)):
            row = found.get((name, policy))
            if row is None or row["value"] is None:
                continue
            part = 100 / row["scale"]
            low, high = (row["value"] if v is None else v for v in (row["low"], row["high"]))
            places.append(place + offset)
            widths.append(row["value"] * part)
            errors.append([max(0.0, row["value"] - low) * part, max(0.0, high - row["value"]) * part])
        error = [[e[0] for e in errors], [e[1] for e in errors]] if errors else None
        axes.barh(places, widths, 0.38, xerr=error, color=colour, label=label, error_kw={"lw": 0.8, "capsize": 2})
    axes.set_yticks(range(len(names)), list(reversed(names)), fontsize=8)
    axes.set_xlim(0, 100)
    axes.set_xlabel("score, percent of the set's scale, with 95 % interval")
    axes.legend(loc="lower right")
    return _png(figure)


def radar(main: Sequence[Mapping[str, Any]], base_id: str, rl_id: str, sets: Sequence[Benchmark] = ALL_SETS) -> bytes:
    """Both policies over the sets that have a number for both, in percent of each set's scale; the paper's RL figures dashed."""
    from matplotlib.figure import Figure

    found = {(row["benchmark"], row["policy_id"]): 100 * row["value"] / row["scale"] for row in main if row["value"] is not None}
    shown = [b for b in sets if (b.name, base_id) in found and (b.name, rl_id) in found]
    figure = Figure(figsize=(6.5, 6.5), layout="constrained")
    axes = figure.add_subplot(projection="polar")
    angles = [2 * math.pi * i / max(1, len(shown)) for i in range(len(shown))]
    lines = [
        (base_id, "#9aa5b1", "base", "-"),
        (rl_id, "#2f6fb2", "RL", "-"),
    ]
    for policy, colour, label, style in lines:
        values = [found[b.name, policy] for b in shown]
        axes.plot([*angles, *angles[:1]], [*values, *values[:1]], style, color=colour, label=label)
    paper = [(a, 100 * b.paper_rl / b.scale) for a, b in zip(angles, shown, strict=True) if b.paper_rl is not None]
    axes.plot([a for a, _ in paper], [v for _, v in paper], "x", color="#b2562f", label="WeThink-7B, the paper's [A]")
    axes.set_ylim(0, 100)
    axes.set_xticks(angles, [b.name for b in shown], fontsize=7)
    axes.legend(loc="lower right", fontsize=7)
    return _png(figure)


def _png(figure: Any) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    FigureCanvasAgg(figure)
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=80)
    return out.getvalue()


def picture(png: bytes, name: str) -> str:
    """Markdown that shows the image."""
    return f"![{name}](data:image/png;base64,{base64.b64encode(png).decode()})"
