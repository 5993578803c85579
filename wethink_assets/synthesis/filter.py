"""Stage 4, question filtering before answers are paid for: well posed (reasoner), then answerable (VLM).

Belongs here: the order of the two checks, so that what the first rejects is not paid for in the second.
Does not belong here: what makes a question usable on its face (questions.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from resources.calls.messages import ModelReply
from wethink_assets.accounting import StageResult, Stopped
from wethink_assets.gates import no_rows
from wethink_assets.stage_spool import StageSpool
from wethink_assets.synthesis.rows import QuestionWithDescription
from wethink_assets.synthesis.stage import StageRun, StageSpec
from wethink_assets.synthesis.stage_calls import CallModels, Row, failed, field, lettered, request, stop, tidy
from wethink_assets.written_rows import ValidQuestionRow


def run(rows: Sequence[QuestionWithDescription], ask: CallModels, *, batch: str, seed: int = 0) -> StageResult:
    """Both filters; `rows` as synthesis/select_questions_to_check gives them. Returns rows of table valid_questions."""
    dropped: list[Stopped] = []
    failures: list[Stopped] = []
    well_posed = ask(
        [
            request(
                "check_well_posed",
                r["question_id"],
                {"description": r["text"], "question": lettered(r["question"], r["options"])},
                seed=seed,
            )
            for r in rows
        ]
    )
    well_posed_pairs = _passing(list(zip(rows, well_posed, strict=True)), "well_posed", "ill_posed", dropped, failures)
    answerable = ask(
        [
            request(
                "check_answerable",
                row["question_id"],
                {"question": lettered(row["question"], row["options"])},
                image_ids=[row["image_id"]],
                seed=seed,
            )
            for row, _ in well_posed_pairs
        ]
    )
    first = {row["question_id"]: reply.call_id for row, reply in well_posed_pairs}
    pairs = [(row, reply) for (row, _), reply in zip(well_posed_pairs, answerable, strict=True)]
    valid: list[ValidQuestionRow] = [
        {
            "question_id": row["question_id"],
            "image_id": row["image_id"],
            "batch": batch,
            "well_posed_call_id": first[row["question_id"]],
            "answerable_call_id": reply.call_id,
        }
        for row, reply in _passing(pairs, "answerable", "not_answerable", dropped, failures)
    ]
    details = {"answerability_checks_saved": len(rows) - len(well_posed_pairs)}
    return StageResult(len(rows), len(valid), {"valid_questions": valid}, dropped, failures, details)


def _passing(
    pairs: Sequence[tuple[Row, ModelReply]],
    name: str,
    rejection: str,
    dropped: list[Stopped],
    failures: list[Stopped],
) -> list[tuple[Row, ModelReply]]:
    """The pairs whose reply says yes; the others go to `dropped` or `failures`."""
    passed = []
    for row, reply in pairs:
        verdict = field(reply, name)
        if not isinstance(verdict, bool):
            failures.append(failed(row["question_id"], reply, f"checking whether the question is {name}"))
        elif verdict:
            passed.append((row, reply))
        else:
            why = tidy(field(reply, "reason"), limit=2_000) or "no reason given"
            dropped.append(stop(row["question_id"], rejection, f"{row['question']} {why}", reply.call_id))
    return passed


def _rejected(rows: Sequence[Row], result: StageResult) -> list[dict[str, Any]]:
    texts = {row["question_id"]: row for row in rows}
    return [{**texts[s.subject_id], "reason": s.reason, "detail": s.detail} for s in result.dropped]


def _rejected_share(spool: StageSpool, at: StageRun) -> dict[str, float]:
    return {"rejected_share": round(spool.rows_dropped / max(1, spool.rows_in), 4)}


STAGE = StageSpec(
    name="valid_questions",
    table="valid_questions",
    description="Stage 4: questions that are well posed (reasoner) and answerable from the image (VLM).",
    parents=("questions",),
    reads="synthesis/select_questions_to_check",
    run=lambda rows, at: run(rows, at.ask, batch=at.batch, seed=at.seed),
    prompts=(("check_well_posed", "check_answerable"),),
    gates=(
        no_rows(
            "checked_twice",
            "synthesis/find_unchecked_questions",
            "A kept question that did not pass two different calls of the ledger.",
        ),
    ),
    columns_shown=("question", "reason", "detail"),
    examples=_rejected,
    describe=_rejected_share,
)
