"""Observations and clusters for the cluster bootstrap: which items count as one, and which depend on one another.

Belongs here: the usual observation (one per item, clustered by image) and grouping items. Does not belong here: groups
of one family alone (families/), intervals (statistics.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from wethink_assets.evaluation.item import Item
from wethink_assets.evaluation.statistics import Observation

Pair = tuple[Item, float]  # an item with its score of 0–1
Metrics = dict[str, list[Observation]]  # observations of each number, the headline number first
Observe = Callable[[str, Sequence[Pair]], Metrics]  # the headline number's name and the pairs


def per_item(metric: str, pairs: Sequence[Pair]) -> Metrics:
    """One observation per item; items that share images form a cluster."""
    return {metric: [Observation(image_cluster(item), score) for item, score in pairs]}


def image_cluster(item: Item) -> str:
    """The cluster of items that show the same images."""
    return ",".join(item.image_ids) or item.item


def grouped(pairs: Sequence[Pair], name: Callable[[Item], str]) -> dict[str, list[Pair]]:
    """Pairs grouped by the name that `name` gives their items."""
    groups: dict[str, list[Pair]] = defaultdict(list)
    for item, score in pairs:
        groups[name(item)].append((item, score))
    return groups
