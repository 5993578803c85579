"""The score rules, one module a family of sets, by two scorers.

Belongs here: the tables of rules by scorer and name. Does not belong here: running them (scoring.py), numbers over a whole set
(metrics.py).

`strict` is ours: the final answer, compared by the verifier that training rewards with. `vlmevalkit` is VLMEvalKit's, for
numbers that stand beside its leaderboards.
"""

from __future__ import annotations

from wethink_assets.evaluation.scorers import choice, heldout, maths, vlmevalkit, words
from wethink_assets.evaluation.scoring import Rule

STRICT, VLMEVALKIT = "strict", "vlmevalkit"
SCORERS = (STRICT, VLMEVALKIT)

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
    "chartqa": words.chartqa,
    "heldout": heldout.heldout,
}


def rules_of(scorer: str, *, judge: bool) -> dict[str, Rule]:
    """Rules by name; `judge` says whether one may be asked. The held-out set has a strict rule alone.

    Raises:
        KeyError: there is no such scorer.
    """
    if scorer == VLMEVALKIT:
        return vlmevalkit.RULES if judge else vlmevalkit.RULES_WITHOUT_JUDGE
    return {STRICT: RULES}[scorer]
