"""What a gate is credited with: rows it looked at, dropped, should have dropped; calls it makes and saves."""

from __future__ import annotations

import json

import pytest

from wethink_assets.demo.audit.filters import PLANTED_FILE, read_planted
from wethink_assets.gate_quality.chain import chain, gate_of, switched_off
from wethink_assets.gate_quality.counting import Quality
from wethink_assets.row_filters.registry import NAMES
from wethink_assets.settings import SynthesisSettings
from wethink_assets.synthesis.registry import stages

COLUMNS = (
    "source stopped_at verdict reason reasoner_answer vlm_answer kept_answer release_reason marks solvable_blind "
    "not_confirmed"
).split()


def outcome(image, question, **given):
    """A question that became a row of the release, but for what is given."""
    row = dict.fromkeys(COLUMNS) | {"image_id": image, "question": question, "source": "coco", "offered": True}
    return row | given


def stopped(image, question, asset, reason, verdict="dropped", **given):
    return outcome(image, question, stopped_at=asset, reason=reason, verdict=verdict, offered=False, **given)


@pytest.fixture
def planted(tmp_path):
    entries = [
        {"kind": "ill_posed", "image_id": "i1", "question": "Bad?"},
        {"kind": "ill_posed", "image_id": "i2", "question": "Bad?"},
        {"kind": "wrong_answer", "image_id": "i3", "question": "Colour?", "answer": "blue"},
        {"kind": "wrong_answer", "image_id": "i4", "question": "Colour?", "answer": "blue"},
        {"kind": "bad_path", "image_id": "i5", "question": "Colour?", "how": "loop"},
        {"kind": "repeated_question", "image_id": "i6", "question": "Look: Colour?", "repeats": "Colour?"},
        {"kind": "repeated_question", "image_id": "i7", "question": "Look: Colour?", "repeats": "Colour?"},
        {"kind": "wrong_answer", "image_id": "i7", "question": "Colour?", "answer": "blue"},
    ]
    (tmp_path / PLANTED_FILE).write_text("\n".join(map(json.dumps, entries)), "utf-8")
    return read_planted(tmp_path)


def measured(rows, planted, filters=(), calls=(), off=()):
    quality = Quality(chain(stages(), off), planted)
    quality.add(rows)
    return {(row["gate"], row["source"]): row for row in quality.table(filters, calls)}


def test_a_question_that_repeats_another_has_its_wrong_answers_too(planted):
    assert planted.is_bad(("i7", "Look: Colour?", "blue")) and not planted.is_bad(("i6", "Look: Colour?", "blue"))


def test_a_gate_looks_at_what_the_gates_before_it_let_pass(planted):
    rows = [
        stopped("i1", "Bad?", "valid_questions", "ill_posed"),
        outcome("i2", "Bad?"),
        stopped("i8", "Good?", "valid_questions", "ill_posed", source="ai2d"),
        stopped("i9", "Good?", "valid_questions", "not_answerable"),
        stopped("i9", "Failed?", "dual_answers", "http_400", verdict="failed"),
    ]
    told = measured(rows, planted)
    first, second = told["well_posed", ""], told["answerable", ""]
    assert (first["looked_at"], first["dropped_first"], first["bad_rows"], first["bad_alone"]) == (5, 2, 2, 1)
    assert (first["precision"], first["aimed_recall"]) == (0.5, 0.5) and first["dropped_only"] is None
    assert 0.09 < first["precision_low"] < 0.1 < 0.9 < first["precision_high"]
    assert (second["looked_at"], second["dropped_first"], second["bad_alone"]) == (3, 1, 0)
    assert told["agreement", ""]["looked_at"] == 1, "a failed row reaches no gate behind the failure"
    assert told["well_posed", "ai2d"]["looked_at"] == 1 and told["well_posed", "coco"]["dropped_first"] == 1


def test_agreement_is_credited_with_wrong_answers_that_it_does_not_keep(planted):
    both = {"reasoner_answer": "blue", "vlm_answer": "Blue"}
    one = {"reasoner_answer": "blue", "vlm_answer": "red"}
    rows = [
        stopped("i3", "Colour?", "chosen_answers", "no_right_answer", **both),
        outcome("i4", "Colour?", **one, kept_answer="red"),
        outcome("i3", "Colour?", **both, kept_answer="blue"),
        stopped("i4", "Colour?", "chosen_answers", "no_right_answer", **one),
    ]
    row = measured(rows, planted)["agreement", ""]
    assert (row["dropped_alone"], row["bad_alone"], row["bad_rows"]) == (2, 1, 2)
    assert (row["aimed_rows"], row["aimed_caught"]) == (4, 3)


def test_a_question_that_is_marked_goes_on_and_counts(planted, tmp_path):
    known = {"kind": "solvable_blind", "image_id": "i1", "question": "Legs?"}
    (tmp_path / "planted").mkdir()
    (tmp_path / "planted" / PLANTED_FILE).write_text(json.dumps(known), "utf-8")
    planted = read_planted(tmp_path / "planted")
    assert not planted.flawed and not planted.is_bad(("i1", "Legs?", "8")), "it is not wrong"
    rows = [outcome("i1", "Legs?", solvable_blind=True), outcome("i2", "Legs?", solvable_blind=True)]
    rows.append(stopped("i1", "Legs?", "chosen_answers", "solvable_blind", solvable_blind=True))
    told = measured(rows, planted)
    row = told["blind_check", ""]
    assert (row["looked_at"], row["dropped_first"], row["bad_rows"], row["bad_alone"]) == (3, 3, 2, 2)
    assert (row["aimed_rows"], row["aimed_caught"], told["agreement", ""]["bad_rows"]) == (2, 2, 0)
    assert told["path_guards", ""]["looked_at"] == 2


