"""The blind check (language prior test): can a question be answered without its image?

Belongs here: the requests, and how many of the answers are right. Does not belong here: what becomes of a solvable
question (adjudicate.py), which answer is the kept one.

It follows adjudication, since only then there is an answer to hold others against, and comes before the rewriter is
paid. Descriptive questions have no rule and are not asked. A call that failed is no right answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from wethink_assets.rewards.gold_types import type_answer
from wethink_assets.rewards.verifier import Verdict, verify
from wethink_assets.settings.data import BlindCheckSettings
from wethink_assets.synthesis.answer import ANSWER_FORMS, read_answer
from wethink_assets.synthesis.stage_calls import CallModels, Row, lettered, request
from wethink_assets.written_rows import BlindCheckRow

REASON = "solvable_blind"
PROMPT = "answer_blind"


def blind_checks(
    rows: Sequence[tuple[Row, str, str]], ask: CallModels, own: BlindCheckSettings, *, batch: str, seed: int
) -> list[BlindCheckRow]:
    """Rows of table blind_checks; `rows` are questions with the id and the text of their kept answer."""
    if not own.answers:
        return []
    asked = [(row, answer_id, answer) for row, answer_id, answer in rows if row["category"] != "DES"]
    replies = ask(
        [
            replace(
                request(
                    PROMPT,
                    row["question_id"],
                    {
                        "question": lettered(row["question"], row["options"]),
                        "answer_form": ANSWER_FORMS[row["category"]],
                    },
                    seed=seed + n,
                ),
                role=own.role,
            )
            for row, _, _ in asked
            for n in range(own.answers)
        ]
    )
    checks: list[BlindCheckRow] = []
    for place, (row, answer_id, answer) in enumerate(asked):
        given = replies[place * own.answers : (place + 1) * own.answers]
        gold = type_answer(answer, category=row["category"], options=row["options"], question=row["question"])
        read = [told[0] for reply in given if (told := read_answer(row, reply)) is not None]
        correct = sum(verify(gold, told, extracted=True) == Verdict.CORRECT for told in read)
        checks.append(
            {
                "question_id": row["question_id"],
                "answer_id": answer_id,
                "image_id": row["image_id"],
                "batch": batch,
                "role": own.role,
                "answers": own.answers,
                "scored": len(read),
                "correct": correct,
                "solvable": correct >= own.least_right,
                "call_ids": [reply.call_id for reply in given],
            }
        )
    return checks
