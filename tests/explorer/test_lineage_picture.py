"""The picture of a lineage: no box lies on another, none leaves the picture, lines go to the right or down."""

from __future__ import annotations

from itertools import combinations

import pytest

from wethink_assets.explorer.lineage_picture import HIGH, MOST, WIDE, Picture, picture_of

HERE = "s" * 64


def _view(*, files: int = 1, stops: int = 0, releases: int = 1, answers: int = 2) -> dict:
    return {
        "image_id": "i" * 64,
        "files": [{"image_uri": f"coco/{n}.jpg"} for n in range(files)],
        "descriptions": [{"description_id": "d", "text": "a red\n\ncar " * 40}],
        "refined": [{"description_id": "d", "refined_id": "r", "text": "x"}],
        "question": {"question_id": "q", "question": "What?"},
        "answers": [{"answer_id": f"a{n}", "answerer": "vlm", "answer": "red"} for n in range(answers)],
        "chosen": {"answer_id": "a0"} if answers else {},
        "path": {"path_id": "p", "refined_cot": "so"} if answers else {},
        "sample": {"sample_id": HERE, "answer": "red"} if answers else {},
        "stops": [{"verdict": "dropped", "reason": "ill_posed"}] * stops,
        "releases": [{"release_id": f"r{n}"} for n in range(releases)],
        "policies": [{"policy_id": "rl", "release_id": "r0"}],
    }


def _sound(picture: Picture) -> None:
    for a, b in combinations(picture.boxes, 2):
        assert abs(a.x - b.x) >= WIDE or abs(a.y - b.y) >= HIGH, (a, b)
    for box in picture.boxes:
        assert 0 <= box.x <= picture.width - WIDE and 0 <= box.y <= picture.height - HIGH and len(box.line) <= 16
    for a, b in picture.links:
        assert (a.column, a.y) < (b.column, b.y) if a.column == b.column else a.column < b.column, (a, b)


@pytest.mark.parametrize(
    "view",
    [_view(), _view(files=30, releases=9), _view(answers=0, releases=0, stops=3), _view(files=0, answers=1, stops=1)],
)
def test_every_picture_is_laid_out(view):
    made = picture_of(view, HERE)
    _sound(made)
    assert len({box.column for box in made.boxes}) == len({box.x for box in made.boxes})
    assert sum(box.state == "here" for box in made.boxes) == (1 if view["sample"] else 0)
    assert sum(box.state == "stopped" for box in made.boxes) == len(view["stops"])


def test_the_kept_answer_leads_on_and_the_other_does_not():
    made = picture_of(_view(), HERE)
    (path,) = (box for box in made.boxes if box.kind == "path")
    assert [a.row_id for a, b in made.links if b is path] == ["a0"]


def test_an_image_leads_to_its_questions_and_says_how_many_more_there_are():
    view = {name: value for name, value in _view(stops=1).items() if name in ("image_id", "files", "descriptions")}
    view |= {"refined": [], "stops": []}
    items = [
        {
            "id": f"q{n}",
            "question_id": f"q{n}",
            "question": "?",
            "sample_id": None,
            "reason": "ill",
            "outcome": "dropped",
        }
        for n in range(20)
    ]
    made = picture_of(view, "i" * 64, items)
    _sound(made)
    assert sum(box.kind == "question" for box in made.boxes) == 2 * MOST
    assert [box.text for box in made.boxes if box.kind == "questions"] == ["and 12 more"]
