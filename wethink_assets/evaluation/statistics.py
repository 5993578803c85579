"""Confidence intervals and tests: cluster bootstrap, paired randomisation test, Holm's step-down correction.

Belongs here: arithmetic over observations. Does not belong here: what an observation is (metrics.py). Pure; numpy only.

Items that share an image, a question family or a composite are not independent, so whole clusters are drawn. A number
is the mean over its parts of the mean within each part: one part for an accuracy, three for HallusionBench.
Clusters with equal sums are interchangeable, so a draw is one multinomial over the few distinct kinds of clusters:
10,000 draws over thousands of items cost milliseconds, and are exactly the bootstrap.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

LEVEL = 0.95
POWER = 0.8
_DETECTABLE = NormalDist().inv_cdf(1 - (1 - LEVEL) / 2) + NormalDist().inv_cdf(POWER)
_CELLS = 4_000_000  # cells of one block of draws: 32 MB


@dataclass(frozen=True)
class Observation:
    """One observation of a metric: a value within `cluster`, counted in `part` of the number."""

    cluster: str
    value: float
    part: str = ""


@dataclass(frozen=True)
class Estimate:
    """A point estimate with its 95 % confidence interval.

    They are None where there is nothing to estimate, the interval also where there is only one cluster. `error` is the
    standard error; `p` the two-sided p-value of a difference.
    """

    value: float | None
    low: float | None
    high: float | None
    error: float | None = None
    p: float | None = None

    def scaled(self, factor: float) -> Estimate:
        scaled = (None if v is None else v * factor for v in (self.value, self.low, self.high, self.error))
        return Estimate(*scaled, self.p)

    @property
    def detectable(self) -> float | None:
        """Minimum detectable effect: what a test at 5 % finds in 4 of 5 repetitions; None where nothing varied."""
        return None if not self.error else _DETECTABLE * self.error


NOTHING = Estimate(None, None, None)


def mean(observations: Sequence[Observation]) -> float:
    """The point estimate: the mean over parts of the mean within each part."""
    sums, counts = _sums([observations])
    return float(_number(sums.sum(0), counts.sum(0))[0])


def estimate(observations: Sequence[Observation], *, resamples: int, seed: int) -> Estimate:
    """The point estimate and its percentile interval by cluster bootstrap.

    At 0 and 1 the interval is the exact binomial one (Clopper–Pearson) over clusters, since a bootstrap has no width
    there.
    """
    if not observations:
        return NOTHING
    sums, counts = _sums([observations])
    value = float(_number(sums.sum(0), counts.sum(0))[0])
    drawn = _draws(sums, counts, resamples, seed)
    low, high, error = _spread(drawn[:, 0] if drawn is not None else None)
    # Where nothing was ever right, or wrong, no draw can say how rare the other is; the exact bound can.
    if error == 0 and value in (0.0, 1.0):
        bound = ((1 - LEVEL) / 2) ** (1 / len(sums))
        low, high = (value, 1 - bound) if value == 0 else (bound, value)
    return Estimate(value, low, high, error)


def difference(first: Sequence[Observation], second: Sequence[Observation], *, resamples: int, seed: int) -> Estimate:
    """Paired difference, second − first, with both from the same draw of clusters.

    What is easy or hard for both cancels out. Both must hold the same observations with other values. `p` is that of
    the paired randomisation test, which swaps the two series within whole clusters.
    """
    if not first or not second:
        return NOTHING
    sums, counts = _sums([first, second])
    values = _number(sums.sum(0), counts.sum(0))
    drawn = _draws(sums, counts, resamples, seed)
    spread = _spread(None if drawn is None else drawn[:, 1] - drawn[:, 0])
    return Estimate(float(values[1] - values[0]), *spread, _swapped(sums, counts, resamples, seed))


def holm(p_values: Mapping[str, float | None]) -> dict[str, float | None]:
    """Holm's step-down correction of p-values for multiple tests; None stays None and does not count."""
    known = sorted((p, name) for name, p in p_values.items() if p is not None)
    corrected: dict[str, float | None] = dict.fromkeys(p_values)
    largest = 0.0
    for rank, (p, name) in enumerate(known):
        largest = max(largest, min(1.0, p * (len(known) - rank)))
        corrected[name] = largest
    return corrected


