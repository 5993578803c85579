"""What gates are worth, on the asset's page: a table, and a plot of precision and recall with intervals.

Belongs here: showing rows of table gate_quality. Does not belong here: counting them (counting.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wethink_assets.presentation.markdown import cell
from wethink_assets.presentation.plots import figure_markdown

Row = Mapping[str, Any]


def table(rows: Sequence[Row]) -> str:
    """Markdown table with a line per gate, in their order; of rows over all sources, or of one."""
    known = any(row["bad_rows"] is not None for row in rows)
    names = ["gate", "looked at", "drops alone", "in the order", "no other drops"]
    names += ["precision %", "of bad rows %", "of its defect %"] if known else []
    names += ["calls", "cost", "calls saved", "cost saved"]
    lines = ["|" + "|".join(names) + "|", "|---" + "|---:" * (len(names) - 1) + "|"]
    for row in sorted(rows, key=lambda row: row["position"]):
        cells = [cell(row["gate"]), *(_count(row[n]) for n in ("looked_at", "dropped_alone", "dropped_first"))]
        cells.append(_count(row["dropped_only"]))
        if known:
            cells += [interval(row, "precision"), interval(row, "recall"), interval(row, "aimed_recall")]
        cells += [
            f"{row['calls']:,.0f}",
            f"{row['cost']:.4f}",
            f"{row['calls_saved']:,.0f}",
            f"{row['cost_saved']:.4f}",
        ]
        lines.append("|" + "|".join(cells) + "|")
    return "\n".join(lines)


def by_source(rows: Sequence[Row]) -> str:
    """Markdown table with a line per source: rows dropped by each gate, and how many of them were bad."""
    sources = sorted({row["source"] for row in rows} - {""})
    gates = [row["gate"] for row in sorted(rows, key=lambda row: row["position"]) if row["source"] == ""]
    told = {(row["source"], row["gate"]): row for row in rows}
    lines = ["|source|" + "|".join(map(cell, gates)) + "|", "|---" + "|---:" * len(gates) + "|"]
    for source in sources:
        cells = [_of_source(told.get((source, gate))) for gate in gates]
        lines.append("|" + "|".join([cell(source), *cells]) + "|")
    return "\n".join(lines)


def interval(row: Row, name: str) -> str:
    """A share in per cent with its interval, or a dash where nothing is known."""
    at = "aimed" if name == "aimed_recall" else name
    if row[name] is None:
        return "–"
    return f"{100 * row[name]:.1f} ({100 * row[f'{at}_low']:.1f}–{100 * row[f'{at}_high']:.1f})"


def plot(rows: Sequence[Row]) -> str:
    """Markdown image: precision, and recall of its own defect, per gate, with intervals of 95 %."""
    from matplotlib.figure import Figure

    shown = [row for row in sorted(rows, key=lambda row: row["position"]) if row["bad_rows"] is not None]
    if not shown:
        return "no truth known: nothing to plot"
    figure = Figure(figsize=(8, 0.8 + 0.22 * len(shown)), dpi=80, layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    for axes, name, at, title in zip(
        panels,
        ("precision", "aimed_recall"),
        ("precision", "aimed"),
        ("of what it drops, bad", "of its defect, found"),
        strict=True,
    ):
        known = [(place, row) for place, row in enumerate(shown) if row[name] is not None]
        values = [row[name] for _, row in known]
        errors = [
            [max(0.0, row[name] - row[f"{at}_low"]) for _, row in known],
            [max(0.0, row[f"{at}_high"] - row[name]) for _, row in known],
        ]
        axes.errorbar(values, [place for place, _ in known], xerr=errors, fmt="o", capsize=2, markersize=4)
        axes.set_title(title, fontsize=9)
        axes.set_xlim(-0.02, 1.02)
        axes.grid(alpha=0.3)
    panels[0].set_yticks(range(len(shown)), [row["gate"] for row in shown], fontsize=7)
    panels[0].invert_yaxis()
    return figure_markdown(figure, "precision and recall of the gates", too_large="too many gates for a plot")


def _count(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"


def _of_source(row: Row | None) -> str:
    if row is None:
        return "–"
    bad = f" ({row['bad_first']:,} bad)" if row["bad_first"] is not None and row["dropped_first"] else ""
    return f"{row['dropped_first']:,}{bad}"
