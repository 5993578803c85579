"""Multi-turn refinement: turns taken together, their early end, failures that stay with their image."""

from __future__ import annotations

import pytest
from hypothesis import given

from tests.synthesis.replies import JSON
from tests.synthesis.scripted import Script
from tests.synthesis.stage_rows import DESCRIPTIONS, only
from wethink_assets.synthesis import refine
from wethink_assets.synthesis.refine import DETAILS_PER_TURN, missing_details, visual_answers


def test_refinement_takes_turns_together_and_ends_early():
    def missing(request):
        if request.subject_id == "i0":
            return {"questions": []}  # complete from the start: no answer, no merge
        if request.subject_id == "i1" and "What colour?" in request.text:
            return {"questions": []}  # complete after one turn
        return {"questions": ["What size?" if "What colour?" in request.text else "What colour?"]}

    ask = Script(
        ask_missing_details=missing,
        answer_visual_details={"answers": [{"number": 1, "answer": "Red."}]},
        merge_description=lambda r: {"description": "merged " + r.subject_id},
    )
    result = refine.run(DESCRIPTIONS, ask, batch="b", turns=2)
    result.check()
    assert [len(b) for b in ask.batches] == [4, 3, 3, 2, 3]
    rows = {r["image_id"]: r for r in result.rows["refined_descriptions"]}
    assert rows["i0"]["text"] == "Scene 0." and rows["i0"]["turns"] == []
    assert [t["question"] for t in rows["i2"]["turns"]] == ["What colour?", "What size?"]
    assert len(rows["i2"]["call_ids"]) == 5 and len(rows["i1"]["call_ids"]) == 4
    assert rows["i3"]["turns"][0]["ask_call_id"] == rows["i3"]["call_ids"][0]
    assert rows["i3"]["turns"][0]["answer_call_id"] == rows["i3"]["call_ids"][1]


@pytest.mark.parametrize("stage", ["ask_missing_details", "answer_visual_details", "merge_description"])
def test_refinement_loses_only_the_image_whose_call_failed(stage):
    good = {
        "ask_missing_details": {"questions": ["What colour?"]},
        "answer_visual_details": {"answers": [{"number": 1, "answer": "Red."}]},
        "merge_description": {"description": "merged"},
    }
    ask = Script(**{**good, stage: only("i2")(good[stage])})
    result = refine.run(DESCRIPTIONS, ask, batch="b", turns=2)
    result.check()
    assert {r["image_id"] for r in result.rows["refined_descriptions"]} == {"i0", "i1", "i3"}
    assert [s.subject_id for s in result.failed] == ["d2"]


def test_without_turns_descriptions_go_through():
    result = refine.run(DESCRIPTIONS, Script(), batch="b", turns=0)
    assert [r["text"] for r in result.rows["refined_descriptions"]] == [d["text"] for d in DESCRIPTIONS]


@given(JSON)
def test_details_and_answers_keep_their_bounds(value):
    asked = missing_details(value)
    assert asked is None or (len(asked) <= DETAILS_PER_TURN and all(asked) and len(set(asked)) == len(asked))
    answered = visual_answers(value, 2)
    assert answered is None or (len(answered) == 2 and all(isinstance(a, str) for a in answered))
