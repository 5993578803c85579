"""Stage 8, packaging: accepted samples in the record of WeThink's data set.

Belongs here: calling the record's guards for every row and counting what they refuse.
Does not belong here: the record and its guards (dataset/record.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from wethink_assets.accounting import StageResult, Stopped, content_id
from wethink_assets.dataset.record import Refusal, package
from wethink_assets.demo.audit import filters
from wethink_assets.gates import Gate, Outcome, Scope, no_rows
from wethink_assets.presentation.markdown import Markdown
from wethink_assets.rewards.answers import TypedAnswer
from wethink_assets.rewards.verifier import Verdict, verify
from wethink_assets.stage_spool import StageSpool
from wethink_assets.synthesis import calls_metadata
from wethink_assets.synthesis.rows import PartsOfSample
from wethink_assets.synthesis.schemas import CATEGORIES
from wethink_assets.synthesis.stage import StageRun, StageSpec
from wethink_assets.synthesis.stage_calls import stop
from wethink_assets.written_rows import SampleRow


def run(rows: Sequence[PartsOfSample], *, batch: str) -> StageResult:
    """Packaging; `rows` as synthesis/select_parts_of_samples gives them. What the record's guards refuse is dropped."""
    samples: list[SampleRow] = []
    dropped: list[Stopped] = []
    for row in rows:
        record = package(
            question=row["question"],
            options=row["options"],
            category=row["category"],
            abilities=row["abilities"],
            answer=row["answer"],
            refined_cot=row["refined_cot"],
            image_path=row["image_uri"],
            by_judge=row.get("rule_type") is not None,
        )
        if isinstance(record, Refusal):
            dropped.append(stop(row["question_id"], record.reason, record.detail, row["path_id"]))
            continue
        sample_id = content_id("sample", row["question_id"], record.answer, record.refined_cot)
        samples.append(
            {
                "sample_id": sample_id,
                "image_id": row["image_id"],
                "question_id": row["question_id"],
                "answer_id": row["answer_id"],
                "path_id": row["path_id"],
                "batch": batch,
                "source": row["source"],
                "licence": row["licence"],
                "rule_type": row.get("rule_type"),
                **record.columns(),
            }
        )
    return StageResult(len(rows), len(samples), {"samples": samples}, dropped)


def _measured(spool: StageSpool, at: StageRun) -> StageResult:
    """On the sample pack: the filters' precision and recall on what the sample teacher planted."""
    result = StageResult(0, 0, {})
    if planted := filters.read_planted(at.settings.truth_dir):
        samples = (row for window in spool.windows("samples", ["question_id", "answer"]) for row in window)
        answers = {row["question_id"]: row["answer"] for row in samples}
        result.details |= filters.measure(planted, at.rows("synthesis/select_question_outcomes"), answers)
    return result


def _rule_answers_verify(scope: Scope) -> Outcome:
    with scope.windows("synthesis/select_samples_to_verify", batch=scope.batch) as windows:
        wrong = [
            row["sample_id"]
            for window in windows
            for row in window
            if verify(TypedAnswer.from_json(row["answer_typed"]), row["answer"], extracted=True) != Verdict.CORRECT
        ]
    first = wrong[0] if wrong else "none"
    return Outcome(not wrong, metadata={"rule_samples": windows.rows, "not_verified": len(wrong), "first": first})


def _counts_and_calls(spool: StageSpool, at: StageRun) -> dict[str, Any]:
    counts = Counter(row["category"] for window in spool.windows("samples", ["category"]) for row in window)
    described: dict[str, Any] = {f"samples_{name.lower()}": counts[name] for name in CATEGORIES}
    if batches := at.lake.rows("synthesis/select_calls_over_batches"):
        described["model_calls"] = Markdown(calls_metadata.plot(batches))
    return described


STAGE = StageSpec(
    name="samples",
    table="samples",
    description=(
        "Stage 8: accepted samples in WeThink's record, with the typed answer that rewards will verify against."
    ),
    parents=("routed_answers",),
    reads="synthesis/select_parts_of_samples",
    run=lambda rows, at: run(rows, batch=at.batch),
    conclude=_measured,
    gates=(
        no_rows(
            "samples_are_usable",
            "synthesis/find_unusable_samples",
            "A sample with empty or marked text, the wrong reward, or no image of the pool behind it.",
        ),
        Gate(
            "rule_answers_verify",
            "A rule answer that, read back, does not verify against its own typed gold: it could never be rewarded.",
            _rule_answers_verify,
            blocking=True,
        ),
    ),
    columns_shown=("problem", "answer", "answer_type", "refined_cot", "reward"),
    describe=_counts_and_calls,
)
