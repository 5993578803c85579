"""What people see of pass rates: pass@k as curve and table, and how many rows are always, never, sometimes right.

Belongs here: pictures and tables. Pure. Does not belong here: any number (estimates.py), Dagster.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from wethink_assets.pass_rates.estimates import Counted
from wethink_assets.presentation.markdown import cell
from wethink_assets.presentation.plots import figure_markdown

Point = Mapping[str, Any]
_COLOURS = {"base": "#8a94a0", "rl": "#1f5a99"}


def table(points: Sequence[Point]) -> str:
    """Markdown table of pass@k in per cent, over all rows and over each part."""
    lines = ["| part | | k | rows | pass@k % | 95 % interval |", "|---" * 6 + "|"]
    for point in points:
        ends = [f"{100 * point[end]:.1f}" for end in ("low", "high") if point[end] is not None]
        of = [point["part"], cell(point["name"]), point["k"], point["rows"], f"{100 * point['value']:.1f}"]
        lines.append("| " + " | ".join([*map(str, of), "–".join(ends)]) + " |")
    return "\n".join(lines)


def plot(own: Sequence[Point], base: Sequence[Point], counts: Sequence[Counted], kind: str) -> str:
    """Markdown image: pass@k over k with its interval, and rows by the share of their answers that is right."""
    if not own:
        return "_Pass rates: no row was scored_"
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 2.8), dpi=80, layout="constrained")
    curve, shares = figure.subplots(1, 2)
    for points, name in ((base, "base"), (own, kind)):
        if not points:
            continue
        xs, ys = [p["k"] for p in points], [p["value"] for p in points]
        curve.plot(xs, ys, marker="o", markersize=3, color=_COLOURS[name], label="RL" if name == "rl" else name)
        known = [p for p in points if p["low"] is not None and p["high"] is not None]
        if known:
            ends = [[p[end] for p in known] for end in ("low", "high")]
            curve.fill_between([p["k"] for p in known], *ends, color=_COLOURS[name], alpha=0.2)
    curve.set_ylim(0, 1)
    curve.set_xlabel("k")
    curve.set_title("pass@k", fontsize=10)
    curve.grid(alpha=0.3)
    curve.legend(fontsize=8)
    bins = Counter(round(10 * c.correct / c.scored) for c in counts)
    shares.bar([b / 10 for b in bins], list(bins.values()), width=0.08, color=_COLOURS[kind])
    shares.set_xlabel("share of answers that is right")
    shares.set_title("rows", fontsize=10)
    return figure_markdown(figure, "pass rates")
