"""Multiple choice, one letter per item: MMStar, AI2D and added sets of that kind.

Belongs here: the plain multiple-choice family. Does not belong here: comparing options (scorers/).
"""

from __future__ import annotations

from wethink_assets.evaluation.families.family import Family
from wethink_assets.evaluation.scorers import choice
from wethink_assets.evaluation.scorers.vlmevalkit import choice as kit
from wethink_assets.evaluation.scorers.vlmevalkit.cells import through_file

FAMILY = Family(
    "choice",
    strict=choice.letter_equals_gold,
    vlmevalkit=through_file(kit.letter_equals_gold),
    judge_prompts=("choose_option",),
)