def test_a_second_look_is_credited_with_kept_wrong_answers(planted):
    """Also where the other answer is right, and where the row is only marked."""
    one = {"reasoner_answer": "red", "vlm_answer": "blue"}
    rows = [
        stopped("i3", "Colour?", "chosen_answers", "not_confirmed", **one, kept_answer="blue", not_confirmed=True),
        stopped("i8", "Colour?", "chosen_answers", "not_confirmed", **one, kept_answer="red", not_confirmed=True),
        outcome("i4", "Colour?", **one, kept_answer="blue", not_confirmed=True),
        outcome("i4", "Colour?", **one, kept_answer="blue", not_confirmed=False),
        outcome("i4", "Colour?", **one, kept_answer="red"),
    ]
    row = measured(rows, planted)["second_look", ""]
    assert (row["looked_at"], row["dropped_first"], row["bad_rows"], row["bad_alone"]) == (5, 3, 3, 2)
    assert (row["aimed_rows"], row["aimed_caught"]) == (3, 2)


def test_nothing_is_expected_of_a_gate_that_is_off(planted):
    off = switched_off(SynthesisSettings())
    assert off == {"blind_check", "second_look"}
    assert switched_off(SynthesisSettings(second_look={"answers": 3})) == {"blind_check"}
    row = measured([outcome("i4", "Colour?", kept_answer="blue")], planted, off=off)["second_look", ""]
    assert (row["looked_at"], row["bad_rows"], row["aimed_rows"], row["aimed_recall"]) == (1, 1, None, None)


def test_row_filters_are_counted_by_their_own_stage(planted):
    loops = {"filter": "path_loops", "source": "coco", "rows": 9, "dropped_alone": 3, "dropped_first": 2}
    loops |= {"dropped_only": 1, "bad_rows": 4, "bad_alone": 3, "bad_first": 2, "bad_only": 1}
    rows = [stopped("i5", "Colour?", "reasoning_paths", "path_loops", kept_answer="red"), outcome("i8", "Good?")]
    told = measured(rows, planted, filters=[loops, loops | {"source": "ai2d"}])
    everywhere, there = told["path_loops", ""], told["path_loops", "coco"]
    assert (everywhere["looked_at"], everywhere["dropped_alone"], everywhere["dropped_only"]) == (18, 6, 2)
    assert (there["looked_at"], there["recall"], there["aimed_recall"]) == (9, 0.75, 1.0)
    assert told["path_wrong_step", ""]["bad_rows"] == 0


def test_of_a_pair_that_asks_the_same_one_has_to_go(planted):
    rows = [
        outcome("i6", "Look: Colour?", marks=["near_duplicate_question"]),
        outcome("i6", "Colour?"),
        outcome("i7", "Look: Colour?"),
        stopped("i7", "Colour?", "valid_questions", "ill_posed"),
        outcome("i8", "Good?", release_reason="near_duplicate_question"),
        outcome("i9", "Good?", release_reason="over_quota"),
    ]
    row = measured(rows, planted)["near_duplicate_question", ""]
    assert (row["looked_at"], row["dropped_only"], row["bad_rows"], row["bad_alone"]) == (5, 2, 1, 1)
    assert (row["precision"], row["aimed_recall"]) == (0.5, 1.0)


def test_without_a_truth_only_drops_are_counted():
    told = measured([stopped("i1", "Bad?", "valid_questions", "ill_posed"), outcome("i2", "Bad?")], None)
    row = told["well_posed", ""]
    assert row["dropped_first"] == 1 and row["bad_rows"] is None and row["precision"] is None
    assert told["path_loops", ""]["bad_rows"] is None and told["path_loops", ""]["aimed_rows"] is None


def test_a_dropped_row_saves_the_calls_that_a_row_that_passed_cost():
    calls = [
        {"asset": "valid_questions", "prompt": "check_well_posed", "calls": 4, "cost": 4.0},
        {"asset": "valid_questions", "prompt": "check_answerable", "calls": 3, "cost": 3.0},
        {"asset": "reasoning_paths", "prompt": "refine_path", "calls": 3, "cost": 9.0},
        {"asset": "reasoning_paths", "prompt": "of an older version", "calls": 3, "cost": 9.0},
    ]
    rows = [stopped("i1", "Bad?", "valid_questions", "ill_posed", source="ai2d"), *[outcome("i2", "Good?")] * 3]
    told = measured(rows, None, calls=calls)
    row = told["well_posed", ""]
    assert (row["calls"], row["cost"], row["calls_saved"], row["cost_saved"]) == (4, 4.0, 2.0, 4.0)
    assert told["well_posed", "ai2d"]["calls"] == 1 and told["well_posed", "ai2d"]["cost_saved"] == 4.0
    assert told["path_guards", ""]["cost_saved"] == 0.0 and told["path_guards", ""]["calls"] == 0


def test_every_row_filter_has_its_place_and_every_reason_one_gate():
    steps = chain(stages())
    assert {step.name for step in steps if step.is_filter} == set(NAMES)
    assert len({step.name for step in steps}) == len(steps)
    owned = [(step.asset, reason) for step in steps for reason in step.reasons]
    assert len(owned) == len(set(owned))
    assert steps[gate_of(steps, "samples", "empty_text")].name == "record_guards"
    assert gate_of(steps, "dual_answers", "whatever") is None
