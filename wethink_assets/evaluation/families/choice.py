"""Multiple choice, one letter per item: MMStar, AI2D and added sets of that kind.

Belongs here: the plain multiple-choice family. Does not belong here: comparing options (scorers/).
"""

from __future__ import annotations

from wethink_assets.evaluation.families.family import Family
from wethink_assets.evaluation.scorers import choice
from wethink_assets.evaluation.scorers.vlmevalkit import choice as kit
from wethink_assets.evaluation.scorers.vlmevalkit.cells import through_file
from wethink_assets.evaluation.scorers.vlmevalkit.versions import by_version
from wethink_assets.evaluation.scoring import VLMEVALKIT

_ITS = {scorer: through_file(rule) for scorer, rule in by_version(kit.letter_equals_gold).items()}

FAMILY = Family(
    "choice",
    strict=choice.letter_equals_gold,
    vlmevalkit=_ITS[VLMEVALKIT],
    vlmevalkit_versions=_ITS,
    judge_prompts=("choose_option",),
)
