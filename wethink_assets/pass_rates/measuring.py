"""Measuring pass rates: the requests for several sampled answers of each row, and the rows that their verdicts make.

Belongs here: which rows are asked, how, and what the lake keeps of it. Pure: calls are handed in. Does not belong here:
serving a policy (evaluation/policy_assets.py), wording and rules (evaluation/), estimates (estimates.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from resources.calls.messages import ModelReply, ModelRequest
from wethink_assets.accounting import StageResult, Stopped
from wethink_assets.benchmark_sets.registry import HELDOUT_SET
from wethink_assets.evaluation.families.heldout import strict
from wethink_assets.evaluation.item import Item
from wethink_assets.evaluation.predictions import heldout_items
from wethink_assets.evaluation.profiles import PROFILES
from wethink_assets.evaluation.prompts import request
from wethink_assets.evaluation.scoring import CallModels, Scored, score_items
from wethink_assets.pass_rates.estimates import Counted, exact_interval
from wethink_assets.rewards.answers import AnswerType, TypedAnswer
from wethink_assets.rewards.identity import rewards_digest
from wethink_assets.settings import EvaluationSettings, PassRateSettings

RIGHT = 0.5  # tier from which a judged answer counts as right, as in the scores of held-out rows [D]
NEEDS_JUDGE, NOTHING_SCORED = "needs_judge", "nothing_scored"
TABLES = ("pass_rates", "pass_rate_answers", "pass_at_k")

Row = Mapping[str, Any]


def sampling(own: PassRateSettings, evaluation: EvaluationSettings) -> dict[str, Any]:
    """Sampling parameters of a row's first answer: those of the profile, drawn and not greedy."""
    given = PROFILES[evaluation.profile].sampling(HELDOUT_SET, evaluation)
    given.pop("top_k", None)  # 1 in a greedy profile
    return given | {"temperature": own.temperature, "top_p": own.top_p, "seed": own.seed}


def asked(rows: Sequence[Row], own: PassRateSettings) -> tuple[list[Row], list[Stopped]]:
    """The rows that a policy is asked, and those left out since only a judge could score them."""
    kept: list[Row] = []
    left: list[Stopped] = []
    for row in rows:
        if own.judged or TypedAnswer.from_json(row["answer_typed"]).type != AnswerType.FREE_FORM:
            kept.append(row)
        else:
            why = "descriptive: a judge would score each answer; [pass_rates] judged = true asks one"
            left.append(Stopped(row["sample_id"], NEEDS_JUDGE, why))
    return kept, left


def requests_of(rows: Sequence[Row], own: PassRateSettings, evaluation: EvaluationSettings) -> list[ModelRequest]:
    """`answers` requests for each row, one after the other; they differ in their seed alone."""
    given = sampling(own, evaluation)
    return [
        replace(
            request(HELDOUT_SET, item, evaluation),
            subject_id=item.item,
            parameters=given | {"seed": own.seed + answer},
        )
        for item in heldout_items(rows)
        for answer in range(own.answers)
    ]


def measured(
    rows: Sequence[Row],
    replies: Sequence[ModelReply],
    left: Sequence[Stopped],
    *,
    policy_id: str,
    kind: str,
    release_id: str,
    own: PassRateSettings,
    evaluation: EvaluationSettings,
    ask_judge: CallModels | None,
) -> tuple[StageResult, list[Counted]]:
    """Rows of pass_rates and pass_rate_answers of one window, and its counts.

    `replies` are aligned with `requests_of(rows, …)`. A row of which no answer got a verdict failed.
    """
    items = heldout_items(rows)
    tasks = [
        (strict, item, reply.text if reply.ok else None)
        for item, group in zip(items, _groups(replies, own.answers), strict=True)
        for reply in group
    ]
    verdicts = score_items(tasks, ask_judge if own.judged else None)
    same = {
        "policy_id": policy_id,
        "policy_kind": kind,
        "release_id": release_id,
        "answers": own.answers,
        "sampling": sampling(own, evaluation),
        "verifier": rewards_digest(judged=own.judged),
    }
    rates: list[Row] = []
    answers: list[Row] = []
    counts: list[Counted] = []
    failed: list[Stopped] = []
    groups = zip(_groups(replies, own.answers), _groups(verdicts, own.answers), strict=True)
    for row, item, (given, scored) in zip(rows, items, groups, strict=True):
        answers += [_answer(policy_id, item, *one) for one in enumerate(zip(given, scored, strict=True))]
        known = [verdict.score for verdict in scored if verdict.score is not None]
        if not known:
            failed.append(_failure(row["sample_id"], given, scored))
            continue
        correct = sum(score >= RIGHT for score in known)
        low, high = exact_interval(correct, len(known))
        rates.append(
            same
            | {"sample_id": row["sample_id"], "scored": len(known), "correct": correct}
            | {"rate": correct / len(known), "low": low, "high": high}
        )
        counts.append(
            Counted(row["cluster_id"], len(known), correct, row["split"], row["source"] or "", row["category"] or "")
        )
    result = StageResult(
        rows_in=len(rows) + len(left),
        continued=len(rates),
        rows={"pass_rates": rates, "pass_rate_answers": answers},
        dropped=list(left),
        failed=failed,
        details={
            "answers_asked": len(replies),
            "answers_without_reply": sum(not reply.ok for reply in replies),
            "answers_cut_off": sum(reply.finish_reason == "length" for reply in replies),
            "rows_always_right": sum(c.correct == c.scored for c in counts),
            "rows_never_right": sum(c.correct == 0 for c in counts),
        },
    )
    return result, counts


def _groups(values: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    return (values[start : start + size] for start in range(0, len(values), size))


def _answer(policy_id: str, item: Item, number: int, one: tuple[ModelReply, Scored]) -> Row:
    reply, scored = one
    return {
        "policy_id": policy_id,
        "sample_id": item.item,
        "answer": number,
        "call_id": reply.call_id,
        "extracted": None if scored.extracted is None else scored.extracted[:2000],
        "verdict": str(scored.verdict),
        "score": scored.score,
        "method": scored.method,
        "judge_call_id": scored.judge_call_id,
    }


def _failure(sample_id: str, replies: Sequence[ModelReply], scored: Sequence[Scored]) -> Stopped:
    if lost := next((reply for reply in replies if not reply.ok), None):
        return Stopped(sample_id, lost.error or "call_failed", lost.detail, lost.call_id)
    verdicts = ", ".join(sorted({str(verdict.verdict) for verdict in scored}))
    return Stopped(sample_id, NOTHING_SCORED, f"no answer could be scored: {verdicts}", replies[0].call_id)
