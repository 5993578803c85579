"""Stage 7, chain-of-thought rewriting: the raw chain becomes a clean path that leads to the kept answer.

Belongs here: the request, and guards on what came back. Does not belong here: the answer itself (adjudicate.py).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from wethink_assets.accounting import StageResult, Stopped, content_id
from wethink_assets.demo.audit import filters
from wethink_assets.gates import no_rows
from wethink_assets.rewards.gold_types import type_answer
from wethink_assets.rewards.verifier import Verdict, verify
from wethink_assets.row_filters.candidate import Candidate
from wethink_assets.row_filters.conclusions import conclusions
from wethink_assets.row_filters.counts import FilterCounts
from wethink_assets.row_filters.registry import refusals
from wethink_assets.stage_spool import StageSpool
from wethink_assets.synthesis.answer import choice_letter
from wethink_assets.synthesis.filter_metadata import filter_table
from wethink_assets.synthesis.rows import AnswerToExplain
from wethink_assets.synthesis.stage import StageRun, StageSpec
from wethink_assets.synthesis.stage_calls import CallModels, Row, failed, field, lettered, request, stop, tidy
from wethink_assets.written_rows import ReasoningPathRow

MAX_PATH_CHARS = 8_000
_MARKERS = re.compile(r"<\s*/?\s*(?:think|answer|image|video|audio)\s*/?\s*>|<\|[\w-]{1,40}\|>", re.IGNORECASE)


def run(
    rows: Sequence[AnswerToExplain],
    ask: CallModels,
    *,
    batch: str,
    seed: int = 0,
    off: Collection[str] = (),
    counts: FilterCounts | None = None,
) -> StageResult:
    """Rewriting; `rows` as synthesis/select_answers_to_explain gives them. Returns rows of table reasoning_paths.

    Row filters drop flawed questions before the rewriter is asked, and flawed paths after; those in `off` only count.
    """
    counts = counts if counts is not None else FilterCounts()
    dropped: list[Stopped] = []
    failures: list[Stopped] = []
    asked: list[tuple[AnswerToExplain, Candidate, dict[str, str]]] = []
    for row in rows:
        candidate = Candidate(row["question"], tuple(row["options"]), row["category"], row["answer"], "")
        found = refusals(candidate, of_path=False)
        if refusal := _in_force(found, off):
            counts.add(row["source"] or "", _place(row), found)
            dropped.append(stop(row["question_id"], *refusal))
        else:
            asked.append((row, candidate, found))
    replies = ask(
        [
            request(
                "refine_path",
                r["question_id"],
                {
                    "question": lettered(r["question"], r["options"]),
                    "chain": r["chain"],
                    "answer": spoken_answer(r),
                },
                image_ids=[r["image_id"]],
                seed=seed,
            )
            for r, _, _ in asked
        ]
    )
    paths: list[ReasoningPathRow] = []
    for (row, candidate, found), reply in zip(asked, replies, strict=True):
        raw = field(reply, "refined_cot")
        if not isinstance(raw, str):
            failures.append(failed(row["question_id"], reply, "rewriting the chain"))
            continue
        path = tidy(raw, limit=MAX_PATH_CHARS)
        if refusal := defect(row, raw, path, field(reply, "consistent")):
            dropped.append(stop(row["question_id"], *refusal, reply.call_id))
            continue
        assert path is not None
        found |= refusals(replace(candidate, path=path), of_path=True)
        counts.add(row["source"] or "", _place(row), found)
        if refusal := _in_force(found, off):
            dropped.append(stop(row["question_id"], *refusal, reply.call_id))
            continue
        paths.append(
            {
                "path_id": content_id("path", row["answer_id"], path),
                "question_id": row["question_id"],
                "answer_id": row["answer_id"],
                "image_id": row["image_id"],
                "batch": batch,
                "refined_cot": path,
                "call_id": reply.call_id,
            }
        )
    details = {
        "chain_chars": sum(len(r["chain"]) for r in rows),
        "path_chars": sum(len(p["refined_cot"]) for p in paths),
    }
    return StageResult(len(rows), len(paths), {"reasoning_paths": paths}, dropped, failures, details)


def _place(row: Row) -> tuple[str, str, str]:
    return row["image_id"], row["question"], row["answer"]


def _in_force(findings: Mapping[str, str], off: Collection[str]) -> tuple[str, str] | None:
    return next(((name, detail) for name, detail in findings.items() if name not in off), None)


def spoken_answer(row: Row) -> str:
    """The kept answer as the rewriter sees it: an option letter together with its text."""
    if row["category"] == "MC" and (letter := choice_letter(row["answer"], row["options"])):
        return f"{letter}. {row['options'][ord(letter) - 65]}"
    return row["answer"]


def defect(row: Row, raw: str, path: str | None, consistent: Any) -> tuple[str, str] | None:
    """Why a reasoning path cannot be kept, as (reason, detail); None where it can."""
    if _MARKERS.search(raw):
        return "markers_in_path", f"the path holds tags or markers: {raw[:200]}"
    if len(raw) > MAX_PATH_CHARS:
        return "path_too_long", f"the path has {len(raw)} characters, at most {MAX_PATH_CHARS} are kept"
    if path is None or not any(c.isalnum() for c in path):
        return "empty_path", "the path is empty"
    if consistent is False:
        return "no_consistent_path", f"the rewriter finds no path to the answer {row['answer'][:100]!r}"
    if claim := contradiction(row, path):
        return "path_contradicts_answer", f"the path concludes {claim!r}, the answer is {row['answer'][:100]!r}"
    return None


def contradiction(row: Row, path: str) -> str | None:
    """The final conclusion of a path where it contradicts the kept answer; None for descriptive answers."""
    claims = conclusions(path)
    if not claims or row["category"] == "DES":
        return None
    claim = claims[-1]
    if row["category"] == "MC":
        letter = choice_letter(claim, row["options"])
        return claim if letter and letter != row["answer"] else None
    gold = type_answer(row["answer"], category=row["category"], question=row["question"])
    return claim if verify(gold, claim, extracted=True) == Verdict.WRONG else None


def _rewritten(rows: Sequence[Row], result: StageResult) -> list[dict[str, Any]]:
    texts = {row["question_id"]: row for row in rows}
    return [{**texts[path["question_id"]], **path} for path in result.rows["reasoning_paths"]]


def _counts(at: StageRun) -> FilterCounts:
    return at.once("row filters", lambda: FilterCounts(keep=filters.has_truth(at.settings.truth_dir)))


def _filter_counts(spool: StageSpool, at: StageRun) -> StageResult:
    planted = filters.read_planted(at.settings.truth_dir)
    table = _counts(at).table(at.batch, planted.is_bad if planted else None)
    return StageResult(0, 0, {"row_filter_counts": table})


def _described(spool: StageSpool, at: StageRun) -> dict[str, Any]:
    return _mean_lengths(spool, at) | filter_table(spool.read("row_filter_counts"))


def _mean_lengths(spool: StageSpool, at: StageRun) -> dict[str, float]:
    return {
        "mean_chain_chars": round(spool.details["chain_chars"] / max(1, spool.rows_in), 1),
        "mean_path_chars": round(spool.details["path_chars"] / max(1, spool.continued), 1),
    }


STAGE = StageSpec(
    name="reasoning_paths",
    table="reasoning_paths",
    description=(
        "Stage 7: the raw chain rewritten without redundancy and contradiction, so that it leads to the kept answer."
    ),
    parents=("chosen_answers",),
    reads="synthesis/select_answers_to_explain",
    run=lambda rows, at: run(
        rows,
        at.ask,
        batch=at.batch,
        seed=at.seed,
        off=at.settings.synthesis.filters_off,
        counts=_counts(at),
    ),
    conclude=_filter_counts,
    further_tables=("row_filter_counts",),
    prompts=("refine_path",),
    describe=_described,
    gates=(
        no_rows(
            "paths_are_clean",
            "synthesis/find_unclean_paths",
            "A reasoning path that is empty, or holds tags or media markers.",
        ),
    ),
    columns_shown=("question", "answer", "chain", "refined_cot"),
    examples=_rewritten,
)
