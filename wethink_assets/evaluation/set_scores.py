"""Scoring of one set: from the predictions of two policies to item scores and metrics.

Belongs here: putting rule, numbers and intervals together for a set. Does not belong here: any rule, any number
(set_numbers.py), Dagster. Pure.
"""

from __future__ import annotations

import csv
import string
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from wethink_assets.accounting import StageResult, Stopped
from wethink_assets.benchmark_sets.registry import Benchmark
from wethink_assets.evaluation.families.registry import family
from wethink_assets.evaluation.item import Item, option_letters
from wethink_assets.evaluation.scorers.vlmevalkit.versions import VERSIONS, Version
from wethink_assets.evaluation.scoring import HIDDEN, STRICT, CallModels, Scored, score_items
from wethink_assets.evaluation.set_numbers import numbers_of
from wethink_assets.written_rows import ItemScoreRow

NO_REPLY = "no_reply"
Verdicts = Mapping[str, Scored]  # by scorer
Answer = tuple[Mapping[str, Any], Item, Verdicts]  # a row of predictions, its item, the verdicts on it


def verdicts_by_set(
    items: Mapping[str, Sequence[Item]],
    predictions: Sequence[Mapping[str, Any]],
    sets: Sequence[Benchmark],
    ask: CallModels | None,
    kit: Version = VERSIONS["2026-05"],
) -> dict[str, list[Answer]]:
    """The verdicts on every prediction of the sets; predictions of items that are gone are left alone.

    `kit` is the version of VLMEvalKit whose verdicts are given beside ours.
    """
    by_name = {benchmark.name: benchmark for benchmark in sets}
    known = {(i.benchmark, i.item): i for name in by_name for i in items.get(name, ())}
    asked = [(p, known[p["benchmark"], p["item"]]) for p in predictions if (p["benchmark"], p["item"]) in known]
    families = {name: family(benchmark.rule) for name, benchmark in by_name.items()}
    tasks = [
        (position, scorer)
        for position, (_, item) in enumerate(asked)
        for scorer in families[item.benchmark].scorers(kit.scorer)
    ]
    judged = ask is not None
    scorings = score_items(
        [
            (families[item.benchmark].rule(scorer, judge=judged), item, prediction["reply"])
            for scorer, (prediction, item) in ((scorer, asked[position]) for position, scorer in tasks)
        ],
        ask,
    )
    verdicts: list[dict[str, Scored]] = [{} for _ in asked]
    for (position, scorer), verdict in zip(tasks, scorings, strict=True):
        verdicts[position][scorer] = verdict
    answers: dict[str, list[Answer]] = {name: [] for name in by_name}
    for (prediction, item), verdict in zip(asked, verdicts, strict=True):
        answers[item.benchmark].append((prediction, item, verdict))
    return answers


