"""Numbers over a whole set: what counts as one observation, and which observations belong together.

Belongs here: circular groups, composites, variants, question pairs and figures. Does not belong here: one item's
verdict (scorers/), an item's categories (categories.py), intervals (statistics.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from wethink_assets.benchmark_sets.registry import Benchmark
from wethink_assets.evaluation.categories import categories
from wethink_assets.evaluation.scorers import STRICT
from wethink_assets.evaluation.scoring import Item
from wethink_assets.evaluation.statistics import Observation, mean

Pair = tuple[Item, float]
Metrics = dict[str, list[Observation]]
CIRCULAR_BASE = 1_000_000


def observations(benchmark: Benchmark, pairs: Sequence[Pair], scorer: str = STRICT) -> Metrics:
    """Observations of every number of the set, the headline number first. `pairs` are items with a score of 0–1."""
    found = _METRICS.get(benchmark.rule, _plain)(benchmark.metric, pairs)
    return found if scorer == STRICT else {metric_name(name, scorer): values for name, values in found.items()}


def metric_name(metric: str, scorer: str) -> str:
    """The name of a number by a scorer: `strict_accuracy` and `average` are ours, with `vlmevalkit_` they are its."""
    return metric if scorer == STRICT else f"{scorer}_{metric.removeprefix('strict_')}"


def breakdowns(
    benchmark: Benchmark, pairs: Sequence[Pair], scorer: str = STRICT
) -> dict[str, dict[str, dict[str, dict[str, Any]]]]:
    """Every number by category: {metric: {dimension: {category: {n, value}}}}, `n` observations, value in the set's scale."""
    split: dict[tuple[str, str], list[Pair]] = defaultdict(list)
    for item, score in pairs:
        for dimension, names in categories(benchmark.rule, item).items():
            # VLMEvalKit counts an MMVet item of one capability twice: for the capability and for the equal combination
            twice = scorer != STRICT and dimension == "capability" and len(names) == 1
            for name in names:
                split[dimension, name] += [(item, score)] * (2 if twice else 1)
    made: dict[str, dict[str, dict[str, dict[str, Any]]]] = defaultdict(lambda: defaultdict(dict))
    for (dimension, name), part in sorted(split.items()):
        found = _concept(part) if benchmark.rule == "wemath" else observations(benchmark, part)
        for metric, values in found.items():
            if values:
                cell = {"n": len(values), "value": benchmark.scale * mean(values)}
                made[metric_name(metric, scorer)][dimension][name] = cell
    return {metric: dict(tables) for metric, tables in made.items()}


def _concept(pairs: Sequence[Pair]) -> Metrics:
    """A composite has several concepts, each of its steps one: so a concept is measured on single steps."""
    return {"S1_accuracy": [Observation(composite(i), s) for i, s in pairs if _size(i) == "S1"]}


def _image(item: Item) -> str:
    return ",".join(item.image_ids) or item.item


def _plain(metric: str, pairs: Sequence[Pair]) -> Metrics:
    return {metric: [Observation(_image(item), score) for item, score in pairs]}


def _circular(metric: str, pairs: Sequence[Pair]) -> Metrics:
    """A question is a hit only when every rotation of its options is. Questions about one picture belong together."""
    groups = _grouped(pairs, circular_group)
    return {
        metric: [Observation(_image(rows[0][0]), min(s for _, s in rows)) for rows in groups.values()],
        "rotation_accuracy": [Observation(_image(item), score) for item, score in pairs],
    }


def circular_group(item: Item) -> str:
    """The question that a rotation belongs to."""
    return str(int(item.item) % CIRCULAR_BASE) if item.item.isdigit() else item.item


def _variants(metric: str, pairs: Sequence[Pair]) -> Metrics:
    groups = _grouped(pairs, variant_group)
    return {
        metric: [Observation(name, min(s for _, s in rows)) for name, rows in groups.items()],
        "average": [Observation(variant_group(item), score) for item, score in pairs],
    }


def variant_group(item: Item) -> str:
    """DynaMath's question, of which the item is one variant."""
    return str(item.extra.get("qid") or item.item)


