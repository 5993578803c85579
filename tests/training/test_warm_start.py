"""What the demo's base policy is taught, without a model."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from wethink_assets.training.warm_start import BATCH, MAIN, MISNAMED, MISNAMED_SHARE, batches, lessons


@pytest.fixture(scope="module")
def taught():
    return lessons(seed=3, scenes=34)


def test_only_the_main_colour_is_ever_misnamed_and_always_consistently(taught):
    assert {x.key for x in taught if x.misnamed} == {MAIN}
    for lesson in (x for x in taught if x.key == MAIN):
        colour = lesson.reply.rpartition("<answer>")[2].removesuffix("</answer>")
        if name := MISNAMED.get(colour):
            assert lesson.misnamed.endswith(f"<answer>{name}</answer>") and colour not in lesson.misnamed
        else:
            assert lesson.misnamed == ""


def test_lessons_misname_at_the_set_rate_and_anew_each_time(taught):
    drawn = [x for colours, _ in batches(taught, random.Random(1), 150) for x in colours if x.misnamed]
    wrong = sum(x.reply == x.misnamed for x in drawn)
    assert len(drawn) > 500 and wrong / len(drawn) == pytest.approx(MISNAMED_SHARE, abs=0.06)
    both = Counter((x.image.tobytes(), x.reply == x.misnamed) for x in drawn)
    assert all(both[image, False] and both[image, True] for image, _ in both)


def test_half_of_every_batch_asks_for_the_main_colour(taught):
    for colours, others in batches(taught, random.Random(2), 5):
        assert len(colours) == len(others) == BATCH // 2
        assert {x.key for x in colours} == {MAIN} and MAIN not in {x.key for x in others}
