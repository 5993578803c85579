"""Score plots of the scoreboard: bars with intervals, and a radar chart over the sets.

Belongs here: matplotlib, as PNG. Does not belong here: tables (scoreboard.py), any number.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from wethink_assets.benchmark_sets.registry import ALL_SETS, Benchmark
from wethink_assets.presentation.plots import figure_png

# Two hues that stay apart for colour-blind readers and in grey print; the paper's marks are hollow.
BASE, RL, PAPER = "#8a94a0", "#1f5a99", "#c4622d"
_DPI = 110
_AREA = (0.2, -0.2)


def short(name: str) -> str:
    """A set's name as it fits beside a plot."""
    for cut in ("_MINI_Vision_Only", "_MINI", "_TEST", "_DEV_VAL"):
        name = name.replace(cut, "")
    return name.replace("_", " ")


def plot(main: Sequence[Mapping[str, Any]], base_id: str, rl_id: str, sets: Sequence[Benchmark] = ALL_SETS) -> bytes:
    """Bar chart of both policies with intervals, in percent of each set's scale, and the paper's RL figures, as PNG."""
    from matplotlib.figure import Figure

    by_policy = {(row["benchmark"], row["policy_id"]): row for row in main}
    names = [b.name for b in sets]
    figure = Figure(figsize=(6.4, 0.36 * len(names) + 1.1), layout="constrained")
    axes = figure.add_subplot()
    for offset, policy, colour, label in ((_AREA[0], base_id, BASE, "base"), (_AREA[1], rl_id, RL, "RL")):
        places, widths, errors = [], [], []
        for place, name in enumerate(reversed(names)):
            row = by_policy.get((name, policy))
            if row is None or row["value"] is None:
                continue
            part = 100 / row["scale"]
            low, high = (row["value"] if v is None else v for v in (row["low"], row["high"]))
            places.append(place + offset)
            widths.append(row["value"] * part)
            errors.append([max(0.0, row["value"] - low) * part, max(0.0, high - row["value"]) * part])
        error = [[e[0] for e in errors], [e[1] for e in errors]] if errors else None
        axes.barh(
            places,
            widths,
            0.38,
            xerr=error,
            color=colour,
            label=label,
            error_kw={"lw": 0.8, "capsize": 2, "ecolor": "#1c2733"},
        )
    paper = [(100 * b.paper_rl / b.scale, i) for i, b in enumerate(reversed(sets)) if b.paper_rl is not None]
    axes.plot(
        [v for v, _ in paper],
        [i for _, i in paper],
        "D",
        mfc="none",
        mec=PAPER,
        ms=4.5,
        label="WeThink-7B, the paper's [A]",
    )
    axes.set_yticks(range(len(names)), [short(name) for name in reversed(names)], fontsize=8)
    axes.set_ylim(-0.6, len(names) - 0.4)
    axes.set_xlim(0, 101)
    axes.tick_params(axis="x", labelsize=8)
    axes.grid(axis="x", lw=0.4, color="#d5dbe1")
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_xlabel("score in percent of the set's scale; whiskers: 95 % interval", fontsize=8)
    figure.legend(loc="outside upper center", ncols=3, fontsize=8, frameon=False)
    return figure_png(figure, dpi=_DPI)


def radar(main: Sequence[Mapping[str, Any]], base_id: str, rl_id: str, sets: Sequence[Benchmark] = ALL_SETS) -> bytes:
    """Radar chart of both policies as PNG, over the sets that have a number for both, in percent of each set's scale.

    The paper's RL figures are marks on it.
    """
    from matplotlib.figure import Figure

    percent = {
        (row["benchmark"], row["policy_id"]): 100 * row["value"] / row["scale"]
        for row in main
        if row["value"] is not None
    }
    shown = [b for b in sets if (b.name, base_id) in percent and (b.name, rl_id) in percent]
    figure = Figure(figsize=(6.2, 6.2), layout="constrained")
    axes: Any = figure.add_subplot(projection="polar")  # PolarAxes
    axes.set_theta_offset(math.pi / 2)
    axes.set_theta_direction(-1)
    angles = [2 * math.pi * i / max(1, len(shown)) for i in range(len(shown))]
    for policy, colour, label in ((base_id, BASE, "base"), (rl_id, RL, "RL")):
        values = [percent[b.name, policy] for b in shown]
        axes.plot([*angles, *angles[:1]], [*values, *values[:1]], "-", lw=1.4, color=colour, label=label)
        axes.fill(angles, values, color=colour, alpha=0.12)
    paper = [(a, 100 * b.paper_rl / b.scale) for a, b in zip(angles, shown, strict=True) if b.paper_rl is not None]
    axes.plot(
        [a for a, _ in paper],
        [v for _, v in paper],
        "D",
        mfc="none",
        mec=PAPER,
        ms=4.5,
        label="WeThink-7B, the paper's [A]",
    )
    axes.set_ylim(0, 100)
    axes.set_yticks([20, 40, 60, 80, 100], ["20", "40", "60", "80", "100"], fontsize=7, color="#6b7785")
    axes.set_rlabel_position(180 / max(1, len(shown)))
    axes.set_xticks(angles, [short(b.name) for b in shown], fontsize=8)
    for label, angle in zip(axes.get_xticklabels(), angles, strict=True):  # beside the circle, not on it
        side = math.sin(angle)
        label.set_horizontalalignment("center" if abs(side) < 0.1 else "left" if side > 0 else "right")
    axes.grid(lw=0.4, color="#d5dbe1")
    axes.spines["polar"].set_color("#d5dbe1")
    figure.legend(loc="outside lower center", ncols=3, fontsize=8, frameon=False)
    return figure_png(figure, dpi=_DPI)
