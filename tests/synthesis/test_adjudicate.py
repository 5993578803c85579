"""Adjudication: only disagreements are asked about, in an order that favours neither answer."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from resources.calls.messages import ModelReply, call_id
from tests.synthesis.scripted import FAIL, Script
from tests.synthesis.stage_rows import pair
from wethink_assets.demo.pack.render import make_scene
from wethink_assets.demo.teacher import blind_questions
from wethink_assets.demo.teacher.faults import Faults, Rates
from wethink_assets.demo.teacher.replies import Teacher, TeacherRequest
from wethink_assets.settings import Settings
from wethink_assets.settings.data import BlindCheckSettings
from wethink_assets.synthesis import adjudicate


def test_only_disagreements_are_adjudicated_and_place_gives_no_model_away():
    rows = [pair(0, "agree"), *(pair(n, "disagree" if n % 2 else "undecided") for n in range(1, 40))]
    ask = Script(adjudicate=lambda r: {"reason": "", "choice": "first"})
    result = adjudicate.run(rows, ask, batch="b")
    result.check()
    assert ask.asked("adjudicate") == 39 and all(r.image_ids for r in ask.batches[0])
    kept = {c["question_id"]: c for c in result.rows["chosen_answers"]}
    assert kept["q0"]["answer_id"] == "a0r" and kept["q0"]["chosen_by"] == "agreement" and kept["q0"]["call_id"] is None
    assert {c["answer_id"][-1] for c in kept.values()} == {"r", "v"}, "the first place is drawn per question"
    for row, request in zip(rows[1:], ask.batches[0], strict=True):
        first = "red" if kept[row["question_id"]]["answer_id"].endswith("r") else "blue"
        assert f"<first_answer>\n{first}\n</first_answer>" in request.text


def test_neither_drops_and_failure_fails():
    choices = {"q0": {"reason": "both wrong", "choice": "neither"}, "q1": FAIL, "q2": {"reason": "", "choice": "maybe"}}
    ask = Script(adjudicate=lambda r: choices[r.subject_id])
    result = adjudicate.run([pair(n, "disagree") for n in range(3)], ask, batch="b")
    result.check()
    assert [(s.subject_id, s.reason) for s in result.dropped] == [("q0", "no_right_answer")]
    assert [s.reason for s in result.failed] == ["refusal", "invalid_reply"]


def test_what_would_be_dropped_is_escalated_first_and_counted_apart():
    verdicts = {
        "adjudicator": {"q0": "first", **dict.fromkeys(("q1", "q2", "q3"), "neither")},
        "adjudicator_2": {"q1": "second", "q2": "neither"},
    }

    def decide(request):
        choice = verdicts[request.role].get(request.subject_id)
        return {"reason": "", "choice": choice} if choice else FAIL

    ask = Script(adjudicate=decide)
    rows = [*(pair(n, "disagree") for n in range(4)), pair(4, "agree")]
    result = adjudicate.run(rows, ask, batch="b", escalate="adjudicator_2")
    result.check()
    assert [[r.role for r in batch] for batch in ask.batches] == [["adjudicator"] * 4, ["adjudicator_2"] * 3]
    assert all(request.image_ids for request in ask.batches[1])
    kept = {c["question_id"]: c["chosen_by"] for c in result.rows["chosen_answers"]}
    assert kept == {"q0": "adjudicator", "q1": "adjudicator_2", "q4": "agreement"}
    reasons = {s.subject_id: s.reason for s in result.dropped}
    assert reasons == {"q2": "no_right_answer_escalated", "q3": "no_right_answer"}, (
        "a failed second look changes nothing"
    )
    assert result.details["escalated"] == 3 and result.details["escalated_kept"] == 1
    first = adjudicate.run(rows, ask, batch="b")
    assert "escalated" not in first.details and len(first.rows["chosen_answers"]) == 2


def test_an_escalation_needs_an_endpoint_of_its_own():
    endpoint = {"base_url": "http://x/v1", "model": "m"}
    for asking in ({"escalate": "adjudicator_2"}, {"blind_check": {"answers": 3, "role": "adjudicator_2"}}):
        with pytest.raises(ValidationError, match="which has no endpoint"):
            Settings(synthesis=asking, endpoints={"adjudicator": endpoint})
    Settings(synthesis={"escalate": "adjudicator_2"}, endpoints={"adjudicator_2": endpoint})


def test_a_question_that_is_answered_blind_goes_or_is_marked():
    right = {"q0": 3, "q1": 2, "q2": 3}
    seeds = {}

    def blind(request):
        seeds.setdefault(request.subject_id, []).append(request.parameters["seed"])
        if request.subject_id == "q2" and len(seeds["q2"]) == 1:
            return FAIL
        return {
            "reasoning": "so",
            "answer": "red" if len(seeds[request.subject_id]) <= right[request.subject_id] else "x",
        }

    rows = [*(pair(n, "agree") for n in range(3)), pair(3, "agree") | {"category": "DES"}]
    own = BlindCheckSettings(answers=3, least_right=3, role="vlm")
    ask = Script(answer_blind=blind)
    result = adjudicate.run(rows, ask, batch="b", seed=7, blind=own)
    result.check()
    assert seeds == {f"q{n}": [7, 8, 9] for n in range(3)}, (
        "each answer is a call of its own, descriptive ones have none"
    )
    assert all(r.role == "vlm" and not r.image_ids and r.parameters["temperature"] == 1 for r in ask.batches[0])
    checks = {c["question_id"]: (c["scored"], c["correct"], c["solvable"]) for c in result.rows["blind_checks"]}
    assert checks == {"q0": (3, 3, True), "q1": (3, 2, False), "q2": (2, 2, False)}
    assert [(s.subject_id, s.reason) for s in result.dropped] == [("q0", "solvable_blind")]
    assert {c["question_id"] for c in result.rows["chosen_answers"]} == {"q1", "q2", "q3"}
    seeds.clear()
    marked = adjudicate.run(rows, ask, batch="b", blind=own.model_copy(update={"solvable": "mark"}))
    assert len(marked.rows["chosen_answers"]) == 4 and not marked.dropped and marked.rows["blind_checks"][0]["solvable"]
    assert adjudicate.run(rows, Script(), batch="b").rows["blind_checks"] == [], "off by default"
    with pytest.raises(ValidationError, match="no question could be solvable"):
        BlindCheckSettings(answers=2)


def test_the_sample_teacher_answers_blind_what_everybody_knows_and_guesses_the_rest():
    teacher = Teacher(Faults(Rates().hardened(), 0, None))

    def ask(requests):
        replies = []
        for one in requests:
            asked = TeacherRequest(one.role, one.text, one.schema_name, one.schema, None, one.parameters["seed"])
            content = teacher.reply(asked)
            identity = call_id(one, "teacher")
            replies.append(
                ModelReply(identity, True, json.dumps(content), content, None, None, "", "t", False, 0.0, 1, 1)
            )
        return replies

    scenes = [make_scene(kind, 1) for kind in ("photo", "solids", "bar_chart", "sign", "map", "geometry")]
    seen = [item for scene in scenes for item in scene.items if item.category != "DES"]
    rows = []
    for n, item in enumerate((*blind_questions.ITEMS, *seen)):
        text = {"question": item.question, "category": item.category, "options": list(item.options)}
        rows.append(pair(n, "agree") | text | {"reasoner_answer": item.answer, "vlm_answer": item.answer})
    result = adjudicate.run(rows, ask, batch="b", blind=BlindCheckSettings(answers=4))
    solvable = [int(s.subject_id[1:]) for s in result.dropped]
    known = len(blind_questions.ITEMS)
    found = sum(n < known for n in solvable)
    assert found >= 0.8 * known and len(solvable) - found <= 0.15 * len(seen)
