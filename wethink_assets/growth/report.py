"""Growth report (scaling curve): what each trained policy scored by the size of its release, and what changed since.

Belongs here: rows of table growth_report, their order for readers, the curve. Pure.
Does not belong here: scoring and paired differences (evaluation/), reading (assets.py).

The paper's own growth step raised the mean and lowered two sets [R]: so a report shows every set, those that got worse
first, and never the mean alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wethink_assets.benchmark_sets.registry import HELDOUT
from wethink_assets.evaluation.report.number_format import figure, interval, p_value
from wethink_assets.presentation.markdown import cell
from wethink_assets.written_rows import GrowthReportRow

Row = Mapping[str, Any]
_ENDS = ("value", "low", "high")


@dataclass(frozen=True)
class Grown:
    """The release that a policy learned from: growth batches, rows, images, what their calls have cost."""

    release_id: str
    batches: int
    rows: int
    images: int
    cost: float


def report_rows(
    policy_id: str, previous_id: str | None, grown: Grown, headlines: Sequence[Row], changes: Sequence[Row]
) -> list[GrowthReportRow]:
    """One row per set of a policy. `headlines` are its rows of table scores, `changes` those of a scoreboard between
    the previous policy and it (none for the first).
    """
    change = {row["benchmark"]: row for row in changes}
    rows: list[GrowthReportRow] = []
    for headline in headlines:
        own = change.get(headline["benchmark"], {})
        rows.append(
            {
                "policy_id": policy_id,
                "benchmark": headline["benchmark"],
                "previous_id": previous_id,
                "release_id": grown.release_id,
                "batches": grown.batches,
                "rows": grown.rows,
                "images": grown.images,
                "cost": grown.cost,
                "scale": headline["scale"],
                "value": headline["value"],
                "low": headline["low"],
                "high": headline["high"],
                "n": own.get("n", 0),
                "delta": own.get("delta"),
                "delta_low": own.get("low"),
                "delta_high": own.get("high"),
                "p_holm": own.get("p_holm"),
            }
        )
    return rows


def worse(rows: Sequence[Row]) -> list[str]:
    """Sets on which a policy is worse than the one before, with the whole interval of the change below zero."""
    return [row["benchmark"] for row in rows if row["delta_high"] is not None and row["delta_high"] < 0]


def markdown(rows: Sequence[Row]) -> str:
    """The changes of one policy as a Markdown table: sure losses first, then sure gains, then what is not sure."""
    lines = [
        "| set | score | change since the policy before (95 % interval) | p (Holm) | items |",
        "|---|---|---|---|---|",
    ]
    for row in sorted(rows, key=_order):
        score = f"{figure(row['value'])} {interval(row['low'], row['high'])}" if row["low"] is not None else "–"
        if row["delta"] is None:
            told = "–"
        else:
            told = f"{row['delta']:+.1f}"
            if row["delta_low"] is not None:
                told += f" [{row['delta_low']:+.1f}, {row['delta_high']:+.1f}]"
        mark = "**" if _sure(row) else ""
        lines.append(
            f"| {mark}{cell(row['benchmark'])}{mark} | {score} | {told} | {p_value(row['p_holm'])} | {row['n']:,} |"
        )
    return "\n".join(lines)


def _sure(row: Row) -> bool:
    return row["delta_low"] is not None and (row["delta_low"] > 0 or row["delta_high"] < 0)


def _order(row: Row) -> tuple[int, float, str]:
    rank = 2 if not _sure(row) else 0 if row["delta"] < 0 else 1
    return rank, row["delta"] if row["delta"] is not None else 0.0, row["benchmark"]


def curve(rows: Sequence[Row]) -> Any:
    """Matplotlib figure of the held-out score and its interval over the rows of the releases, and every set in grey."""
    from matplotlib.figure import Figure

    figure_ = Figure(figsize=(6.4, 3.2), layout="constrained")
    axes = figure_.add_subplot()
    names = sorted({row["benchmark"] for row in rows})
    for name in names:
        own = sorted((r for r in rows if r["benchmark"] == name and r["value"] is not None), key=lambda r: r["rows"])
        if not own:
            continue
        sizes = [r["rows"] for r in own]
        values, lows, highs = ([100 * (r["value"] if r[k] is None else r[k]) / r["scale"] for r in own] for k in _ENDS)
        if name != HELDOUT:
            axes.plot(sizes, values, color="#c3cad2", lw=0.9, marker="o", ms=2)
            continue
        spread = [
            [max(0.0, v - end) for v, end in zip(values, lows, strict=True)],
            [max(0.0, end - v) for v, end in zip(values, highs, strict=True)],
        ]
        axes.errorbar(sizes, values, yerr=spread, color="#1f5a99", marker="o", ms=4, capsize=2, label="held-out")
    axes.plot([], [], color="#c3cad2", label="each evaluation set")
    axes.set_xlabel("rows of the release that the policy learned from", fontsize=8)
    axes.set_ylabel("percent of the set's scale; whiskers: 95 % interval", fontsize=8)
    axes.tick_params(labelsize=8)
    axes.grid(lw=0.4, color="#d5dbe1")
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(fontsize=8, frameon=False)
    return figure_


def batches_markdown(accounts: Sequence[Row], costs: Sequence[Row], order: Sequence[str]) -> str:
    """What each growth batch took, made and cost, as a Markdown table in the order of growth."""
    by_batch = {row["batch"]: row for row in accounts}
    paid = {row["batch"]: row for row in costs}
    lines = ["| batch | images | samples | samples an image | calls | cost |", "|---|---|---|---|---|---|"]
    for batch in order:
        if (account := by_batch.get(batch)) is None:
            continue
        images, samples, own = account["images"], account["samples"], paid.get(batch, {})
        gives = f"{samples / images:.2f}" if images else "–"
        spent = f"{own.get('calls', 0):,} | {own.get('cost', 0):.2f}"
        lines.append(f"| {cell(batch)} | {images:,} | {samples:,} | {gives} | {spent} |")
    return "\n".join(lines)
