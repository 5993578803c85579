"""The second look: another model answers with the image, and what it does not confirm goes or is marked."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from tests.synthesis.scripted import FAIL, Script
from tests.synthesis.stage_rows import pair
from wethink_assets.demo.pack.render import make_scene
from wethink_assets.demo.pack.scene import KINDS
from wethink_assets.demo.teacher.faults import PLANTED_FILE, Faults, Rates
from wethink_assets.demo.teacher.replies import Teacher, TeacherRequest
from wethink_assets.settings import Settings
from wethink_assets.settings.data import BlindCheckSettings, SecondLookSettings
from wethink_assets.synthesis import adjudicate

OWN = SecondLookSettings(answers=3, least_agreeing=2)
# What the model says of each question, in the order of its calls; the kept answer is red.
SAID = {
    "q0": ("red", "red", "blue"),
    "q1": ("blue", "red", "blue"),
    "q2": ("red", FAIL, "Red."),  # decided without the call that failed
    "q3": ("blue", FAIL, "blue"),  # so is this
    "q4": ("red", FAIL, "blue"),
    "q5": (FAIL, FAIL, FAIL),
}


def say(request):
    answer = SAID[request.subject_id][request.parameters["seed"] - 7]
    return answer if answer is FAIL else {"reasoning": "so", "answer": answer}


def rows():
    return [*(pair(n, "agree") for n in range(6)), pair(6, "agree") | {"category": "DES"}]


def test_what_is_not_confirmed_is_dropped_and_what_cannot_be_told_fails():
    ask = Script(answer_again=say)
    result = adjudicate.run(rows(), ask, batch="b", seed=7, second_look=OWN)
    result.check()
    assert {c["question_id"] for c in result.rows["chosen_answers"]} == {"q0", "q2", "q6"}
    assert [(s.subject_id, s.reason) for s in result.dropped] == [("q1", "not_confirmed"), ("q3", "not_confirmed")]
    assert [(s.subject_id, s.reason) for s in result.failed] == [("q4", "refusal"), ("q5", "refusal")]
    looks = {
        k["question_id"]: (k["answer_id"], k["scored"], k["agreeing"], k["confirmed"])
        for k in result.rows["second_looks"]
    }
    assert looks == {
        "q0": ("a0r", 3, 2, True),
        "q1": ("a1r", 3, 1, False),
        "q2": ("a2r", 2, 2, True),
        "q3": ("a3r", 2, 0, False),
    }
    assert result.details["asked_again"] == 6 and result.details["not_confirmed"] == 2


def test_it_is_asked_with_the_image_and_without_the_kept_answer():
    ask = Script(answer_again=say)
    own = OWN.model_copy(update={"role": "rewriter"})
    adjudicate.run(rows(), ask, batch="b", seed=7, second_look=own)
    (requests,) = ask.batches
    seeds = {f"q{n}": [r.parameters["seed"] for r in requests if r.subject_id == f"q{n}"] for n in range(7)}
    assert seeds == {f"q{n}": [7, 8, 9] for n in range(6)} | {"q6": []}, "descriptive questions are not asked"
    assert all(r.role == "rewriter" and len(r.image_ids) == 1 and r.parameters["temperature"] == 1 for r in requests)
    assert not any("red" in r.text.lower() or "blue" in r.text.lower() for r in requests)


def test_marked_rows_go_on():
    own = OWN.model_copy(update={"unconfirmed": "mark"})
    result = adjudicate.run(rows(), Script(answer_again=say), batch="b", seed=7, second_look=own)
    result.check()
    assert not result.dropped and len(result.rows["chosen_answers"]) == 5
    assert [k["question_id"] for k in result.rows["second_looks"] if not k["confirmed"]] == ["q1", "q3"]


def test_it_is_off_unless_set_and_spares_what_the_blind_check_dropped():
    off = adjudicate.run(rows(), Script(), batch="b")
    assert off.rows["second_looks"] == [] and "asked_again" not in off.details
    ask = Script(answer_again=say, answer_blind=lambda r: {"reasoning": "so", "answer": "red"})
    blind = BlindCheckSettings(answers=3)
    result = adjudicate.run(rows(), ask, batch="b", seed=7, blind=blind, second_look=OWN)
    result.check()
    assert ask.asked("answer_again") == 0 and {s.reason for s in result.dropped} == {"solvable_blind"}


def test_settings_that_cannot_be_met_are_refused():
    with pytest.raises(ValidationError, match="no answer could be confirmed"):
        SecondLookSettings(answers=1)
    with pytest.raises(ValidationError):
        SecondLookSettings(answers=3, role="vlm")
    endpoint = {"base_url": "http://x/v1", "model": "m"}
    asking = {"second_look": {"answers": 3, "role": "adjudicator_2"}}
    with pytest.raises(ValidationError, match="which has no endpoint"):
        Settings(synthesis=asking, endpoints={"adjudicator": endpoint})


def test_the_sample_teacher_errs_on_its_own_and_records_it(tmp_path):
    """Its errors are drawn apart from those of reasoner and VLM, but for a fifth of what these share."""
    log = tmp_path / PLANTED_FILE
    faults = Faults(Rates().hardened(), 0, log)
    teacher = Teacher(faults)
    wrong = asked = shared_images = shared_wrong = 0
    for number in range(60):
        image = f"{number:064x}"
        scene = make_scene(KINDS[number % len(KINDS)], number)
        shared = faults.hits(faults.rates.shared_error, "shared", image)
        for item in scene.items:
            for seed in range(2):
                text = f"<question>\n{item.question}\n" + "\n".join(item.options) + "\n</question>"
                request = TeacherRequest("adjudicator", text, "second_look", {}, (image, scene), seed)
                answer = teacher.reply(request)["answer"]
                assert answer in (item.answer, item.wrong)
                if not shared:
                    asked, wrong = asked + 1, wrong + (answer != item.answer)
    for number in range(20_000):
        image = f"i{number}"
        if faults.hits(faults.rates.shared_error, "shared", image):
            shared_images += 1
            shared_wrong += faults.hits(faults.rates.second_look_shared, "second shared", "adjudicator", image)
    assert 0.07 < wrong / asked < 0.14
    assert 0.15 < shared_wrong / shared_images < 0.25
    kinds = {json.loads(line)["kind"] for line in log.read_text("utf-8").splitlines()}
    assert kinds == {"wrong_second_look"}
    right = Teacher(Faults(Rates().hardened().scaled(0), 0, None))
    (scene, item) = (scene := make_scene("photo", 1)), scene.items[0]
    request = TeacherRequest("adjudicator", item.question, "second_look", {}, ("0" * 64, scene), 0)
    assert right.reply(request)["answer"] == item.answer
