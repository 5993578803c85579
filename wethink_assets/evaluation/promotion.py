"""Promotion of an RL policy (model selection): at least as good as its base on held-out rows, or only stored.

Belongs here: that verdict, from the scoreboard. Pure. Does not belong here: differences and intervals (scoreboard.py),
what is refused without it (report/policy_export.py).

The rule is ours [D]: the difference itself decides, not whether its interval excludes zero, so that a policy is
promoted only where the best guess is that nothing was lost. The interval is recorded beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wethink_assets.benchmark_sets.registry import HELDOUT
from wethink_assets.evaluation.report.number_format import interval


def verdict(board: Sequence[Mapping[str, Any]], release_id: str | None) -> dict[str, Any] | None:
    """The row of table promotions that a scoreboard gives; None where held-out rows are none of its sets."""
    row = next((row for row in board if row["benchmark"] == HELDOUT), None)
    if row is None:
        return None
    promoted = row["delta"] is not None and row["delta"] >= 0
    columns = ("base_id", "n", "base", "rl", "delta", "low", "high")
    return {
        "policy_id": row["rl_id"],
        **{column: row[column] for column in columns},
        "release_id": release_id,
        "promoted": promoted,
        "why": _why(row, promoted),
    }


def _why(row: Mapping[str, Any], promoted: bool) -> str:
    if row["delta"] is None:
        return "no held-out row has a score for both policies: nothing is known of it"
    change = f"{row['delta']:+.1f}" + (f" {interval(row['low'], row['high'])}" if row["low"] is not None else "")
    beside = f"on {row['n']} held-out rows"
    return f"{change} {beside}" if promoted else f"below its base: {change} {beside}; stored, not promoted"
