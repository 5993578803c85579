"""From predictions of two policies to the item scores and numbers of one set.

Belongs here: putting rule, numbers and intervals together for a set. Does not belong here: any rule, Dagster. Pure.
"""

from __future__ import annotations

import csv
import string
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from wethink_assets.accounting import StageResult, Stopped
from wethink_assets.evaluation import metrics
from wethink_assets.evaluation.registry import BY_NAME, Benchmark
from wethink_assets.evaluation.scorers import RULES
from wethink_assets.evaluation.scoring import HIDDEN, Ask, Item, Scored, score_items
from wethink_assets.evaluation.statistics import estimate

Answer = tuple[Mapping[str, Any], Item, Scored]  # a row of predictions, its item, its verdict


def verdicts_by_set(
    items: Mapping[str, Sequence[Item]],
    predictions: Sequence[Mapping[str, Any]],
    names: Collection[str],
    ask: Ask | None,
) -> dict[str, list[Answer]]:
    """The verdict on every prediction of the named sets; predictions of items that are gone are left alone."""
    known = {(i.benchmark, i.item): i for name in names for i in items.get(name, ())}
    asked = [(p, known[p["benchmark"], p["item"]]) for p in predictions if (p["benchmark"], p["item"]) in known]
    scored = score_items([(RULES[BY_NAME[i.benchmark].rule], i, p["reply"]) for p, i in asked], ask)
    found: dict[str, list[Answer]] = {name: [] for name in names}
    for (prediction, item), verdict in zip(asked, scored, strict=True):
        found[item.benchmark].append((prediction, item, verdict))
    return found


def score_set(
    benchmark: Benchmark,
    answers: Sequence[Answer],
    policies: Mapping[str, str],
    *,
    n_set: int,
    resamples: int,
    seed: int,
) -> tuple[StageResult, dict[str, list[tuple[Item, Scored]]]]:
    """Rows of item_scores and scores, and the verdicts by policy. `policies` gives the kind of each policy id.

    `n_set` counts the set's items with those that could not be read, so that a number over fewer says so.
    """
    verdicts: dict[str, list[tuple[Item, Scored]]] = {policy: [] for policy in policies}
    rows, dropped, failed = [], [], []
    for prediction, item, found in answers:
        verdicts[prediction["policy_id"]].append((item, found))
        rows.append(
            {"policy_id": prediction["policy_id"], "benchmark": benchmark.name, "item": item.item,
             "extracted": None if found.extracted is None else found.extracted[:2000], "verdict": str(found.verdict),
             "score": found.score, "method": found.method, "judge_call_id": found.judge_call_id}
        )  # fmt: skip
        if found.score is None:
            subject = f"{prediction['policy_id']}:{item.subject}"
            if found.verdict == HIDDEN:
                dropped.append(
                    Stopped(subject, "hidden_gold", "the set keeps its answers; the reply is in the submission file")
                )
            elif prediction["reply"] is None:
                failed.append(Stopped(subject, "no_reply", "the policy's call failed, so there is nothing to score"))
            else:
                detail = "the gold is unusable, or the judge gave no valid verdict"
                failed.append(Stopped(subject, "not_scored", detail, found.judge_call_id))
    numbers = [
        row
        for policy, kind in policies.items()
        for row in _numbers(benchmark, policy, kind, verdicts[policy], n_set, resamples, seed)
    ]
    result = StageResult(
        rows_in=len(answers),
        continued=sum(found.score is not None for _, _, found in answers),
        rows={"item_scores": rows, "scores": numbers},
        dropped=dropped,
        failed=failed,
        details={"judged": sum(found.method == "judge" for _, _, found in answers)},
    )
    return result, verdicts


def _numbers(
    benchmark: Benchmark,
    policy: str,
    kind: str,
    verdicts: Sequence[tuple[Item, Scored]],
    n_set: int,
    resamples: int,
    seed: int,
) -> list[dict[str, Any]]:
    pairs = [(item, found.score) for item, found in verdicts if found.score is not None]
    hidden = sum(found.verdict == HIDDEN for _, found in verdicts)
    found = metrics.observations(benchmark, pairs)
    by_category = metrics.breakdown(benchmark, pairs)
    rows = []
    for name, values in found.items():
        number = estimate(values, resamples=resamples, seed=seed).scaled(benchmark.scale)
        rows.append(
            {"policy_id": policy, "policy_kind": kind, "benchmark": benchmark.name, "metric": name,
             "main": name == benchmark.metric, "value": number.value, "low": number.low, "high": number.high,
             "scale": benchmark.scale, "n": len(pairs), "n_set": n_set, "n_failed": n_set - len(pairs) - hidden,
             "breakdown": by_category if name == benchmark.metric else {}}
        )  # fmt: skip
    return rows


def write_submission(path: Path, verdicts: Sequence[tuple[Item, Scored]]) -> int:
    """The predicted letters of items whose gold is hidden, as the set's authors take them. Returns the rows written."""
    hidden = [(item, found) for item, found in verdicts if found.verdict == HIDDEN]
    if not hidden:
        return 0
    path.parent.mkdir(parents=True, exist_ok=True)
    letters = string.ascii_uppercase[: max(len(item.options) for item, _ in hidden)]
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, delimiter="\t", lineterminator="\n")
        out.writerow(["index", "question", *letters, "prediction"])
        for item, found in hidden:
            options = [*item.options, *[""] * (len(letters) - len(item.options))]
            out.writerow([item.item, item.question, *options, found.extracted or ""])
    return len(hidden)
