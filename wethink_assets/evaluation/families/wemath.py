"""We-Math: composite problems with their single steps, scored by mastery of the whole.

Belongs here: composites, mastery, accuracy per number of steps. Does not belong here: comparing options (scorers/).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from wethink_assets.benchmark_sets.registry import Benchmark
from wethink_assets.evaluation.categories import by_columns
from wethink_assets.evaluation.families.family import Family
from wethink_assets.evaluation.item import Item
from wethink_assets.evaluation.observing import Metrics, Pair, grouped
from wethink_assets.evaluation.scorers import choice
from wethink_assets.evaluation.scorers.vlmevalkit import choice as kit
from wethink_assets.evaluation.scorers.vlmevalkit.cells import through_file
from wethink_assets.evaluation.scorers.vlmevalkit.verdicts import scored
from wethink_assets.evaluation.scorers.vlmevalkit.versions import by_version
from wethink_assets.evaluation.scoring import VLMEVALKIT, Scoring
from wethink_assets.evaluation.statistics import Observation
from wethink_assets.evaluation.wording import choice_lines

_WORTH = {"CM": 1.0, "IG": 0.5, "RM": 0.0, "IK": 0.0}


def vlmevalkit_without_judge(item: Item, reply: str) -> Scoring:
    """The first character after the last "Answer", brackets, colons and stops removed."""
    tail = re.sub(r"[><:.]", "", reply.split("Answer")[-1].strip()).strip()
    letter = tail[0] if tail and tail[0] in "ABCDEFGH" else None
    return scored(letter, letter, item.answer)
    yield  # a rule is a generator, also where it never asks


def composite(item: Item) -> str:
    """The composite problem of which the item is a step or the whole."""
    return str(item.extra.get("ID") or item.item)


def observe(metric: str, pairs: Sequence[Pair]) -> Metrics:
    """Mastery score: complete mastery counts 1, inadequate generalisation 0.5, rote memorisation and insufficient
    knowledge 0.

    Over all composites that is (N − 0.5·IG − RM − IK) / N; the published file has N = 525.
    """
    strict, loose, shares = [], [], defaultdict(list)
    for name, rows in grouped(pairs, composite).items():
        steps = [s for item, s in rows if not _is_multi(item)]
        whole = [s for item, s in rows if _is_multi(item)]
        if len(whole) != 1 or not steps:
            continue  # part of the composite is missing, so its mastery is unknown
        kind, loosely = mastery(steps, whole[0])
        strict.append(Observation(name, _WORTH[kind]))
        loose.append(Observation(name, _WORTH[loosely]))
        for other in _WORTH:
            shares[other].append(Observation(name, float(kind == other)))
    metrics: Metrics = {metric: strict, "loose_score": loose}
    for size in ("S1", "S2", "S3"):
        metrics[f"{size}_accuracy"] = [Observation(composite(i), s) for i, s in pairs if _size(i) == size]
    return metrics | {f"share_{kind}": observations for kind, observations in shares.items()}


def observe_concept(_metric: str, pairs: Sequence[Pair]) -> Metrics:
    """Accuracy of single steps: a composite has several concepts, each of its steps one."""
    return {"S1_accuracy": [Observation(composite(i), s) for i, s in pairs if _size(i) == "S1"]}


def mastery(steps: Sequence[float], whole: float) -> tuple[str, str]:
    """Mastery of a composite from its right and wrong steps: CM, IG, RM or IK, by the strict and the loose definition.

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


def wrapper_text(benchmark: Benchmark, item: Item) -> str:
    """Prompt text: the usual lines without the request to select, which We-Math's prompt builder leaves out [A]."""
    if benchmark.style == "question":
        return item.question + benchmark.suffix
    return "\n".join([*choice_lines(item), ""]) + benchmark.suffix


_ITS = {scorer: through_file(rule) for scorer, rule in by_version(kit.letter_equals_gold).items()}

FAMILY = Family(
    "wemath",
    strict=choice.letter_equals_gold,
    vlmevalkit=_ITS[VLMEVALKIT],
    vlmevalkit_versions=_ITS,
    vlmevalkit_without_judge=through_file(vlmevalkit_without_judge),
    judge_prompts=("choose_option",),
    metric="strict_score",
    observe=observe,
    observe_category=observe_concept,
    categories=by_columns("knowledge concept"),
    wrapper_text=wrapper_text,
)