def score_set(
    benchmark: Benchmark,
    answers: Sequence[Answer],
    policies: Mapping[str, str],
    *,
    n_set: int,
    resamples: int,
    seed: int,
    rules_only: bool = False,
    contaminated: Collection[str] = (),
    kit: Version = VERSIONS["2026-05"],
) -> tuple[StageResult, dict[str, list[tuple[Item, Scored]]]]:
    """Item scores and metrics as rows of item_scores and scores, and the strict verdicts by policy.

    `policies` gives the kind of each policy id. `n_set` counts the set's items with those that
    could not be read, so that a number over fewer says so. `contaminated` names items that a source holds too.
    """
    verdicts: dict[str, dict[str, list[tuple[Item, Scored]]]] = {p: defaultdict(list) for p in policies}
    rows: list[ItemScoreRow] = []
    dropped, failed = [], []
    for prediction, item, by_scorer in answers:
        policy = prediction["policy_id"]
        for scorer, scored in by_scorer.items():
            verdicts[policy][scorer].append((item, scored))
        rows.append(_item_row(policy, item, by_scorer, kit))
        scored = by_scorer[STRICT]
        if scored.score is None:
            subject = f"{policy}:{item.subject}"
            if scored.verdict == HIDDEN:
                dropped.append(
                    Stopped(subject, "hidden_gold", "the set keeps its answers; the reply is in the submission file")
                )
            elif prediction["reply"] is None:
                failed.append(Stopped(subject, NO_REPLY, "the policy's call failed, so there is nothing to score"))
            else:
                failed.append(Stopped(subject, *_why_unscored(item, scored), scored.judge_call_id))
    numbers = [
        row
        for policy_id, policy_kind in policies.items()
        for scorer in family(benchmark.rule).scorers(kit.scorer)
        for row in numbers_of(
            benchmark,
            scorer,
            verdicts[policy_id][scorer],
            policy_id=policy_id,
            policy_kind=policy_kind,
            n_set=n_set,
            resamples=resamples,
            seed=seed,
            rules_only=rules_only,
            contaminated=contaminated,
        )
    ]
    result = StageResult(
        rows_in=len(answers),
        continued=len(answers) - len(dropped) - len(failed),
        rows={"item_scores": rows, "scores": numbers},
        dropped=dropped,
        failed=failed,
        details={"judged": sum(scored[STRICT].method == "judge" for _, _, scored in answers)},
    )
    return result, {policy: by_scorer[STRICT] for policy, by_scorer in verdicts.items()}


def _why_unscored(item: Item, scored: Scored) -> tuple[str, str]:
    """Reason and detail of an item with a reply and without a score."""
    if not scored.lost:
        if scored.method == "judge":
            return "judge_failed", "the judge gave no valid verdict; it is asked again in the next run"
        return "needs_judge", "only a judge can grade this, and none was asked (rules only)"
    gold, letters = (item.answer or "").strip(), option_letters(item.options)
    if letters and len(gold) == 1 and gold.upper() not in letters:
        return "unknown_option", f"the gold {gold!r} is none of the options {', '.join(letters)}: the file is wrong"
    return "unusable_gold", f"the rule of this set cannot use the gold {gold[:80]!r}"


def _item_row(policy: str, item: Item, by_scorer: Verdicts, version: Version) -> ItemScoreRow:
    own, kit = by_scorer[STRICT], by_scorer.get(version.scorer)
    return {
        "policy_id": policy,
        "benchmark": item.benchmark,
        "item": item.item,
        "extracted": _cut(own.extracted),
        "verdict": str(own.verdict),
        "score": own.score,
        "method": own.method,
        "judge_call_id": own.judge_call_id,
        "vlmevalkit_extracted": _cut(kit.extracted) if kit else None,
        "vlmevalkit_score": kit.score if kit else None,
        "vlmevalkit_method": kit.method if kit else None,
        "vlmevalkit_judge_call_id": kit.judge_call_id if kit else None,
        "vlmevalkit_version": version.name if kit else None,
    }


def _cut(text: str | None) -> str | None:
    return None if text is None else text[:2000]


def write_submission(path: Path, verdicts: Sequence[tuple[Item, Scored]]) -> int:
    """Write the submission file of a set that hides its gold: the predicted letters, as its authors take them.

    Returns the number of rows written; without a hidden gold no file is written. Cells stand as they are, also those
    that a spreadsheet would take for a formula: the authors' scripts read them back.
    """
    hidden = [(item, scored) for item, scored in verdicts if scored.verdict == HIDDEN]
    if not hidden:
        return 0
    path.parent.mkdir(parents=True, exist_ok=True)
    letters = string.ascii_uppercase[: max(len(item.options) for item, _ in hidden)]
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, delimiter="\t", lineterminator="\n")
        out.writerow(["index", "question", *letters, "prediction"])
        for item, scored in hidden:
            options = [*item.options, *[""] * (len(letters) - len(item.options))]
            out.writerow([item.item, item.question, *options, scored.extracted or ""])
    return len(hidden)
