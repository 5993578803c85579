"""Audit of the filters: recall and precision against the errors that the sample teacher planted.

Belongs here: reading the record of planted errors and counting what was caught, missed and lost.
Does not belong here: any filter. With real models there is no such record, and nothing is measured.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wethink_assets.rewards.normalise import fold

PLANTED_FILE = "teacher_planted.jsonl"
REPEATED = "repeated_question"
BLIND = "solvable_blind"
BAD_PATH = "bad_path:"
FLAWS = ("ill_posed", "unanswerable", "answer_in_question", "two_right_options")


Place = tuple[str, str]  # image id, question


@dataclass(frozen=True)
class Planted:
    """Planted errors by (image id, question): flawed questions, wrong answers in folded form, bad paths.

    `kinds`: of flawed, of repeated and of questions that need no image their kind, of bad paths `bad_path:` and what is
    wrong with them. `repeats`: questions that ask again, with the question that they repeat.
    """

    flawed: frozenset[Place]
    wrong: Mapping[Place, frozenset[str]]
    bad_paths: frozenset[Place] = frozenset()
    kinds: Mapping[Place, frozenset[str]] = field(default_factory=dict)
    repeats: Mapping[Place, str] = field(default_factory=dict)

    def is_bad(self, place: tuple[str, str, str]) -> bool:
        """Whether a row of image id, question and answer is known to be bad."""
        image_id, question, answer = place
        at = image_id, question
        return at in self.flawed or at in self.bad_paths or self.is_wrong(at, answer)

    def is_wrong(self, place: Place, answer: str) -> bool:
        """Whether an answer to the question is known to be wrong."""
        return fold(answer) in self.wrong.get(place, ())


def has_truth(truth_dir: Path | None) -> bool:
    """Whether planted errors are known, or will be once the teacher has answered."""
    return truth_dir is not None and truth_dir.is_dir()


def read_planted(truth_dir: Path | None) -> Planted | None:
    """The record of planted errors, or None where there is none. Broken lines are passed over."""
    path = truth_dir / PLANTED_FILE if truth_dir else None
    if path is None or not path.is_file():
        return None
    wrong: dict[Place, set[str]] = {}
    kinds: dict[Place, set[str]] = {}
    repeats: dict[Place, str] = {}
    with path.open("rb") as lines:
        for line in lines:
            try:
                entry = json.loads(line)
                kind = entry["kind"]
                if kind in (*FLAWS, BLIND):
                    kinds.setdefault((entry["image_id"], entry["question"]), set()).add(kind)
                elif kind == "bad_path":
                    place = entry["image_id"], entry["question"]
                    kinds.setdefault(place, set()).add(f"{BAD_PATH}{entry.get('how', '')}")
                elif kind == "wrong_answer":
                    wrong.setdefault((entry["image_id"], entry["question"]), set()).add(fold(entry["answer"]))
                elif kind == REPEATED:
                    repeats[entry["image_id"], entry["question"]] = entry["repeats"]
            except (ValueError, KeyError, TypeError):
                continue
    for (image_id, question), first in repeats.items():  # the teacher answers both alike, and records the first
        place = image_id, question
        kinds[place] = {REPEATED, *kinds.get(place, ()), *kinds.get((image_id, first), ())}
        if answers := wrong.get((image_id, first)):
            wrong.setdefault(place, set()).update(answers)
    return Planted(
        frozenset(place for place, of in kinds.items() if of & set(FLAWS)),
        {place: frozenset(answers) for place, answers in wrong.items()},
        frozenset(place for place, of in kinds.items() if any(kind.startswith(BAD_PATH) for kind in of)),
        {place: frozenset(of) for place, of in kinds.items()},
        repeats,
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
