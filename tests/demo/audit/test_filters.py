"""Filters measured against planted errors."""

from __future__ import annotations

import json

from wethink_assets.demo.audit import filters


def test_counts_and_shares(tmp_path):
    entries = [
        {"kind": "ill_posed", "image_id": "i1", "question": "Bad?"},
        {"kind": "unanswerable", "image_id": "i2", "question": "Hidden?"},
        {"kind": "wrong_answer", "image_id": "i3", "question": "Colour?", "answer": "Blue"},
        {"kind": "wrong_answer", "image_id": "i4", "question": "Colour?", "answer": "blue"},
        {"kind": "refusal"},
        {"kind": "wrong_answer"},
    ]
    text = "\n".join(json.dumps(e) for e in entries) + '\n{"kind": "ill_po'
    (tmp_path / filters.PLANTED_FILE).write_text(text, "utf-8")
    planted = filters.read_planted(tmp_path)
    assert planted is not None and planted.flawed == {("i1", "Bad?"), ("i2", "Hidden?")}

    def outcome(n, image, question, at=None, verdict=None):
        return {"question_id": f"q{n}", "image_id": image, "question": question, "stopped_at": at, "verdict": verdict}

    outcomes = [
        outcome(1, "i1", "Bad?", "valid_questions", "dropped"),  # caught
        outcome(2, "i2", "Hidden?"),  # survived
        outcome(3, "i3", "Colour?"),  # wrong answer survived
        outcome(4, "i4", "Colour?"),  # wrong answer caught, right one kept
        outcome(5, "i5", "Size?", "valid_questions", "dropped"),  # good one lost
        outcome(6, "i6", "Size?", "dual_answers", "failed"),  # failed is not lost by a filter
    ]
    measured = filters.measure(planted, outcomes, {"q2": "x", "q3": "blue", "q4": "red"})
    assert measured["planted_flawed_questions"] == 2 and measured["question_filter_recall"] == 0.5
    assert measured["question_filter_precision"] == 0.5
    assert measured["planted_flawed_in_samples"] == 1
    assert measured["questions_with_planted_wrong_answer"] == 2 and measured["planted_wrong_answers_in_samples"] == 1
    assert measured["wrong_answers_caught"] == 0.5
    assert measured["good_questions_lost"] == 1 and measured["good_questions_lost_share"] == 0.25
    assert measured["bad_samples_share"] == round(2 / 3, 4)


def test_no_record_is_no_measurement(tmp_path):
    assert filters.read_planted(None) is None and filters.read_planted(tmp_path) is None
    assert filters.measure(filters.Planted(frozenset(), {}), [], {})["bad_samples_share"] == 0.0
