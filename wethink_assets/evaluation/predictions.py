"""Predictions: from benchmark items and replies to rows of table predictions.

Belongs here: which items a policy is asked, its requests, and the rows. Does not belong here: serving or sending. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from resources.calls.messages import ModelReply, ModelRequest
from wethink_assets.accounting import StageResult, Stopped
from wethink_assets.benchmark_sets.registry import BENCHMARKS, HELDOUT, HELDOUT_SET, Benchmark
from wethink_assets.evaluation.families.registry import scored_sets
from wethink_assets.evaluation.item import Item
from wethink_assets.evaluation.prompts import request
from wethink_assets.settings import EvaluationSettings
from wethink_assets.written_rows import PredictionRow


def asked_items(rows: Sequence[Mapping[str, Any]], sets: Sequence[Benchmark] = BENCHMARKS) -> list[Item]:
    """Benchmark items of the sets' own splits, from rows of benchmark_items. Items of other sets are left out."""
    known = {benchmark.name: benchmark for benchmark in sets}
    items = [Item.of(row) for row in rows if row["benchmark"] in known]
    return [i for i in items if known[i.benchmark].split in (None, i.split)]


def heldout_items(rows: Sequence[Mapping[str, Any]]) -> list[Item]:
    """Held-out samples of a release as items."""
    return [
        Item(
            HELDOUT,
            row["sample_id"],
            row["problem"],
            (row["image_id"],),
            answer=row["answer"],
            category=row["category"],
            extra={"answer_typed": row["answer_typed"], "source": row["source"]},
        )
        for row in rows
    ]


def build_requests(items: Sequence[Item], settings: EvaluationSettings) -> list[ModelRequest]:
    """One request per item, in order."""
    known = {benchmark.name: benchmark for benchmark in (*scored_sets(settings), HELDOUT_SET)}
    return [request(known[i.benchmark], i, settings) for i in items]


def collect(
    items: Sequence[Item], requests: Sequence[ModelRequest], replies: Sequence[ModelReply], *, policy_id: str, kind: str
) -> StageResult:
    """One row of predictions per item; a call that failed has no reply and its reason."""
    rows: list[PredictionRow] = []
    failed: list[Stopped] = []
    for item, asked, reply in zip(items, requests, replies, strict=True):
        rows.append(
            {
                "policy_id": policy_id,
                "policy_kind": kind,
                "benchmark": item.benchmark,
                "item": item.item,
                "call_id": reply.call_id,
                "prompt": asked.text,
                "reply": reply.text if reply.ok else None,
            }
        )
        if not reply.ok:
            failed.append(Stopped(item.subject, reply.error or "call_failed", reply.detail, reply.call_id))
    answered = [r for r in replies if r.ok]
    return StageResult(
        rows_in=len(items),
        continued=len(answered),
        rows={"predictions": rows},
        failed=failed,
        details={
            "policy_id": policy_id,
            "reused_calls": sum(r.reused for r in answered),
            "cut_off": sum(r.finish_reason == "length" for r in answered),
            "completion_tokens": sum(r.completion_tokens for r in answered if not r.reused),
        },
    )
