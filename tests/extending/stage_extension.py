"""A synthesis stage between two others: a second model looks at each question before any answer to it is paid for.

It stands before `dual_answers`, reads what `dual_answers` would read, and lets pass what it wrote: the questions that
the second model can answer from the image, too. Its table, statement and prompt lie in recheck/.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from wethink_assets.accounting import StageResult, Stopped, content_id
from wethink_assets.extensions import Extension
from wethink_assets.gates import no_rows
from wethink_assets.synthesis.stage import StageSpec
from wethink_assets.synthesis.stage_calls import CallModels, Row, failed, field, lettered, request, stop, tidy

FILES = Path(__file__).with_name("recheck")


def run(rows: Sequence[Row], ask: CallModels, *, batch: str, seed: int = 0) -> StageResult:
    """One look per question. Rows: question_id, image_id, question, options."""
    replies = ask(
        [
            request(
                "recheck",
                row["question_id"],
                {"question": lettered(row["question"], row["options"])},
                image_ids=[row["image_id"]],
                seed=seed,
            )
            for row in rows
        ]
    )
    looks: list[dict[str, Any]] = []
    dropped: list[Stopped] = []
    failures: list[Stopped] = []
    for row, reply in zip(rows, replies, strict=True):
        answerable = field(reply, "answerable")
        reason = tidy(field(reply, "reason")) or "no reason given"
        if not isinstance(answerable, bool):
            failures.append(failed(row["question_id"], reply, "looking at the question again"))
        elif not answerable:
            dropped.append(stop(row["question_id"], "not_answerable_at_recheck", reason, reply.call_id))
        else:
            looks.append(
                {
                    "look_id": content_id("second look", row["question_id"], reason),
                    "question_id": row["question_id"],
                    "image_id": row["image_id"],
                    "batch": batch,
                    "reason": reason,
                    "call_id": reply.call_id,
                }
            )
    return StageResult(len(rows), len(looks), {"rechecks": looks}, dropped, failures)


STAGE = StageSpec(
    name="rechecks",
    table="rechecks",
    description="A second model looks at each valid question; what it cannot answer from the image is dropped.",
    parents=("valid_questions",),
    reads="synthesis/select_questions_to_answer",
    run=lambda rows, at: run(rows, at.ask, batch=at.batch, seed=at.seed),
    prompts=("recheck",),
    gates=(
        no_rows(
            "looked_at_again",
            "recheck/find_unasked",
            "A question that nobody checked before, or whose second look was the first one's call.",
        ),
    ),
    columns_shown=("question_id", "reason"),
    before=("dual_answers",),
)

EXTENSION = Extension("recheck", sql=FILES / "sql", prompts=FILES / "prompts", stages=(STAGE,))
