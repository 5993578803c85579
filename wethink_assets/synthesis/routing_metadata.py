"""Agreement of rule and judge (inter-rater agreement), as a table and a plot.

Belongs here: showing rows of reward_agreements. Does not belong here: making them (route.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from wethink_assets.presentation.plots import figure_markdown

Rows = Sequence[Mapping[str, Any]]


def table(rows: Rows) -> str:
    """Markdown table of agreement and kappa per category and source, with a line per category over all sources."""
    lines = ["| category | source | rows | replies | decided | agreement | kappa |", "|---|---|---|---|---|---|---|"]
    for category, sources in _by_category(rows).items():
        total = {n: sum(r[n] for r in sources) for n in ("rows", "replies", "decided", "agreeing")}
        share = total["agreeing"] / total["decided"] if total["decided"] else None
        lines.append(
            f"| **{category}** | all | {total['rows']} | {total['replies']} | {total['decided']} | {_share(share)} | |"
        )
        for r in sources:
            kappa = "–" if r["kappa"] is None else f"{r['kappa']:.2f}"
            counts = f"{r['rows']} | {r['replies']} | {r['decided']}"
            lines.append(f"| {category} | {r['source']} | {counts} | {_share(r['agreement'])} | {kappa} |")
    return "\n".join(lines)


def plot(rows: Rows, least: float) -> str:
    """Markdown image: agreement per source, one panel per category; the line is the least that the check asks for."""
    from matplotlib.figure import Figure

    by_category = _by_category([row for row in rows if row["decided"]])
    if not by_category:
        return "no reply was decided by both"
    figure = Figure(figsize=(8, 2.6), dpi=80, layout="constrained")
    panels = figure.subplots(1, len(by_category), squeeze=False)[0]
    for axes, (category, sources) in zip(panels, by_category.items(), strict=True):
        axes.bar(range(len(sources)), [r["agreement"] for r in sources])
        axes.axhline(least, linewidth=0.8, color="black")
        axes.set_title(f"{category}: rule and judge agree", fontsize=9)
        axes.set_ylim(0, 1)
        axes.set_xticks(range(len(sources)), [r["source"] for r in sources], rotation=90, fontsize=5)
    return figure_markdown(figure, "agreement of rule and judge", too_large="too many sources for a plot")


def agreement(rows: Rows) -> float | None:
    """Observed agreement over all rows, 0 to 1; None where both decided on no reply."""
    decided = sum(r["decided"] for r in rows)
    return sum(r["agreeing"] for r in rows) / decided if decided else None


def _by_category(rows: Rows) -> dict[str, list[Mapping[str, Any]]]:
    groups: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row["category"]].append(row)
    return dict(sorted(groups.items()))


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"
