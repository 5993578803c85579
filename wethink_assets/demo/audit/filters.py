"""Audit of the filters: recall and precision against the errors that the sample teacher planted.

Belongs here: reading the record of planted errors and counting what was caught, missed and lost.
Does not belong here: any filter. With real models there is no such record, and nothing is measured.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wethink_assets.rewards.normalise import fold

PLANTED_FILE = "teacher_planted.jsonl"
FLAWS = ("ill_posed", "unanswerable", "answer_in_question", "two_right_options")


@dataclass(frozen=True)
class Planted:
    """Planted errors by (image id, question): flawed questions, wrong answers in folded form, bad paths."""

    flawed: frozenset[tuple[str, str]]
    wrong: Mapping[tuple[str, str], frozenset[str]]
    bad_paths: frozenset[tuple[str, str]] = frozenset()

    def is_bad(self, place: tuple[str, str, str]) -> bool:
        """Whether a row of image id, question and answer is known to be bad."""
        image_id, question, answer = place
        at = image_id, question
        return at in self.flawed or at in self.bad_paths or fold(answer) in self.wrong.get(at, ())


def has_truth(truth_dir: Path | None) -> bool:
    """Whether planted errors are known, or will be once the teacher has answered."""
    return truth_dir is not None and truth_dir.is_dir()


def read_planted(truth_dir: Path | None) -> Planted | None:
    """The record of planted errors, or None where there is none. Broken lines are passed over."""
    path = truth_dir / PLANTED_FILE if truth_dir else None
    if path is None or not path.is_file():
        return None
    flawed: set[tuple[str, str]] = set()
    wrong: dict[tuple[str, str], set[str]] = {}
    bad_paths: set[tuple[str, str]] = set()
    with path.open("rb") as lines:
        for line in lines:
            try:
                entry = json.loads(line)
                kind = entry["kind"]
                if kind in FLAWS:
                    flawed.add((entry["image_id"], entry["question"]))
                elif kind == "bad_path":
                    bad_paths.add((entry["image_id"], entry["question"]))
                elif kind == "wrong_answer":
                    wrong.setdefault((entry["image_id"], entry["question"]), set()).add(fold(entry["answer"]))
            except (ValueError, KeyError, TypeError):
                continue
    return Planted(
        frozenset(flawed), {place: frozenset(answers) for place, answers in wrong.items()}, frozenset(bad_paths)
    )


def measure(
    planted: Planted, outcomes: Sequence[Mapping[str, Any]], answers: Mapping[str, str]
) -> dict[str, int | float]:
    """Counts and shares over one batch.

    `outcomes`: question_id, image_id, question, stopped_at, verdict, reason (None where nothing stopped it).
    `answers`: answer of the sample that a question became, by question_id.
    """
    flawed = kept_flawed = filtered = filtered_flawed = asked_wrong = kept_wrong = good = lost = 0
    for row in outcomes:
        place = (row["image_id"], row["question"])
        kept = row["question_id"] in answers
        is_flawed = place in planted.flawed
        stopped_by_filter = row["stopped_at"] == "valid_questions" and row["verdict"] == "dropped"
        filtered += stopped_by_filter
        if is_flawed:
            flawed += 1
            filtered_flawed += stopped_by_filter
            kept_flawed += kept
            continue
        good += 1
        lost += not kept and row["verdict"] != "failed"
        if wrong := planted.wrong.get(place):
            asked_wrong += 1
            kept_wrong += kept and fold(answers[row["question_id"]]) in wrong
    return {
        "planted_flawed_questions": flawed,
        "planted_flawed_caught_by_filter": filtered_flawed,
        "planted_flawed_in_samples": kept_flawed,
        "question_filter_recall": _share(filtered_flawed, flawed),
        "question_filter_precision": _share(filtered_flawed, filtered),
        "questions_with_planted_wrong_answer": asked_wrong,
        "planted_wrong_answers_in_samples": kept_wrong,
        "wrong_answers_caught": _share(asked_wrong - kept_wrong, asked_wrong),
        "good_questions_lost": lost,
        "good_questions_lost_share": _share(lost, good),
        "bad_samples_share": _share(kept_flawed + kept_wrong, len(answers)),
    }


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
