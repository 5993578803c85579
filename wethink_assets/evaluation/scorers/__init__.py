"""The score rules, one module a family of sets.

Belongs here: the table of rules by name. Does not belong here: running them (scoring.py), numbers over a whole set
(metrics.py).
"""

from __future__ import annotations

from wethink_assets.evaluation.scorers import choice, heldout, maths, words
from wethink_assets.evaluation.scoring import Rule

RULES: dict[str, Rule] = {
    "choice": choice.choice,
    "mmbench": choice.choice,
    "wemath": choice.choice,
    "mmmu": choice.mmmu,
    "mathvista": maths.mathvista,
    "mathvision": maths.mathvision,
    "mathverse": maths.mathverse,
    "dynamath": maths.dynamath,
    "logicvista": words.logicvista,
    "hallusion": words.hallusion,
    "ocrbench": words.ocrbench,
    "mmvet": words.mmvet,
    "heldout": heldout.heldout,
}
