"""Stage 6, adjudication: one answer per question. Agreement decides, else a third model that sees the image.

Belongs here: which of the two answers is kept, and which questions go with it. Does not belong here: whether they agree
(answer.py), asking without the image (blind_check.py) or once more with it (second_look.py).

[D] Where the two agree, the reasoner's is kept: its chain is the longer one, and stage 7 cleans it. The adjudicator
sees the answers without names and in an order drawn per question, so that neither model nor place is favoured. By
setting, what it would drop is first escalated to a second adjudicator, who is asked the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from resources.calls.messages import ModelReply
from wethink_assets.accounting import StageResult, Stopped, content_id
from wethink_assets.gates import no_rows
from wethink_assets.settings.data import BlindCheckSettings, SecondLookSettings
from wethink_assets.synthesis.blind_check import PROMPT as BLIND_PROMPT
from wethink_assets.synthesis.blind_check import REASON as SOLVABLE_BLIND
from wethink_assets.synthesis.blind_check import blind_checks
from wethink_assets.synthesis.second_look import PROMPT as SECOND_PROMPT
from wethink_assets.synthesis.second_look import REASON as NOT_CONFIRMED
from wethink_assets.synthesis.second_look import second_looks
from wethink_assets.synthesis.stage import StageSpec
from wethink_assets.synthesis.stage_calls import CallModels, Row, failed, field, lettered, request, stop, tidy
from wethink_assets.written_rows import BlindCheckRow, ChosenAnswerRow, SecondLookRow

ANSWERERS = ("reasoner", "vlm")
ADJUDICATOR = "adjudicator"
NEITHER, STILL_NEITHER = "no_right_answer", "no_right_answer_escalated"
_NO_BLIND_CHECK, _NO_SECOND_LOOK = BlindCheckSettings(), SecondLookSettings()


def run(
    rows: Sequence[Row],
    ask: CallModels,
    *,
    batch: str,
    seed: int = 0,
    escalate: str = "",
    blind: BlindCheckSettings = _NO_BLIND_CHECK,
    second_look: SecondLookSettings = _NO_SECOND_LOOK,
) -> StageResult:
    """Adjudication of the pairs that do not agree; `rows` as synthesis/select_answer_pairs gives them (`AnswerPair`).

    Returns rows of tables chosen_answers, blind_checks and second_looks. A question for which neither answer is right
    is dropped; with `escalate`, only where the model of that role says so too. So is one that is solvable blind, by
    setting, and one whose kept answer the second look does not confirm; it is asked of what the blind check left.
    """
    open_rows = [r for r in rows if r["agreement"] != "agree"]
    decided = list(zip(open_rows, _adjudicated(open_rows, ask, ADJUDICATOR, seed), strict=True))
    by = {row["question_id"]: ADJUDICATOR for row in open_rows}
    neither = [row for row, reply in decided if field(reply, "choice") == "neither"] if escalate else []
    second = dict(
        zip((r["question_id"] for r in neither), _adjudicated(neither, ask, escalate, seed), strict=True)
    )  # what fails there leaves the first verdict standing
    second = {at: reply for at, reply in second.items() if field(reply, "choice") in ("first", "second", "neither")}
    by |= dict.fromkeys(second, escalate)
    kept = [(r, _choice(r, "reasoner", "agreement", None, batch)) for r in rows if r["agreement"] == "agree"]
    counts = dict.fromkeys((*ANSWERERS, "neither"), 0)
    saved = 0
    dropped: list[Stopped] = []
    failures: list[Stopped] = []
    for row, first in decided:
        at = row["question_id"]
        reply = second.get(at, first)
        choice = field(reply, "choice")
        if choice == "neither":
            why = tidy(field(reply, "reason"), limit=2_000) or "no reason given"
            reason = STILL_NEITHER if at in second else NEITHER
            dropped.append(stop(at, reason, f"{row['question']} {why}", reply.call_id))
            counts["neither"] += 1
        elif choice in ("first", "second"):
            answerer = order(row)[choice == "second"]
            kept.append((row, _choice(row, answerer, by[at], reply.call_id, batch)))
            counts[answerer] += 1
            saved += at in second
        else:
            failures.append(failed(at, reply, "adjudicating between two answers"))
    details = {f"adjudicated_{name}": count for name, count in counts.items()}
    if escalate:
        details |= {"escalated": len(neither), "escalated_kept": saved}
    checks = blind_checks([(r, c["answer_id"], _text(r, c)) for r, c in kept], ask, blind, batch=batch, seed=seed)
    if blind.answers:
        details |= {"asked_blind": len(checks), "solvable_blind": sum(check["solvable"] for check in checks)}
    if blind.solvable == "drop":
        solvable = {check["question_id"]: check for check in checks if check["solvable"]}
        dropped += [_solvable(row, solvable[at]) for row, _ in kept if (at := row["question_id"]) in solvable]
        kept = [(row, choice) for row, choice in kept if row["question_id"] not in solvable]
    looks, unseen = second_looks(
        [(r, c["answer_id"], _text(r, c)) for r, c in kept], ask, second_look, batch=batch, seed=seed
    )
    failures += unseen
    gone = {one.subject_id for one in unseen}
    unconfirmed = {look["question_id"]: look for look in looks if not look["confirmed"]}
    if second_look.answers:
        details |= {"asked_again": len(looks) + len(unseen), "not_confirmed": len(unconfirmed)}
    if second_look.unconfirmed == "drop":
        dropped += [_unconfirmed(row, unconfirmed[at]) for row, _ in kept if (at := row["question_id"]) in unconfirmed]
        gone |= unconfirmed.keys()
    chosen = [choice for row, choice in kept if row["question_id"] not in gone]
    written = {"chosen_answers": chosen, "blind_checks": checks, "second_looks": looks}
    return StageResult(len(rows), len(chosen), written, dropped, failures, details)


def _adjudicated(rows: Sequence[Row], ask: CallModels, role: str, seed: int) -> list[ModelReply]:
    """What the model of a role says of each pair."""
    if not rows:
        return []
    return ask(
        [
            replace(
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
                ),
                role=role,
            )
            for r in rows
        ]
    )


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


def _text(row: Row, choice: ChosenAnswerRow) -> str:
    """The text of the kept answer."""
    return next(row[f"{who}_answer"] for who in ANSWERERS if row[f"{who}_answer_id"] == choice["answer_id"])


def _solvable(row: Row, check: BlindCheckRow) -> Stopped:
    told = f"{row['question']} {check['correct']} of {check['scored']} answers without the image are right"
    return stop(row["question_id"], SOLVABLE_BLIND, told, check["call_ids"][0])


def _unconfirmed(row: Row, look: SecondLookRow) -> Stopped:
    told = f"{row['question']} {look['agreeing']} of {look['scored']} answers at a second look agree with the kept one"
    return stop(row["question_id"], NOT_CONFIRMED, told, look["call_ids"][0])


def _decided(rows: Sequence[Row], result: StageResult) -> list[dict[str, Any]]:
    texts = {row["question_id"]: row for row in rows}
    return [{**texts[c["question_id"]], **c} for c in result.rows["chosen_answers"] if c["chosen_by"] != "agreement"]


STAGE = StageSpec(
    name="chosen_answers",
    table="chosen_answers",
    description=(
        "Stage 6: one answer per question: the common one, or the one that a third model keeps, or none. By setting, "
        "questions that are answered without the image go, and answers that a second look does not confirm."
    ),
    parents=("dual_answers",),
    reads="synthesis/select_answer_pairs",
    run=lambda rows, at: run(
        rows,
        at.ask,
        batch=at.batch,
        seed=at.seed,
        escalate=at.settings.synthesis.escalate,
        blind=at.settings.synthesis.blind_check,
        second_look=at.settings.synthesis.second_look,
    ),
    prompts=(("adjudicate", BLIND_PROMPT, SECOND_PROMPT),),
    further_tables=("blind_checks", "second_looks"),
    gates=(
        no_rows(
            "decided_by_somebody",
            "synthesis/find_foreign_choices",
            "A kept answer of another question, or one that neither agreement nor a call decided.",
        ),
    ),
    columns_shown=("question", "reasoner_answer", "vlm_answer", "chosen_by"),
    examples=_decided,
)
