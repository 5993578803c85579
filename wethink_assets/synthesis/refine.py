"""Stage 2, multi-turn refinement: the reasoner asks for missing details, the VLM looks, the answers are merged.

Belongs here: turns, their early end, the merge. All images take a turn together, so that calls run
at full concurrency. Does not belong here: the coarse description (describe.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field as data_field
from typing import Any

from resources.calls.messages import ModelReply
from wethink_assets.accounting import StageResult, Stopped, content_id
from wethink_assets.gates import no_rows
from wethink_assets.synthesis.rows import DescriptionToRefine
from wethink_assets.synthesis.stage import StageSpec
from wethink_assets.synthesis.stage_calls import CallModels, failed, field, request, tidy
from wethink_assets.written_rows import RefinedDescriptionRow

DETAILS_PER_TURN = 2
_MAX_DETAIL_CHARS = 600


@dataclass
class _Refinement:
    """One image on its way through the turns."""

    row: DescriptionToRefine
    turns: list[dict[str, Any]] = data_field(default_factory=list)
    call_ids: list[str] = data_field(default_factory=list)
    missing: list[str] = data_field(default_factory=list)
    done: bool = False
    stopped: Stopped | None = None

    def known(self) -> str:
        lines = [f"- {t['question']} {t['answer'] or '(not visible)'}" for t in self.turns]
        return "\n".join(lines) or "(none)"

    def fail(self, reply: ModelReply, doing: str) -> None:
        self.stopped = failed(self.row["description_id"], reply, doing)


def run(rows: Sequence[DescriptionToRefine], ask: CallModels, *, batch: str, turns: int, seed: int = 0) -> StageResult:
    """Multi-turn refinement of descriptions; `rows` as synthesis/select_descriptions_to_refine gives them.

    A turn is one question call and one answer call per image. An image with nothing missing takes no further turn; one
    about which nothing was asked keeps its description without a merge.
    """
    refinements = [_Refinement(row) for row in rows]
    for _ in range(turns):
        _turn([r for r in refinements if not r.done and r.stopped is None], ask, seed)
    texts = _merge([r for r in refinements if r.stopped is None], ask, seed)
    refined: list[RefinedDescriptionRow] = [
        {
            "refined_id": content_id("refined", r.row["description_id"], texts[r.row["description_id"]]),
            "description_id": r.row["description_id"],
            "image_id": r.row["image_id"],
            "batch": batch,
            "text": texts[r.row["description_id"]],
            "turns": r.turns,
            "call_ids": r.call_ids,
        }
        for r in refinements
        if r.stopped is None
    ]
    stopped = [r.stopped for r in refinements if r.stopped is not None]
    details = {
        "details_asked": sum(len(r.turns) for r in refinements),
        "details_seen": sum(bool(t["answer"]) for r in refinements for t in r.turns),
        "refined_early": sum(r.done for r in refinements),
    }
    return StageResult(len(rows), len(refined), {"refined_descriptions": refined}, failed=stopped, details=details)


def _turn(active: list[_Refinement], ask: CallModels, seed: int) -> None:
    asked = ask(
        [
            request(
                "ask_missing_details",
                r.row["image_id"],
                {"description": r.row["text"], "known_details": r.known(), "limit": str(DETAILS_PER_TURN)},
                max_items=DETAILS_PER_TURN,
                seed=seed,
            )
            for r in active
        ]
    )
    for refinement, reply in zip(active, asked, strict=True):
        refinement.call_ids.append(reply.call_id)
        questions = missing_details(field(reply, "questions"))
        if questions is None:
            refinement.fail(reply, "asking for missing details")
            continue
        known = {t["question"] for t in refinement.turns}
        refinement.missing = [q for q in questions if q not in known]
        refinement.done = not refinement.missing
    looking = [r for r in active if r.stopped is None and not r.done]
    answered = ask(
        [
            request(
                "answer_visual_details",
                r.row["image_id"],
                {"questions": "\n".join(f"{i}. {q}" for i, q in enumerate(r.missing, 1))},
                image_ids=[r.row["image_id"]],
                max_items=DETAILS_PER_TURN,
                seed=seed,
            )
            for r in looking
        ]
    )
    for refinement, reply in zip(looking, answered, strict=True):
        ask_call_id = refinement.call_ids[-1]
        refinement.call_ids.append(reply.call_id)
        answers = visual_answers(field(reply, "answers"), len(refinement.missing))
        if answers is None:
            refinement.fail(reply, "answering for missing details")
            continue
        refinement.turns += [
            {"question": q, "answer": a, "ask_call_id": ask_call_id, "answer_call_id": reply.call_id}
            for q, a in zip(refinement.missing, answers, strict=True)
        ]


def _merge(done: list[_Refinement], ask: CallModels, seed: int) -> dict[str, str]:
    texts = {r.row["description_id"]: r.row["text"] for r in done}
    merging = [r for r in done if any(t["answer"] for t in r.turns)]
    merged = ask(
        [
            request(
                "merge_description",
                r.row["image_id"],
                {"description": r.row["text"], "known_details": r.known()},
                seed=seed,
            )
            for r in merging
        ]
    )
    for refinement, reply in zip(merging, merged, strict=True):
        refinement.call_ids.append(reply.call_id)
        text = tidy(field(reply, "description"))
        if text is None:
            refinement.fail(reply, "merging details into the description")
        else:
            texts[refinement.row["description_id"]] = text
    return texts


def missing_details(value: Any) -> list[str] | None:
    """The missing details that a reply asks for: distinct, at most `DETAILS_PER_TURN`; None for no list."""
    if not isinstance(value, list):
        return None
    texts = [" ".join(t.split()) for v in value if (t := tidy(v, limit=_MAX_DETAIL_CHARS))]
    return list(dict.fromkeys(texts))[:DETAILS_PER_TURN]


def visual_answers(value: Any, count: int) -> list[str] | None:
    """Visual answers of a reply in the questions' order, "" for none; None where the reply is no list."""
    if not isinstance(value, list):
        return None
    answers = [""] * count
    for entry in value:
        if not isinstance(entry, dict):
            continue
        number, text = entry.get("number"), tidy(entry.get("answer"), limit=_MAX_DETAIL_CHARS)
        if isinstance(number, int) and 1 <= number <= count and text and not answers[number - 1]:
            answers[number - 1] = " ".join(text.split())
    return answers


STAGE = StageSpec(
    name="refined_descriptions",
    table="refined_descriptions",
    description=(
        "Stage 2: multi-turn refinement. The reasoner asks for missing details, the VLM looks, the answers are merged."
    ),
    parents=("descriptions",),
    reads="synthesis/select_descriptions_to_refine",
    run=lambda rows, at: run(rows, at.ask, batch=at.batch, turns=at.settings.synthesis.turns, seed=at.seed),
    prompts=("ask_missing_details", "answer_visual_details", "merge_description"),
    gates=(
        no_rows(
            "descriptions_kept",
            "synthesis/find_shortened_descriptions",
            "A merge that halves a description: refinement adds detail and loses none.",
        ),
    ),
    columns_shown=("text",),
)
