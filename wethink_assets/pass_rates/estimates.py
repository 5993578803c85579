"""pass@k (unbiased estimator) and exact binomial intervals (Clopper-Pearson) of pass rates.

Belongs here: arithmetic over counts of right answers. Pure. Does not belong here: where the counts come from
(measuring.py), the cluster bootstrap (evaluation/statistics.py).

Sources: Chen et al. 2021, arXiv 2107.03374, equation 1 (pass@k); Clopper and Pearson 1934 (the interval).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import comb
from typing import Any

from wethink_assets.evaluation.statistics import LEVEL, Estimate, Observation, difference, estimate

_STEPS = 60  # of a bisection: far below what a double holds apart


@dataclass(frozen=True, slots=True)
class Counted:
    """Right answers of one row: `correct` of `scored`. Rows of one `cluster` of images depend on one another."""

    cluster: str
    scored: int
    correct: int
    split: str = ""
    source: str = ""
    category: str = ""


def pass_at(k: int, scored: int, correct: int) -> float:
    """Unbiased estimate of the chance that one of `k` answers is right, where `correct` of `scored` were.

    Raises:
        ValueError: fewer than `k` answers were scored.
    """
    if k > scored:
        raise ValueError(f"pass@{k} of {scored} answers")
    return 1 - comb(scored - correct, k) / comb(scored, k)


@cache
def exact_interval(correct: int, scored: int) -> tuple[float, float]:
    """Clopper-Pearson interval of 95 % of a rate: it holds the true one at least that often, however few answers.

    0 of 5 reaches from 0 to 0.52.
    """
    tail = (1 - LEVEL) / 2
    low = 0.0 if correct == 0 else _root(lambda p: _at_least(correct, scored, p) < tail)
    high = 1.0 if correct == scored else _root(lambda p: 1 - _at_least(correct + 1, scored, p) > tail)
    return low, high


def _at_least(correct: int, scored: int, p: float) -> float:
    return sum(comb(scored, i) * p**i * (1 - p) ** (scored - i) for i in range(correct, scored + 1))


def _root(below: Any) -> float:
    """Where a condition that holds for small p ends."""
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle) else (low, middle)
    return (low + high) / 2


def of_rows(k: int, rows: Iterable[Counted], *, resamples: int, seed: int) -> tuple[int, Estimate]:
    """Number of rows with at least `k` scored answers, and pass@k over them with its interval."""
    seen = [Observation(r.cluster, pass_at(k, r.scored, r.correct)) for r in rows if r.scored >= k]
    return len(seen), estimate(seen, resamples=resamples, seed=seed)


def curve(rows: Sequence[Counted], answers: int, *, resamples: int, seed: int) -> list[dict[str, Any]]:
    """Rows of table pass_at_k without the policy: every k over all rows, and 1 and `answers` over each part of them."""
    parts: dict[tuple[str, str], list[Counted]] = {("all", ""): list(rows)}
    for row in rows:
        for part in ("split", "source", "category"):
            parts.setdefault((part, getattr(row, part)), []).append(row)
    table = []
    for (part, name), own in sorted(parts.items()):
        for k in range(1, answers + 1) if part == "all" else sorted({1, answers}):
            count, found = of_rows(k, own, resamples=resamples, seed=seed)
            if count:
                own_key = {"part": part, "name": name, "k": k, "rows": count}
                table.append(own_key | {"value": found.value, "low": found.low, "high": found.high})
    return table


def change(pairs: Iterable[Mapping[str, Any]], k: int, *, resamples: int, seed: int) -> tuple[int, Estimate]:
    """Number of rows that both policies answered at least `k` times, and RL's pass@k less the base's over them.

    `pairs` are rows of pass_rates/select_pairs.
    """
    both = [row for row in pairs if min(row["base_scored"], row["rl_scored"]) >= k]
    series = [
        [Observation(row["cluster_id"], pass_at(k, row[f"{of}_scored"], row[f"{of}_correct"])) for row in both]
        for of in ("base", "rl")
    ]
    return len(both), difference(*series, resamples=resamples, seed=seed)