def composite(item: Item) -> str:
    """WeMath's composite problem, of which the item is a step or the whole."""
    return str(item.extra.get("ID") or item.item)


def _composites(metric: str, pairs: Sequence[Pair]) -> Metrics:
    """We-Math: complete mastery 1, inadequate generalisation 0.5, rote memorisation and insufficient knowledge 0.

    Over all composites that is (N − 0.5·IG − RM − IK) / N; the published file has N = 525.
    """
    strict, loose, counted = [], [], defaultdict(list)
    for name, rows in _grouped(pairs, composite).items():
        steps = [s for item, s in rows if not _is_multi(item)]
        whole = [s for item, s in rows if _is_multi(item)]
        if len(whole) != 1 or not steps:
            continue  # part of the composite is missing, so nobody can say what was mastered
        kind, loosely = mastery(steps, whole[0])
        strict.append(Observation(name, _WORTH[kind]))
        loose.append(Observation(name, _WORTH[loosely]))
        for other in _WORTH:
            counted[other].append(Observation(name, float(kind == other)))
    made: Metrics = {metric: strict, "loose_score": loose}
    for size in ("S1", "S2", "S3"):
        made[f"{size}_accuracy"] = [Observation(composite(i), s) for i, s in pairs if _size(i) == size]
    return made | {f"share_{kind}": found for kind, found in counted.items()}


_WORTH = {"CM": 1.0, "IG": 0.5, "RM": 0.0, "IK": 0.0}


def mastery(steps: Sequence[float], whole: float) -> tuple[str, str]:
    """What right and wrong steps and the composite say: CM, IG, RM or IK, by the strict and by the loose definition.

    Loosely, a right composite is rote memorisation only where all of its steps are wrong.
    """
    wrong = sum(s < 1 for s in steps)
    if whole < 1:
        kind = "IG" if wrong == 0 else "IK"
        return kind, kind
    return ("CM" if wrong == 0 else "RM"), ("RM" if wrong == len(steps) else "CM")


def _key(item: Item) -> str:
    return str(item.extra.get("key") or "").strip().lower()


def _is_multi(item: Item) -> bool:
    return _key(item).endswith("multi")


def _size(item: Item) -> str | None:
    key = _key(item)
    if not _is_multi(item):
        return "S1" if "steps" in key else None
    return {"2": "S2", "3": "S3"}.get(key[:1])


def _hallusion(metric: str, pairs: Sequence[Pair]) -> Metrics:
    """Mean of aAcc (questions), fAcc (figures: all its questions) and qAcc (questions: right on all its figures)."""
    all_ = [Observation(_place(item)[0], score, "aAcc") for item, score in pairs]
    figures = _grouped(pairs, lambda item: "|".join(_place(item)[:2]))
    questions = _grouped(pairs, lambda item: "|".join((_place(item)[0], _place(item)[2])))
    figure = [Observation(_place(rows[0][0])[0], min(s for _, s in rows), "fAcc") for rows in figures.values()]
    question = [Observation(_place(rows[0][0])[0], min(s for _, s in rows), "qAcc") for rows in questions.values()]
    return {metric: [*all_, *figure, *question], "aAcc": all_, "fAcc": figure, "qAcc": question}


def _place(item: Item) -> tuple[str, str, str]:
    """(set, figure, question) of an index such as VD_figure_0_3_1_0."""
    parts = item.item.split("_")
    if len(parts) < 6:
        return item.item, item.item, item.item
    kind = item.extra.get("l2-category") or "_".join(parts[:2])
    return f"{kind}_{parts[3]}", parts[4], parts[5]


def _grouped(pairs: Sequence[Pair], name: Callable[[Item], str]) -> dict[str, list[Pair]]:
    groups: dict[str, list[Pair]] = defaultdict(list)
    for item, score in pairs:
        groups[name(item)].append((item, score))
    return groups


_METRICS: dict[str, Callable[[str, Sequence[Pair]], Metrics]] = {
    "mmbench": _circular,
    "dynamath": _variants,
    "wemath": _composites,
    "hallusion": _hallusion,
}
