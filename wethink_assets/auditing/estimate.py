"""Estimated error of a release from audited rows (stratified estimator), with its interval, and agreement of people.

Belongs here: statistics. Pure. Does not belong here: drawing rows (sample.py), printing (cli/audits.py).

Sources: Cochran, Sampling Techniques, 5.3 (stratified mean, finite population correction); Kish, Survey Sampling, 11.7
(effective sample size of weighted rows); Wilson 1927 (score interval); Manski, Partial Identification of Probability
Distributions, 1.2 (bounds where nothing was observed); Cohen 1960 (kappa).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from wethink_assets.auditing.sample import Stratum, stratum_of
from wethink_assets.auditing.verdicts import VERDICTS

Z = 1.959964  # of 95 %
RIGHT = "right"


@dataclass
class Estimate:
    """Share of rows that are not right, 0 to 1, with an interval of 95 %; `rows` audited of `of`.

    `unseen`: rows of strata of which none was audited. The share takes them for like the others; the interval reaches
    from where all of them are right to where none is.
    """

    share: float
    low: float
    high: float
    rows: int
    of: int
    unseen: int = 0


@dataclass
class Report:
    """What the audit of a release comes to."""

    error: Estimate | None
    by_verdict: dict[str, int] = field(default_factory=dict)
    by_part: dict[str, dict[str, Estimate]] = field(default_factory=dict)
    persons: dict[str, int] = field(default_factory=dict)
    judged_twice: int = 0
    agreeing: int = 0
    kappa: float | None = None


def report(verdicts: Sequence[Mapping[str, Any]], strata: Mapping[Stratum, int]) -> Report:
    """From the verdicts on a release's rows (sample_id, person, verdict, source, category) and its strata.

    A row that people judge differently counts as what most say, at a tie as not right.
    """
    by_row: dict[str, dict[str, str]] = {}
    stratum: dict[str, Stratum] = {}
    for row in verdicts:
        by_row.setdefault(row["sample_id"], {})[row["person"]] = row["verdict"]
        stratum[row["sample_id"]] = stratum_of(row)
    decided = {sample_id: _decided(list(by_person.values())) for sample_id, by_person in by_row.items()}
    result = Report(_estimate(decided, stratum, strata))
    result.by_verdict = dict(Counter(decided.values()).most_common())
    result.persons = dict(Counter(row["person"] for row in verdicts).most_common())
    for position, part in enumerate(("source", "category")):
        values = sorted({key[position] for key in stratum.values()})
        result.by_part[part] = {
            value: estimate
            for value in values
            if (estimate := _of_part(decided, stratum, strata, position, value)) is not None
        }
    pairs = [pair for by_person in by_row.values() for pair in _pairs(by_person)]
    result.judged_twice = sum(len(by_person) > 1 for by_person in by_row.values())
    result.agreeing = sum(len(by_person) > 1 and len(set(by_person.values())) == 1 for by_person in by_row.values())
    result.kappa = kappa(pairs)
    return result


def course(verdicts: Sequence[Mapping[str, Any]], strata: Mapping[Stratum, int], points: int) -> list[Estimate]:
    """The estimate as it grew: after so many parts of the verdicts, in the order of `recorded_at`; the last is today's.

    A verdict that was replaced counts where the later one stands.
    """
    ordered = sorted(verdicts, key=lambda row: row["recorded_at"])
    ends = {round(len(ordered) * part / points) for part in range(1, points + 1)}
    by_row: dict[str, dict[str, str]] = {}
    stratum: dict[str, Stratum] = {}
    decided: dict[str, str] = {}
    found: list[Estimate] = []
    for number, row in enumerate(ordered, 1):
        said = by_row.setdefault(row["sample_id"], {})
        said[row["person"]] = row["verdict"]
        stratum[row["sample_id"]] = stratum_of(row)
        decided[row["sample_id"]] = _decided(list(said.values()))
        if number in ends and (estimate := _estimate(decided, stratum, strata)) is not None:
            found.append(estimate)
    return found


def _decided(verdicts: Sequence[str]) -> str:
    (first, most), *others = Counter(sorted(verdicts)).most_common()
    tied = [first, *(verdict for verdict, count in others if count == most)]
    return next((verdict for verdict in tied if verdict != RIGHT), first)


def _pairs(by_person: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    people = sorted(by_person)
    return [(by_person[a], by_person[b]) for i, a in enumerate(people) for b in people[i + 1 :]]


def _of_part(
    decided: Mapping[str, str],
    stratum: Mapping[str, Stratum],
    strata: Mapping[Stratum, int],
    position: int,
    value: str,
) -> Estimate | None:
    own = {key: rows for key, rows in strata.items() if key[position] == value}
    return _estimate({s: v for s, v in decided.items() if stratum[s][position] == value}, stratum, own)


def _estimate(
    decided: Mapping[str, str], stratum: Mapping[str, Stratum], strata: Mapping[Stratum, int]
) -> Estimate | None:
    """The stratified estimate of the strata of which rows were audited, and the bounds that the others leave it."""
    counts: dict[Stratum, list[int]] = {}
    for sample_id, verdict in decided.items():
        counts.setdefault(stratum[sample_id], []).append(verdict != RIGHT)
    known = {key: rows for key, rows in strata.items() if key in counts}
    total, of = sum(known.values()), sum(strata.values())
    if not total:
        return None
    audited = sum(map(len, counts.values()))
    weights = {key: rows / len(counts[key]) for key, rows in known.items()}  # rows that one audited row stands for
    share = min(1.0, sum(weights[key] * sum(errors) for key, errors in counts.items()) / total)
    # Kish's effective sample size. Strata make the variance smaller yet: of few errors it cannot be said by how much.
    effective = total**2 / sum(weight**2 * len(counts[key]) for key, weight in weights.items())
    left = 1 - audited / total  # finite population
    low, high = wilson(share, effective / left if left > 0 else math.inf)
    seen = total / of
    low, high = seen * low, min(1.0, seen * high + (1 - seen))
    return Estimate(share, min(low, share), max(high, share), audited, of, of - total)


def wilson(share: float, n: float) -> tuple[float, float]:
    """Score interval of 95 % of a share of `n` rows; of all rows, at infinity, the share itself."""
    if math.isinf(n):
        return share, share
    middle = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z * math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Cohen's kappa of two verdicts a row; None where it has no value."""
    if not pairs:
        return None
    both = [*pairs, *((b, a) for a, b in pairs)]  # who is first has no meaning
    observed = sum(a == b for a, b in both) / len(both)
    shares = Counter(a for a, _ in both)
    expected = sum((shares[verdict] / len(both)) ** 2 for verdict in VERDICTS)
    return (observed - expected) / (1 - expected) if expected < 1 else None