def _swapped(sums: np.ndarray, counts: np.ndarray, draws: int, seed: int) -> float | None:
    """Paired randomisation test: how often chance alone gives a difference as large.

    Of clusters with equal differences, a binomial share flips.
    """
    if len(sums) < 2:
        return None
    total = counts[:, 0].sum(0)
    weight = np.divide(sums[:, 1] - sums[:, 0], total, out=np.zeros_like(sums[:, 0]), where=total > 0).sum(1)
    sizes, frequency = np.unique(np.round(np.abs(weight), 15), return_counts=True)
    random = np.random.default_rng([seed, 1])
    signs = 2 * random.binomial(frequency, 0.5, size=(draws, len(sizes))) - frequency
    differences = np.abs(signs @ sizes)
    return float((1 + np.count_nonzero(differences >= abs(weight.sum()) - 1e-12)) / (draws + 1))


def _sums(series: Sequence[Sequence[Observation]]) -> tuple[np.ndarray, np.ndarray]:
    """Sum and count of values per cluster, series and part: two arrays [clusters, series, parts]."""
    clusters = {c: i for i, c in enumerate(dict.fromkeys(o.cluster for s in series for o in s))}
    parts = {p: i for i, p in enumerate(sorted({o.part for s in series for o in s}))}
    sums = np.zeros((len(clusters), len(series), len(parts)))
    counts = np.zeros_like(sums)
    for number, observations in enumerate(series):
        rows = np.fromiter((clusters[o.cluster] for o in observations), np.intp, len(observations))
        columns = np.fromiter((parts[o.part] for o in observations), np.intp, len(observations))
        values = np.fromiter((o.value for o in observations), float, len(observations))
        np.add.at(sums[:, number], (rows, columns), values)
        np.add.at(counts[:, number], (rows, columns), 1.0)
    return sums, counts


def _number(sums: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Mean over parts of sum / count; parts that a draw left empty do not count."""
    with np.errstate(invalid="ignore", divide="ignore"):
        means = sums / counts
    filled = counts > 0
    number = filled.sum(-1)
    total = np.where(filled, means, 0.0).sum(-1)
    return np.divide(total, number, out=np.full(total.shape, np.nan), where=number > 0)


def _draws(sums: np.ndarray, counts: np.ndarray, resamples: int, seed: int) -> np.ndarray | None:
    """The number in each draw: [resamples, series]; None where a single cluster leaves nothing to draw."""
    clusters, series, parts = sums.shape
    if clusters < 2:
        return None
    flat = np.concatenate([sums.reshape(clusters, -1), counts.reshape(clusters, -1)], 1)
    kinds, frequency = np.unique(flat, axis=0, return_counts=True)
    random = np.random.default_rng(seed)
    block = max(1, min(resamples, _CELLS // len(kinds)))
    out = np.empty((resamples, series))
    for start in range(0, resamples, block):
        size = min(block, resamples - start)
        times = random.multinomial(clusters, frequency / clusters, size=size).astype(float)
        both = times @ kinds
        half = series * parts
        shape = (size, series, parts)
        out[start : start + size] = _number(both[:, :half].reshape(shape), both[:, half:].reshape(shape))
    return out


def _spread(drawn: np.ndarray | None) -> tuple[float | None, float | None, float | None]:
    """Ends of the interval, and the standard error."""
    if drawn is None:
        return None, None, None
    drawn = drawn[~np.isnan(drawn)]
    if not drawn.size:
        return None, None, None
    tail = (1 - LEVEL) / 2 * 100
    low, high = np.percentile(drawn, [tail, 100 - tail])
    return float(low), float(high), float(drawn.std())
