"""Questions of the sample teacher: those with the abilities that are asked for, where the picture allows it."""

from __future__ import annotations

import pytest

from wethink_assets.demo.pack.render import make_scene
from wethink_assets.demo.pack.scene import KINDS
from wethink_assets.demo.teacher.faults import Faults, Rates
from wethink_assets.demo.teacher.questions import propose
from wethink_assets.demo.teacher.replies import Teacher, TeacherRequest
from wethink_assets.synthesis.schemas import ABILITIES
from wethink_assets.synthesis.stage_calls import request

SCENES = {f"{kind} {seed}": make_scene(kind, seed) for kind in KINDS for seed in range(2)}


def with_ability(proposals, ability):
    return sum(ability in one["abilities"] for one in proposals)


@pytest.mark.parametrize("ability", ABILITIES)
def test_wanted_abilities_come_first_where_the_picture_has_them(ability):
    honest = Faults(Rates().scaled(0), 0, None)
    for image_id, scene in SCENES.items():
        plain, wanted = propose(image_id, scene, 3, honest), propose(image_id, scene, 3, honest, [ability])
        there = sum(ability in item.abilities for item in scene.items)
        assert len(plain) == len(wanted) and with_ability(wanted, ability) >= with_ability(plain, ability)
        assert with_ability(wanted, ability) >= min(there, len(wanted) - 1)
        main = scene.items[0].question
        assert (plain[0]["question"] == main) == (wanted[0]["question"] == main), "which a tiny policy learns"
        if not there:
            assert wanted == plain


def test_the_teacher_reads_them_in_the_request_of_the_stage():
    teacher = Teacher(Faults(Rates().scaled(0), 0, None))

    def share(name: str, **values: str) -> float:
        proposals = []
        for image_id, scene in SCENES.items():
            one = request(name, image_id, {"description": scene.caption, "count": "3", **values}, max_items=3)
            told = TeacherRequest("reasoner", one.text, one.schema_name, one.schema, (image_id, scene))
            proposals += teacher.reply(told)["questions"]
        return (with_ability(proposals, "math") + with_ability(proposals, "knowledge")) / len(proposals)

    assert share("generate_questions_for", abilities="knowledge, math") > 1.5 * share("generate_questions") > 0
