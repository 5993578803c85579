"""Settings of the rewards room: when a judge is trusted, and when evidence takes a row away from its rule.

Belongs here: thresholds. Does not belong here: the judge's endpoints (calls.py), the reward's weights (policies.py).
"""

from __future__ import annotations

from pydantic import Field

from wethink_assets.settings.base import Strict


class RewardSettings(Strict):
    """Judge calibration and routing of rewards; all values are ours [D].

    A judge is trusted from a quadratic weighted kappa of `least_kappa` (0.61 begins "substantial" agreement in the
    words of Landis and Koch, 1977) and a clear tier on `least_scored` of the calibration pairs. `judge_passes`: how
    often judgements that failed are asked for again at the end of a stage, and as often again in every later run:
    time-outs, server errors and replies without a usable score. What a judge refused stays refused, unless
    `refused_again`. Routing: the replies of `routed_share` of the rule rows are judged too; a row with at least
    `least_replies` of them decided by both, of which more than `max_disagreement` disagree, leaves its rule. Below
    `least_agreement` over a batch the check warns.
    """

    least_kappa: float = Field(0.6, ge=-1, le=1)
    least_scored: float = Field(0.9, ge=0, le=1)
    judge_passes: int = Field(2, ge=0, le=5)
    refused_again: bool = False
    routed_share: float = Field(1.0, ge=0, le=1)
    least_replies: int = Field(2, ge=1)
    max_disagreement: float = Field(0.4, ge=0, le=1)
    least_agreement: float = Field(0.8, ge=0, le=1)
