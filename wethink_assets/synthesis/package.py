"""Stage 8: accepted samples in WeThink's record.

Belongs here: calling the record's guards for every row and counting what they refuse.
Does not belong here: the record and its guards (dataset/record.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wethink_assets.accounting import StageResult, Stopped, content_id
from wethink_assets.dataset.record import Refusal, package
from wethink_assets.synthesis.stage_calls import Row, stop


def run(rows: Sequence[Row], *, batch: str) -> StageResult:
    """Rows: ids, source, licence, image_uri, question, options, category, abilities, answer, refined_cot, rule_type (None where the row keeps its rule)."""
    samples: list[dict[str, Any]] = []
    dropped: list[Stopped] = []
    for row in rows:
        made = package(
            question=row["question"],
            options=row["options"],
            category=row["category"],
            abilities=row["abilities"],
            answer=row["answer"],
            refined_cot=row["refined_cot"],
            image_path=row["image_uri"],
            by_judge=row.get("rule_type") is not None,
        )
        if isinstance(made, Refusal):
            dropped.append(stop(row["question_id"], made.reason, made.detail, row["path_id"]))
            continue
        parents = {name: row[name] for name in ("image_id", "question_id", "answer_id", "path_id", "source", "licence")}
        sample_id = content_id("sample", row["question_id"], made.answer, made.refined_cot)
        samples.append(
            {"sample_id": sample_id, "batch": batch, **parents, "rule_type": row.get("rule_type"), **made.columns()}
        )
    return StageResult(len(rows), len(samples), {"samples": samples}, dropped)
