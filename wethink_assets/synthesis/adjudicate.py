"""Stage 6, adjudication: one answer per question. Agreement decides, else a third model that sees the image.

Belongs here: which of the two answers is kept. Does not belong here: whether they agree (answer.py).

[D] Where the two agree, the reasoner's is kept: its chain is the longer one, and stage 7 cleans it. The adjudicator
sees the answers without names and in an order drawn per question, so that neither model nor place is favoured.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wethink_assets.accounting import StageResult, Stopped, content_id
from wethink_assets.gates import no_rows
from wethink_assets.synthesis.stage import StageSpec
from wethink_assets.synthesis.stage_calls import CallModels, Row, failed, field, lettered, request, stop, tidy
from wethink_assets.written_rows import ChosenAnswerRow

ANSWERERS = ("reasoner", "vlm")


def run(rows: Sequence[Row], ask: CallModels, *, batch: str, seed: int = 0) -> StageResult:
    """Adjudication of the pairs that do not agree; `rows` as synthesis/select_answer_pairs gives them (`AnswerPair`).

    Returns rows of table chosen_answers. A question for which neither answer is right is dropped.
    """
    open_rows = [r for r in rows if r["agreement"] != "agree"]
    replies = ask(
        [
            request(
                "adjudicate",
                r["question_id"],
                {
                    "question": lettered(r["question"], r["options"]),
                    "first_answer": r[f"{order(r)[0]}_answer"],
                    "second_answer": r[f"{order(r)[1]}_answer"],
                },
                image_ids=[r["image_id"]],
                seed=seed,
            )
            for r in open_rows
        ]
    )
    kept = [_choice(r, "reasoner", "agreement", None, batch) for r in rows if r["agreement"] == "agree"]
    counts = dict.fromkeys((*ANSWERERS, "neither"), 0)
    dropped: list[Stopped] = []
    failures: list[Stopped] = []
    for row, reply in zip(open_rows, replies, strict=True):
        choice = field(reply, "choice")
        if choice == "neither":
            why = tidy(field(reply, "reason"), limit=2_000) or "no reason given"
            dropped.append(stop(row["question_id"], "no_right_answer", f"{row['question']} {why}", reply.call_id))
            counts["neither"] += 1
        elif choice in ("first", "second"):
            answerer = order(row)[choice == "second"]
            kept.append(_choice(row, answerer, "adjudicator", reply.call_id, batch))
            counts[answerer] += 1
        else:
            failures.append(failed(row["question_id"], reply, "adjudicating between two answers"))
    details = {f"adjudicated_{name}": count for name, count in counts.items()}
    return StageResult(len(rows), len(kept), {"chosen_answers": kept}, dropped, failures, details)


def order(row: Row) -> tuple[str, str]:
    """The answerers in a random order, drawn by the question's id: position bias then favours neither."""
    swapped = int(content_id("order", row["question_id"])[0], 16) % 2
    return (ANSWERERS[1], ANSWERERS[0]) if swapped else ANSWERERS


def _choice(row: Row, answerer: str, chosen_by: str, call_id: str | None, batch: str) -> ChosenAnswerRow:
    return {
        "question_id": row["question_id"],
        "answer_id": row[f"{answerer}_answer_id"],
        "image_id": row["image_id"],
        "batch": batch,
        "chosen_by": chosen_by,
        "call_id": call_id,
    }


def _adjudicated(rows: Sequence[Row], result: StageResult) -> list[dict[str, Any]]:
    texts = {row["question_id"]: row for row in rows}
    return [{**texts[c["question_id"]], **c} for c in result.rows["chosen_answers"] if c["chosen_by"] == "adjudicator"]


STAGE = StageSpec(
    name="chosen_answers",
    table="chosen_answers",
    description="Stage 6: one answer per question: the common one, or the one that a third model keeps, or none.",
    parents=("dual_answers",),
    reads="synthesis/select_answer_pairs",
    run=lambda rows, at: run(rows, at.ask, batch=at.batch, seed=at.seed),
    prompts=("adjudicate",),
    gates=(
        no_rows(
            "decided_by_somebody",
            "synthesis/find_foreign_choices",
            "A kept answer of another question, or one that neither agreement nor a call decided.",
        ),
    ),
    columns_shown=("question", "reasoner_answer", "vlm_answer", "chosen_by"),
    examples=_adjudicated,
)
