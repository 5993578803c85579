"""Difficulty band: which rows a policy learns from, by how often the base policy answers them rightly (pass rate).

Belongs here: that rule. Pure. Does not belong here: measuring rates (pass_rates/), other reasons to leave a row out
(training/rows.py).
"""

from __future__ import annotations

from wethink_assets.settings import PassRateSettings

TOO_EASY, TOO_HARD = "pass_rate_above_band", "pass_rate_below_band"


def outside(settings: PassRateSettings, source: str, rate: float) -> tuple[str, str] | None:
    """Reason and detail of a row whose rate lies outside its band; None of one inside."""
    low, high = settings.bands.get(source, settings.band)
    if low <= rate <= high:
        return None
    why = (
        f"the base policy is right about it in {rate:.0%} of its answers, and {low:.0%} to {high:.0%} are learned from"
    )
    return (TOO_HARD if rate < low else TOO_EASY), why
