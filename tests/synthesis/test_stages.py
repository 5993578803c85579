"""Each stage with scripted models: nothing is lost, one bad row stops one row, and no call is wasted."""

from __future__ import annotations

import pytest

from tests.synthesis.scripted import FAIL, Script
from wethink_assets.images.contamination import Questions
from wethink_assets.synthesis import adjudicate, answer, describe, package, questions, refine, refine_path
from wethink_assets.synthesis import filter as question_filter

IMAGES = [{"image_id": f"i{n}", "context": "{}"} for n in range(4)]
DESCRIPTIONS = [{"description_id": f"d{n}", "image_id": f"i{n}", "text": f"Scene {n}."} for n in range(4)]
REFINED = [{"refined_id": f"r{n}", "image_id": f"i{n}", "text": f"Fine scene {n}."} for n in range(4)]


def question(n: int, category: str = "FIB", **more):
    options = ["red", "blue"] if category == "MC" else []
    base = {"question_id": f"q{n}", "image_id": f"i{n}", "question": f"What is {n}?", "category": category}
    return {**base, "options": options, "text": f"Fine scene {n}.", **more}


def only(*bad):
    """Fails for the subjects in `bad`."""
    return lambda good: lambda request: FAIL if request.subject_id in bad else good


def test_describe_keeps_the_good_and_names_the_bad():
    ask = Script(describe=only("i1")({"description": " A  red\tball. "}))
    result = describe.run(IMAGES, ask, batch="b")
    result.check()
    assert [r["image_id"] for r in result.rows["descriptions"]] == ["i0", "i2", "i3"]
    assert result.rows["descriptions"][0]["text"] == "A red ball."
    assert [(s.subject_id, s.reason) for s in result.failed] == [("i1", "refusal")]
    assert "describing" in result.failed[0].detail and result.failed[0].related_id


@pytest.mark.parametrize(
    "said", [{"description": ""}, {"description": 7}, {}, [], "text", {"description": "x" * 30_000}]
)
def test_a_reply_of_another_shape_fails_its_row_only(said):
    good = {"description": "fine"}
    ask = Script(describe=lambda r: said if r.subject_id == "i2" else good)
    result = describe.run(IMAGES, ask, batch="b")
    result.check()
    assert (result.continued, [s.subject_id for s in result.failed]) == (3, ["i2"])
    assert result.failed[0].reason == "invalid_reply"


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


def proposal(text="What is it?", category="FIB", options=(), abilities=("reasoning", "ocr")):
    return {"question": text, "category": category, "options": list(options), "abilities": list(abilities)}


