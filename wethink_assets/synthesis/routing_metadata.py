"""How far rule and judge agree, as a table and a picture.

Belongs here: showing rows of reward_agreements. Does not belong here: making them (route.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from wethink_assets.presentation.plots import figure_markdown

Rows = Sequence[Mapping[str, Any]]


def table(rows: Rows) -> str:
    """Markdown: one line a category and source, and one a category over all sources."""
    lines = ["| category | source | rows | replies | decided | agreement | kappa |", "|---|---|---|---|---|---|---|"]
    for category, found in _by_category(rows).items():
        total = {n: sum(r[n] for r in found) for n in ("rows", "replies", "decided", "agreeing")}
        share = total["agreeing"] / total["decided"] if total["decided"] else None
        lines.append(
            f"| **{category}** | all | {total['rows']} | {total['replies']} | {total['decided']} | {_share(share)} | |"
        )
        for r in found:
            kappa = "–" if r["kappa"] is None else f"{r['kappa']:.2f}"
            lines.append(
                f"| {category} | {r['source']} | {r['rows']} | {r['replies']} | {r['decided']} | {_share(r['agreement'])} | {kappa} |"
            )
    return "\n".join(lines)


def plot(rows: Rows, least: float) -> str:
    """Markdown image: the agreement of every source, one panel a category; the line is what the check asks for."""
    from matplotlib.figure import Figure

    by_category = {c: [r for r in found if r["decided"]] for c, found in _by_category(rows).items()}
    by_category = {c: found for c, found in by_category.items() if found}
    if not by_category:
        return "no reply was decided by both"
    figure = Figure(figsize=(8, 2.6), dpi=80, layout="constrained")
    panels = figure.subplots(1, len(by_category), squeeze=False)[0]
    for axes, (category, found) in zip(panels, by_category.items(), strict=True):
        axes.bar(range(len(found)), [r["agreement"] for r in found])
        axes.axhline(least, linewidth=0.8, color="black")
        axes.set_title(f"{category}: rule and judge agree", fontsize=9)
        axes.set_ylim(0, 1)
        axes.set_xticks(range(len(found)), [r["source"] for r in found], rotation=90, fontsize=5)
    return figure_markdown(figure, "agreement of rule and judge", too_large="too many sources for a plot")


def agreement(rows: Rows) -> float | None:
    """Over all rows; None where nothing was decided by both."""
    decided = sum(r["decided"] for r in rows)
    return sum(r["agreeing"] for r in rows) / decided if decided else None


def _by_category(rows: Rows) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["category"]].append(row)
    return dict(sorted(found.items()))


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"
