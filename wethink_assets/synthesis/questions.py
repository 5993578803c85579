"""Stage 3, question generation with ability synergy: each needs reasoning and at least one of five further abilities.

Belongs here: what makes a proposed question usable on its face.
Does not belong here: whether it can be answered (filter.py).

Rows are counted as proposed questions, since that is what this stage rejects: an image for which the
call failed, or without any proposal, counts as one row.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from resources.calls.messages import ModelRequest
from resources.lake.database import Memory
from wethink_assets.accounting import StageResult, Stopped, content_id
from wethink_assets.gates import Gate, Outcome, Scope, no_rows
from wethink_assets.images.contamination import Hit, Questions
from wethink_assets.images.contamination_check import leaked_questions
from wethink_assets.stage_spool import StageSpool
from wethink_assets.synthesis.rows import DescriptionToQuestion
from wethink_assets.synthesis.schemas import ABILITIES, CATEGORIES, MAX_OPTIONS, REASONING
from wethink_assets.synthesis.stage import StageRun, StageSpec
from wethink_assets.synthesis.stage_calls import CallModels, failed, field, request, stop, tidy
from wethink_assets.written_rows import QuestionRow

ANY, FOR = "generate_questions", "generate_questions_for"  # prompts: without certain abilities, and for some
MAX_QUESTION_CHARS = 1_000
MAX_OPTION_CHARS = 300
_MARKERS = re.compile(r"<\s*/?\s*(?:image|video|audio|think|answer)\s*/?\s*>", re.IGNORECASE)
_LETTER = re.compile(r"^\(?[A-Z][.):]\s+")
_ALIASES = {
    "recognise": "recognition",
    "recognize": "recognition",
    "optical character recognition": "ocr",
    "text": "ocr",
    "spatial awareness": "spatial",
    "spatial reasoning": "spatial",
    "mathematics": "math",
    "maths": "math",
    "logical reasoning": REASONING,
    "reason": REASONING,
}


def run(
    rows: Sequence[DescriptionToQuestion],
    ask: CallModels,
    *,
    batch: str,
    count: int,
    seed: int = 0,
    repeated_by: Callable[[str], Hit | None] = lambda question: None,
) -> StageResult:
    """At most `count` questions per image; `rows` as synthesis/select_descriptions_to_question gives them.

    Where a row's batch asks for certain abilities, the prompt that names them is asked, else the one that names none.
    `repeated_by` gives the item of an evaluation set that a question repeats: it is dropped here, before any further
    call is paid for it.
    """
    requests = [_request(row, count, seed) for row in rows]
    kept: list[QuestionRow] = []
    dropped: list[Stopped] = []
    failures: list[Stopped] = []
    for row, reply in zip(rows, ask(requests), strict=True):
        proposals = field(reply, "questions")
        if not isinstance(proposals, list):
            failures.append(failed(row["refined_id"], reply, "writing questions"))
            continue
        if not proposals:
            detail = f"{reply.model} proposed no question about this image"
            dropped.append(stop(row["refined_id"], "no_question", detail, related_id=reply.call_id))
        seen: dict[str, str] = {}
        for position, proposal in enumerate(proposals):
            question = read_question(proposal)
            if isinstance(question, Stopped):
                stopped = question
            elif position >= count:
                stopped = stop("", "too_many_questions", f"{count} were asked for")
            elif first := seen.get(_key(question)):
                stopped = stop("", "duplicate_question", f"asked before: {question['question']}", related_id=first)
            elif hit := repeated_by(question["question"]):
                stopped = stop("", hit.reason, hit.detail, related_id=hit.item)
            else:
                question_id = content_id("question", row["refined_id"], question["question"], question["options"])
                seen[_key(question)] = question_id
                kept.append(
                    {
                        "question_id": question_id,
                        "refined_id": row["refined_id"],
                        "image_id": row["image_id"],
                        "batch": batch,
                        "position": position,
                        "call_id": reply.call_id,
                        "question": question["question"],
                        "category": question["category"],
                        "options": question["options"],
                        "abilities": question["abilities"],
                    }
                )
                continue
            subject = content_id("proposal", reply.call_id, position)
            dropped.append(stop(subject, stopped.reason, stopped.detail, stopped.related_id or reply.call_id))
    return StageResult(
        rows_in=len(kept) + len(dropped) + len(failures),
        continued=len(kept),
        rows={"questions": kept},
        dropped=dropped,
        failed=failures,
        details={"images": len(rows), "images_with_questions": len({q["image_id"] for q in kept})},
    )


def _request(row: DescriptionToQuestion, count: int, seed: int) -> ModelRequest:
    values = {"description": row["text"], "count": str(count)}
    name = ANY
    if wanted := [ability for ability in ABILITIES if ability in row["abilities"]]:
        name, values["abilities"] = FOR, ", ".join(wanted)
    return request(name, row["image_id"], values, max_items=count, seed=seed)


def read_question(proposal: Any) -> dict[str, Any] | Stopped:
    """Validate a proposed question: its columns, or why it cannot be used (a `Stopped` without subject)."""
    if not isinstance(proposal, Mapping):
        return stop("", "malformed_question", "the proposal is no object")
    raw = proposal.get("question")
    question = tidy(raw, limit=MAX_QUESTION_CHARS)
    if question is None:
        return stop("", "malformed_question", f"no question text of at most {MAX_QUESTION_CHARS} characters")
    if _MARKERS.search(raw):
        return stop("", "marker_in_question", f"holds an image, think or answer marker: {question[:200]}")
    category = str(proposal.get("category", "")).strip().upper()
    if category not in CATEGORIES:
        return stop("", "unknown_category", f"{category[:40]!r} is none of {', '.join(CATEGORIES)}: {question[:200]}")
    options = read_options(proposal.get("options"), category)
    if options is None:
        needs = f"a choice needs 2 to {MAX_OPTIONS} different options, other categories none"
        return stop("", "bad_options", f"{needs}: {question[:200]}")
    abilities = read_abilities(proposal.get("abilities"))
    if abilities is None:
        return stop("", "no_ability_synergy", f"reasoning and a further ability are needed: {question[:200]}")
    return {"question": question, "category": category, "options": options, "abilities": abilities}


def read_options(value: Any, category: str) -> list[str] | None:
    """Multiple-choice options without their letters; None where they do not fit the category."""
    if value is None:
        value = []
    if not isinstance(value, list):
        return None
    if category != "MC":
        return [] if not value else None
    options = [text for v in value if (text := tidy(v, limit=MAX_OPTION_CHARS)) is not None]
    if len(options) != len(value) or not 2 <= len(options) <= MAX_OPTIONS:
        return None
    if all(_LETTER.match(o) for o in options):
        options = [_LETTER.sub("", o) for o in options]
    return options if len({_fold(o) for o in options}) == len(options) else None


def read_abilities(value: Any) -> list[str] | None:
    """Ability tags under their canonical names, 'reasoning' first, in fixed order; None without synergy."""
    if not isinstance(value, list):
        return None
    names = {_ALIASES.get(n, n) for v in value if isinstance(v, str) for n in [v.strip().casefold()]}
    further = [a for a in ABILITIES if a in names]
    return [REASONING, *further] if REASONING in names and further else None


def _fold(text: str) -> str:
    return " ".join(re.sub(r"[^\w\s.%-]", " ", unicodedata.normalize("NFKC", text).casefold()).split()) or text


def _key(question: Mapping[str, Any]) -> str:
    return _fold(question["question"]) + "|" + "|".join(sorted(_fold(o) for o in question["options"]))


BENCHMARK_QUESTIONS = "images/select_benchmark_questions"


def _run(rows: Sequence[Any], at: StageRun) -> StageResult:
    items = at.once("items of evaluation sets", lambda: Questions(at.lake.rows(BENCHMARK_QUESTIONS)))
    count = at.settings.synthesis.questions
    return run(rows, at.ask, batch=at.batch, count=count, seed=at.seed, repeated_by=items.repeated_by)


def _unseen(scope: Scope) -> Outcome:
    items = scope.lake.rows(BENCHMARK_QUESTIONS)
    with scope.windows("synthesis/select_written_questions", batch=scope.batch) as windows:
        written = ((row["question_id"], row["question"]) for window in windows for row in window)
        leaks = leaked_questions(written, items, Memory.of(scope.settings))
    return Outcome(
        not leaks,
        "; ".join(f"{leak.subject[:12]} repeats {leak.item} ({leak.how})" for leak in leaks[:10]),
        {"hits": len(leaks), "questions": windows.rows, "benchmark_items": len(items)},
    )


def _counts(spool: StageSpool, at: StageRun) -> dict[str, int]:
    counts = Counter(row["category"] for window in spool.windows("questions", ["category"]) for row in window)
    return {f"questions_{name.lower()}": counts[name] for name in CATEGORIES}


STAGE = StageSpec(
    name="questions",
    table="questions",
    description="Stage 3: questions with ability synergy, by the reasoner. Rows in are proposed questions.",
    parents=("refined_descriptions", "benchmark_items", "growth_plan"),
    reads="synthesis/select_descriptions_to_question",
    run=_run,
    prompts=((ANY, FOR),),
    gates=(
        no_rows(
            "ability_synergy",
            "synthesis/find_questions_without_synergy",
            "Questions without reasoning and a further ability, or with options where they are no choice.",
        ),
        Gate(
            "no_benchmark_question",
            "Contamination: a written question, read back from the lake, that repeats one of an evaluation set.",
            _unseen,
            blocking=True,
        ),
    ),
    columns_shown=("question", "category", "options", "abilities"),
    describe=_counts,
)