def test_questions_are_counted_as_proposed_and_every_rejection_has_its_reason():
    said = {
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
    result = questions.run(REFINED, Script(generate_questions=lambda r: said[r.subject_id]), batch="b", count=4)
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


def test_the_second_filter_is_not_paid_for_what_the_first_rejects():
    rows = [question(n) for n in range(4)]
    ask = Script(
        check_well_posed=lambda r: (
            {"reason": "vague", "well_posed": r.subject_id != "q0"} if r.subject_id != "q3" else FAIL
        ),
        check_answerable=lambda r: {"reason": "hidden", "answerable": r.subject_id != "q1"},
    )
    result = question_filter.run(rows, ask, batch="b")
    result.check()
    assert ask.asked("check_well_posed") == 4 and ask.asked("check_answerable") == 2
    assert [v["question_id"] for v in result.rows["valid_questions"]] == ["q2"]
    assert {(s.subject_id, s.reason) for s in result.dropped} == {("q0", "ill_posed"), ("q1", "not_answerable")}
    assert [(s.subject_id, s.reason) for s in result.failed] == [("q3", "refusal")]
    assert all(not r.image_ids for r in ask.batches[0]) and all(r.image_ids for r in ask.batches[1])


def test_dual_answers_compare_by_rule_and_descriptions_by_the_judge():
    rows = [question(0, "MC"), question(1), question(2), question(3, "DES"), question(4, "DES")]
    reasoner = {"q0": "B", "q1": "14 cm", "q2": "red", "q3": "A red ball.", "q4": "A red ball."}
    vlm = {"q0": "blue", "q1": "0.14 m", "q2": "blue", "q3": "The ball is red.", "q4": "A blue ball."}
    ask = Script(
        answer_from_description=lambda r: {"reasoning": "I think.", "answer": reasoner[r.subject_id]},
        answer_from_image=lambda r: {"reasoning": "I see.", "answer": vlm[r.subject_id]},
        judge=lambda r: {"score": 0.25 if "blue" in r.text else 0.75, "reason": ""},
    )
    result = answer.run(rows, ask, batch="b")
    result.check()
    agreement = {a["question_id"]: a["agreement"] for a in result.rows["answers"]}
    assert agreement == {"q0": "agree", "q1": "agree", "q2": "disagree", "q3": "agree", "q4": "disagree"}
    assert [a["answer"] for a in result.rows["answers"][:2]] == ["B", "B"]
    assert result.details == {"pairs_agree": 3, "pairs_disagree": 2, "pairs_undecided": 0}
    assert len(ask.batches) == 2, "both answers of all questions go out together"
    texts = [r for r in ask.batches[0] if r.prompt == "answer_from_description"]
    assert all(not r.image_ids and "Fine scene" in r.text for r in texts)
    assert all("Fine scene" not in r.text for r in ask.batches[0] if r.prompt == "answer_from_image")


def test_a_question_with_one_failed_answer_fails():
    ask = Script(
        answer_from_description={"reasoning": "r", "answer": "red"},
        answer_from_image=only("q1")({"reasoning": "r", "answer": "red"}),
    )
    result = answer.run([question(0), question(1)], ask, batch="b")
    result.check()
    assert [s.subject_id for s in result.failed] == ["q1"] and len(result.rows["answers"]) == 2


def test_a_judge_without_a_tier_leaves_the_pair_undecided():
    ask = Script(
        answer_from_description={"reasoning": "r", "answer": "A red ball lies there."},
        answer_from_image={"reasoning": "r", "answer": "There lies a ball."},
        judge=FAIL,
    )
    assert answer.run([question(0, "DES")], ask, batch="b").rows["answers"][0]["agreement"] == "undecided"


def pair(n: int, agreement: str):
    answers = {
        "reasoner_answer": "red",
        "reasoner_answer_id": f"a{n}r",
        "vlm_answer": "blue",
        "vlm_answer_id": f"a{n}v",
    }
    return question(n, agreement=agreement, **answers)


def test_only_disagreements_are_adjudicated_and_place_names_nobody():
    rows = [pair(0, "agree"), *(pair(n, "disagree" if n % 2 else "undecided") for n in range(1, 40))]
    ask = Script(adjudicate=lambda r: {"reason": "", "choice": "first"})
    result = adjudicate.run(rows, ask, batch="b")
    result.check()
    assert ask.asked("adjudicate") == 39 and all(r.image_ids for r in ask.batches[0])
    chosen = {c["question_id"]: c for c in result.rows["chosen_answers"]}
    assert (
        chosen["q0"]["answer_id"] == "a0r"
        and chosen["q0"]["chosen_by"] == "agreement"
        and chosen["q0"]["call_id"] is None
    )
    assert {c["answer_id"][-1] for c in chosen.values()} == {"r", "v"}, "the first place is drawn per question"
    for row, request in zip(rows[1:], ask.batches[0], strict=True):
        kept = "red" if chosen[row["question_id"]]["answer_id"].endswith("r") else "blue"
        assert f"<first_answer>\n{kept}\n</first_answer>" in request.text


def test_neither_drops_and_failure_fails():
    choices = {"q0": {"reason": "both wrong", "choice": "neither"}, "q1": FAIL, "q2": {"reason": "", "choice": "maybe"}}
    ask = Script(adjudicate=lambda r: choices[r.subject_id])
    result = adjudicate.run([pair(n, "disagree") for n in range(3)], ask, batch="b")
    result.check()
    assert [(s.subject_id, s.reason) for s in result.dropped] == [("q0", "no_right_answer")]
    assert [s.reason for s in result.failed] == ["refusal", "invalid_reply"]


@pytest.mark.parametrize(
    ("said", "category", "reason"),
    [
        ("The ball is red.", "FIB", None),
        ("The ball is red. The answer is red.", "FIB", None),
        ("The ball is red. The answer is blue.", "FIB", "path_contradicts_answer"),
        ("<think>The ball is red.</think>", "FIB", "markers_in_path"),
        ("See <image>: red", "FIB", "markers_in_path"),
        ("  ", "FIB", "empty_path"),
        ("…", "FIB", "empty_path"),
        ("red " * 5000, "FIB", "path_too_long"),
        ("So the answer is B. blue", "MC", "path_contradicts_answer"),
        ("So the answer is A.", "MC", None),
        ("The answer is anything at all.", "DES", None),
    ],
)
def test_path_guards(said, category, reason):
    row = question(0, category, answer_id="a0", answer="A" if category == "MC" else "red", chain="raw")
    result = refine_path.run([row], Script(refine_path={"refined_cot": said, "consistent": True}), batch="b")
    result.check()
    assert [s.reason for s in result.dropped] == ([reason] if reason else [])


def test_a_rewriter_may_say_that_no_path_leads_there():
    row = question(0, answer_id="a0", answer="red", chain="raw")
    result = refine_path.run([row], Script(refine_path={"refined_cot": "x", "consistent": False}), batch="b")
    assert result.dropped[0].reason == "no_consistent_path"


def test_the_rewriter_sees_the_option_behind_a_letter():
    row = question(0, "MC", answer_id="a0", answer="B", chain="raw chain")
    ask = Script(refine_path={"refined_cot": "It is blue.", "consistent": True})
    refine_path.run([row], ask, batch="b")
    assert "<final_answer>\nB. blue\n</final_answer>" in ask.batches[0][0].text and ask.batches[0][0].image_ids


def test_packaging_drops_what_the_record_refuses():
    def part(n, **more):
        ids = {"path_id": f"p{n}", "answer_id": f"a{n}", "source": "coco", "licence": "CC", "image_uri": "coco/1.jpg"}
        return question(n, abilities=["reasoning", "ocr"], answer="red", refined_cot="It is red.", **ids) | more

    rows = [
        part(0),
        part(1, category="DES"),
        part(2, refined_cot="<think>"),
        part(3, image_uri="../x.jpg"),
        part(4, category="MC", options=["red", "blue"]),
        part(5, category="MC", options=["green", "blue"]),
    ]
    result = package.run(rows, batch="b")
    result.check()
    made = {s["question_id"]: s for s in result.rows["samples"]}
    assert {q: s["reward"] for q, s in made.items()} == {"q0": "rule", "q1": "model", "q4": "rule"}
    assert made["q4"]["answer"] == "A" and made["q4"]["problem"].endswith("A. red\nB. blue")
    assert len(result.dropped) == 3 and all(s.reason and s.detail for s in result.dropped)


@pytest.mark.parametrize("run", [describe.run, question_filter.run, answer.run, adjudicate.run, refine_path.run])
def test_an_empty_batch_is_no_error(run):
    result = run([], Script(), batch="b")
    result.check()
    assert result.rows_in == 0
