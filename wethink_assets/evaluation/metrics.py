"""Benchmark metrics: the observations of every number of a set and its breakdown by category.

Belongs here: naming the numbers of a scorer and splitting them by category. Does not belong here: what a family counts
as one observation (families/), one item's verdict (families/), intervals (statistics.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from wethink_assets.benchmark_sets.registry import Benchmark
from wethink_assets.evaluation.families.registry import family
from wethink_assets.evaluation.observing import Metrics, Pair
from wethink_assets.evaluation.scoring import STRICT
from wethink_assets.evaluation.statistics import mean


def observations(benchmark: Benchmark, pairs: Sequence[Pair], scorer: str = STRICT) -> Metrics:
    """Observations of every metric of the set, the headline number first. `pairs` are items with a score of 0–1."""
    metrics = family(benchmark.rule).observe(benchmark.metric, pairs)
    return metrics if scorer == STRICT else {metric_name(name, scorer): values for name, values in metrics.items()}


def metric_name(metric: str, scorer: str) -> str:
    """The name of a metric by a scorer: `strict_accuracy` and `average` are ours, with `vlmevalkit_` they are its."""
    return metric if scorer == STRICT else f"{scorer}_{metric.removeprefix('strict_')}"


def breakdowns(
    benchmark: Benchmark, pairs: Sequence[Pair], scorer: str = STRICT
) -> dict[str, dict[str, dict[str, dict[str, Any]]]]:
    """Breakdown of every metric by category: {metric: {dimension: {category: {n, value}}}}.

    `n` counts observations; `value` is in the set's scale.
    """
    own = family(benchmark.rule)
    split: dict[tuple[str, str], list[Pair]] = defaultdict(list)
    for item, score in pairs:
        for dimension, names in own.categories(item).items():
            times = 1 if scorer == STRICT else own.times_counted(dimension, names)
            for name in names:
                split[dimension, name] += [(item, score)] * times
    observe = own.observe_category or own.observe
    tables: dict[str, dict[str, dict[str, dict[str, Any]]]] = defaultdict(lambda: defaultdict(dict))
    for (dimension, name), part in sorted(split.items()):
        for metric, values in observe(benchmark.metric, part).items():
            if values:
                cell = {"n": len(values), "value": benchmark.scale * mean(values)}
                tables[metric_name(metric, scorer)][dimension][name] = cell
    return {metric: dict(dimensions) for metric, dimensions in tables.items()}
