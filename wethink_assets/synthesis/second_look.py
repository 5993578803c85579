"""The second look (answer verification by self-consistency): does another model see what the kept answer says?

Belongs here: the requests, how many of the answers agree, and whether that is enough. Does not belong here: what
becomes of a question (adjudicate.py), when two answers agree (answer.py).

Reasoner and VLM agree also where a wrong detail of the description misleads one and the same mistake the other. So a
model that answered neither time is asked, with the image, without the description and without the kept answer, which
it would tend to confirm. Descriptive questions have no rule and are not asked. A call that failed says nothing: where
the others do not decide, the row fails and is asked again by a later run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from wethink_assets.accounting import Stopped
from wethink_assets.settings.data import SecondLookSettings
from wethink_assets.synthesis.answer import ANSWER_FORMS, compare, read_answer
from wethink_assets.synthesis.stage_calls import CallModels, Row, failed, lettered, request
from wethink_assets.written_rows import SecondLookRow

REASON = "not_confirmed"
PROMPT = "answer_again"


def second_looks(
    rows: Sequence[tuple[Row, str, str]], ask: CallModels, own: SecondLookSettings, *, batch: str, seed: int
) -> tuple[list[SecondLookRow], list[Stopped]]:
    """Rows of table second_looks, and questions that failed; `rows` are questions with id and text of the kept answer.

    A question fails where so many calls failed that they could have confirmed it.
    """
    if not own.answers:
        return [], []
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
                    image_ids=[row["image_id"]],
                    seed=seed + n,
                ),
                role=own.role,
            )
            for row, _, _ in asked
            for n in range(own.answers)
        ]
    )
    looks: list[SecondLookRow] = []
    failures: list[Stopped] = []
    for place, (row, answer_id, answer) in enumerate(asked):
        given = replies[place * own.answers : (place + 1) * own.answers]
        read = [read_answer(row, reply) for reply in given]
        told = [one[0] for one in read if one is not None]
        agreeing = sum(compare(row, answer, one) == "agree" for one in told)
        if agreeing < own.least_agreeing <= agreeing + len(given) - len(told):
            broken = next(reply for reply, one in zip(given, read, strict=True) if one is None)
            failures.append(failed(row["question_id"], broken, "looking at the image again"))
            continue
        looks.append(
            {
                "question_id": row["question_id"],
                "answer_id": answer_id,
                "image_id": row["image_id"],
                "batch": batch,
                "role": own.role,
                "answers": own.answers,
                "scored": len(told),
                "agreeing": agreeing,
                "confirmed": agreeing >= own.least_agreeing,
                "call_ids": [reply.call_id for reply in given],
            }
        )
    return looks, failures
