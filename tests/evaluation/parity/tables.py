"""The numbers of a set from both sides under the same labels, in percent (OCRBench: in hits).

Belongs here: laying VLMEvalKit's tables and ours beside each other. Does not belong here: making either.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from wethink_assets.benchmark_sets.registry import Benchmark
from wethink_assets.evaluation import metrics
from wethink_assets.evaluation.item import Item
from wethink_assets.evaluation.scoring import VLMEVALKIT, Scored
from wethink_assets.evaluation.statistics import mean

Numbers = dict[str, float]


def theirs(name: str, raw: dict[str, Any]) -> Numbers:
    """VLMEvalKit's table of a set as {label: value}."""
    if name == "WeMath":
        names = {
            "Score (Strict)": "score",
            "Score (Loose)": "loose_score",
            "One-step(S1)": "S1_accuracy",
            "Two-step(S2)": "S2_accuracy",
            "Three-step(S3)": "S3_accuracy",
        }
        return {label: float(raw[column][0].rstrip("%")) for column, label in names.items()}
    if name == "HallusionBench":
        return {
            label if split == "Overall" else f"{label}|{split}": raw[label][i]
            for i, split in enumerate(raw["split"])
            for label in ("aAcc", "fAcc", "qAcc")
        }
    if name == "DynaMath":
        cells = {}
        for i, setting in enumerate(raw["Setting"]):
            label = "average" if setting == "Average" else "worst_case"
            for column, values in raw.items():
                if column == "Overall":
                    cells[label] = 100 * values[i]
                elif column != "Setting":
                    cells[f"{label}|{column.partition('-')[2]}"] = 100 * values[i]
        return cells
    if name == "OCRBench":
        return {k: float(v) for k, v in raw.items() if not k.startswith("Final Score Norm")}
    for column in ("Task&Skill", "Subject", "Category"):
        if column in raw:
            return {str(k): v for k, v in zip(raw[column], raw["acc"], strict=True)}
    factor = 1 if name.startswith(("MathVerse", "ChartQA")) else 100
    return {str(k): factor * v[0] for k, v in raw.items() if k != "split"}


def ours(benchmark: Benchmark, scored: list[tuple[Item, Scored]], scorer: str = VLMEVALKIT) -> Numbers:
    """Our numbers by VLMEvalKit's rules under the same labels."""
    pairs = [(item, observations.score) for item, observations in scored if observations.score is not None]
    observations = metrics.observations(benchmark, pairs, scorer)
    split = metrics.breakdowns(benchmark, pairs, scorer)
    main = next(iter(observations))
    whole = {metric.removeprefix(f"{scorer}_"): 100 * mean(values) for metric, values in observations.items() if values}
    if benchmark.name == "WeMath":
        # the published rule divides by 525 composites, of which the synthetic file has 100
        n = len(observations[main])
        return {k: 100 - (100 - v) * n / 525 if "score" in k else v for k, v in whole.items()}
    if benchmark.name in ("HallusionBench", "DynaMath"):
        return whole | {
            f"{metric.removeprefix(scorer + '_')}|{name}": cell["value"]
            for metric, dimensions in split.items()
            for cells in dimensions.values()
            for name, cell in cells.items()
        }
    if benchmark.name == "OCRBench":
        hits: Counter[str] = Counter()
        for name, cell in split[main]["group"].items():
            hits[name] = round(cell["n"] * cell["value"] / benchmark.scale)
        return {**hits, "Final Score": float(sum(score for _, score in pairs))}
    cells = {
        name: cell["value"]
        for dimension, part in split.get(main, {}).items()
        if dimension != "capabilities"  # MMVet's combinations: a table of their own, with names of single ones in it
        for name, cell in part.items()
    }
    return {"Overall": 100 * mean(observations[main]), **cells}
