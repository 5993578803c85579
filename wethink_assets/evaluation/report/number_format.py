"""Number formatting: how scores, intervals and p-values are written, the same on every page and in every table.

Belongs here: digits, signs, dashes. Does not belong here: making any number.
"""

from __future__ import annotations

MISSING = "–"


def figure(value: float | None, sign: str = "") -> str:
    """A score with one decimal; a dash where there is none. `sign` "+" writes a plus."""
    return MISSING if value is None else f"{value:{sign}.1f}"


def interval(low: float | None, high: float | None, sign: str = "") -> str:
    """An interval as [low, high]; nothing where a bound is not known."""
    return "" if low is None or high is None else f"[{low:{sign}.1f}, {high:{sign}.1f}]"


def p_value(p: float | None) -> str:
    """A p-value with three decimals; never zero, which no test on draws can say."""
    if p is None:
        return MISSING
    return "<0.001" if p < 0.0005 else f"{p:.3f}"
