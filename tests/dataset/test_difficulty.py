"""Which rows a policy learns from, by the base policy's pass rates."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from wethink_assets.dataset.difficulty import TOO_EASY, TOO_HARD, outside
from wethink_assets.settings import PassRateSettings


def test_by_default_rows_that_are_always_or_never_answered_rightly_teach_nothing():
    settings = PassRateSettings()
    for answers in (1, 5, 64):
        inside = [c for c in range(answers + 1) if outside(settings, "coco", c / answers) is None]
        assert inside == list(range(1, answers))
    assert outside(settings, "coco", 0.0)[0] == TOO_HARD and outside(settings, "coco", 1.0)[0] == TOO_EASY


def test_a_source_may_have_a_band_of_its_own():
    settings = PassRateSettings(band=(0, 1), bands={"sam": (0.2, 0.6)})
    assert outside(settings, "coco", 0.0) is outside(settings, "coco", 1.0) is outside(settings, "sam", 0.6) is None
    assert "right about it in 80%" in outside(settings, "sam", 0.8)[1]


@pytest.mark.parametrize("band", [(0.6, 0.2), (-0.1, 1), (0, 1.1)])
def test_a_band_that_holds_nothing_is_refused(band):
    with pytest.raises(ValidationError, match="from 0 to 1, the lower one first"):
        PassRateSettings(bands={"sam": band})
