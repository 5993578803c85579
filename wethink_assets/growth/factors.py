"""Factors of growth plans: how much more counts what the trained policy is weak at, or can still learn from.

Belongs here: factors by name (of sources, of abilities), shrunk towards 1 where little is known. Pure. Does not belong
here: what they multiply (plan.py, abilities.py), reading the evidence (evidence.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

PRIOR_ANSWERS = 20  # held-out answers that an accuracy is shrunk towards the mean with [D]
MOST_WEAK, LEAST_WEAK = 2.0, 0.5  # limits of the factor of weakness, at a boost of 1 [D]
PRIOR_RATED = 20  # rows with a pass rate, likewise for the share that teaches something [D]
MOST_TAUGHT, LEAST_TAUGHT = 1.25, 0.5  # limits of the factor of what teaches something [D]


class Learnt(Protocol):
    """How well something is learnt: the trained policy's accuracy (0–1, None where nothing was asked) over `answers`
    held-out questions; training rows with a pass rate of the base policy, and how many teach something.
    """

    @property
    def accuracy(self) -> float | None: ...
    @property
    def answers(self) -> int: ...
    @property
    def rated(self) -> int: ...
    @property
    def learnable(self) -> int: ...


def weakness(known: Mapping[str, Learnt], boost: float) -> dict[str, float]:
    """By name: above 1 where the trained policy is weaker than on the mean."""
    seen = {name: (one.accuracy, one.answers) for name, one in known.items() if one.accuracy is not None}
    asked = sum(n for _, n in seen.values())
    if not asked or not boost:
        return dict.fromkeys(known, 1.0)
    mean = sum(accuracy * n for accuracy, n in seen.values()) / asked
    factors = {}
    for name in known:
        own, n = seen.get(name, (mean, 0))
        shrunk = (own * n + mean * PRIOR_ANSWERS) / (n + PRIOR_ANSWERS)
        behind = (mean - shrunk) / max(mean, 0.05)
        factors[name] = min(max(1 + boost * behind, LEAST_WEAK), 1 + boost * (MOST_WEAK - 1))
    return factors


def teaching(known: Mapping[str, Learnt]) -> dict[str, float]:
    """By name: below 1 where fewer rows teach something than on the mean.

    A row that the base policy answers always or never teaches nothing: the completions of a group earn the same.
    """
    learnable, rated = sum(one.learnable for one in known.values()), sum(one.rated for one in known.values())
    if not learnable:
        return dict.fromkeys(known, 1.0)
    mean = learnable / rated
    shares = {name: (one.learnable + PRIOR_RATED * mean) / (one.rated + PRIOR_RATED) for name, one in known.items()}
    return {name: min(max(share / mean, LEAST_TAUGHT), MOST_TAUGHT) for name, share in shares.items()}


def told(one: Learnt, weak: float, taught: float) -> str:
    """What both factors rest on, in words; nothing of a factor that is 1."""
    words = ""
    if one.accuracy is not None and abs(weak - 1) >= 0.005:
        words += f"; held-out accuracy {one.accuracy:.0%} of {one.answers}: x{weak:.2f}"
    if one.rated and abs(taught - 1) >= 0.005:
        words += f"; {one.learnable:,} of {one.rated:,} rated rows are solved neither always nor never: x{taught:.2f}"
    return words
