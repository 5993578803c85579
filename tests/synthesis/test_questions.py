"""Question generation: every proposal is a usable question or has a reason, whatever a model proposes."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given

from resources.calls.messages import ModelReply, ModelRequest
from tests.synthesis.replies import JSON, PROPOSAL, proposal
from tests.synthesis.scripted import FAIL, Script
from tests.synthesis.stage_rows import REFINED
from wethink_assets.accounting import Stopped
from wethink_assets.images.contamination import Questions
from wethink_assets.synthesis import questions
from wethink_assets.synthesis.assets import stage_code_version
from wethink_assets.synthesis.questions import read_abilities, read_options, read_question
from wethink_assets.synthesis.schemas import ABILITIES
from wethink_assets.synthesis.stage_calls import request


def test_questions_are_counted_as_proposed_and_every_rejection_has_its_reason():
    replies = {
        "i0": {"questions": [proposal(), proposal("what is it"), proposal("Which?", "MC", ["red", "blue"])]},
        "i1": FAIL,
        "i2": {"questions": []},
        "i3": {
            "questions": [
                proposal(abilities=["reasoning"]),
                proposal(category="ESSAY"),
                proposal("Look at <image>"),
                "text",
                proposal("Fifth?"),
            ]
        },
    }
    result = questions.run(REFINED, Script(generate_questions=lambda r: replies[r.subject_id]), batch="b", count=4)
    result.check()
    assert result.rows_in == 3 + 1 + 1 + 5
    assert [q["question"] for q in result.rows["questions"]] == ["What is it?", "Which?"]
    assert sorted(s.reason for s in result.dropped) == [
        "duplicate_question",
        "malformed_question",
        "marker_in_question",
        "no_ability_synergy",
        "no_question",
        "too_many_questions",
        "unknown_category",
    ]
    assert [s.reason for s in result.failed] == ["refusal"]
    assert len({s.subject_id for s in [*result.dropped, *result.failed]}) == 8
    duplicate = next(s for s in result.dropped if s.reason == "duplicate_question")
    assert duplicate.related_id == result.rows["questions"][0]["question_id"]


def test_a_question_of_an_evaluation_set_is_dropped_and_names_the_item():
    item = {"benchmark": "MMStar", "item": "4", "question": "How many of the red cars stand left of the house?"}
    asked = "Look closely: how many of the red cars stand left of the house?"
    ask = Script(generate_questions={"questions": [proposal(), proposal(asked)]})
    result = questions.run(REFINED, ask, batch="b", count=3, repeated_by=Questions([item]).repeated_by)
    result.check()
    assert {q["question"] for q in result.rows["questions"]} == {"What is it?"}
    assert {(s.reason, s.related_id) for s in result.dropped} == {("benchmark_question", "MMStar:4")}


def test_one_question_about_two_images_is_two_rows():
    ask = Script(generate_questions={"questions": [proposal()]})
    result = questions.run(REFINED, ask, batch="b", count=3)
    assert len({q["question_id"] for q in result.rows["questions"]}) == 4


def test_only_where_a_batch_asks_for_abilities_another_prompt_is_asked():
    """Without any, requests are those of the prompt that names none, so that what was paid is not paid again."""
    asked: list[ModelRequest] = []

    def ask(requests: list[ModelRequest]) -> list[ModelReply]:
        asked.extend(requests)
        return Script(
            generate_questions={"questions": [proposal()]}, generate_questions_for={"questions": [proposal()]}
        )(requests)

    abilities = ([], ["math", "ocr"], ["ocr", "math"], ["juggling"])
    rows = [{**row, "abilities": own} for row, own in zip(REFINED, abilities, strict=True)]
    result = questions.run(rows, ask, batch="b", count=3, seed=5)
    result.check()
    assert len(result.rows["questions"]) == 4
    general = [
        request("generate_questions", f"i{n}", {"description": f"Fine scene {n}.", "count": "3"}, max_items=3, seed=5)
        for n in range(4)
    ]
    assert [asked[0], asked[3]] == [general[0], general[3]], "also where an ability is no longer known"
    assert {one.prompt for one in asked[1:3]} == {"generate_questions_for"}
    assert all("<abilities>ocr, math</abilities>" in one.text for one in asked[1:3]), "in one order"
    assert (asked[1].role, asked[1].schema) == (general[1].role, general[1].schema)


def test_both_prompts_are_in_the_version_of_the_stage():
    assert questions.STAGE.prompt_names() == ("generate_questions", "generate_questions_for")
    assert "growth_plan" in questions.STAGE.parents
    for name in questions.STAGE.prompt_names():
        without = replace(questions.STAGE, prompts=tuple(n for n in questions.STAGE.prompt_names() if n != name))
        assert stage_code_version(without) != stage_code_version(questions.STAGE)


@given(JSON | PROPOSAL)
def test_any_proposal_is_a_usable_question_or_has_a_reason(proposal):
    read = read_question(proposal)
    if isinstance(read, Stopped):
        assert read.reason and read.detail
        return
    assert read["question"].strip() and read["category"] in ("MC", "FIB", "DES")
    assert (
        read["abilities"][0] == "reasoning" and set(read["abilities"][1:]) <= set(ABILITIES) and read["abilities"][1:]
    )
    assert (read["category"] == "MC") == bool(read["options"])
    assert len(set(read["options"])) == len(read["options"])


def test_options_lose_their_letters_and_duplicates_are_refused():
    assert read_options(["A. red", "B. blue"], "MC") == ["red", "blue"]
    assert read_options(["red", "Red."], "MC") is not None  # a final stop may be part of an option
    assert read_options(["red", "RED"], "MC") is None
    assert read_options(["red"], "MC") is None
    assert read_options(["red", "blue"], "FIB") is None
    assert read_options(None, "DES") == []


def test_abilities_by_their_other_names():
    assert read_abilities(["Reasoning", "OCR", "spatial awareness"]) == ["reasoning", "ocr", "spatial"]
    assert read_abilities(["reasoning"]) is None
    assert read_abilities(["ocr", "math"]) is None
