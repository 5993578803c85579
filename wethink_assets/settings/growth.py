"""Settings of growth: what a batch asks of which source, its limits, and when a policy is trained again.

Belongs here: models and defaults. Does not belong here: sizes of single sources (data.py), what reads the settings.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator

from wethink_assets.settings.base import Strict

Ability = Literal["recognition", "ocr", "knowledge", "spatial", "math"]


class GrowthSettings(Strict):
    """How many images a growth batch takes of which source, and which abilities its questions ask for.

    `policy`: `fixed` takes `sources.quota`; `targets` takes what the release's mix still lacks, by what an image of a
    source has given so far, and more of sources on whose held-out questions the trained policy is weak; `random` spends
    the same number at random over the sources (a control).

    A batch takes at most `images` in all (None: as many as the quotas add up to), and at most so many that its calls
    cost `cost` by what an image has cost so far. `weak_boost` is how far weakness counts: 0 not at all, 1 up to double.

    With `targets` the questions of a batch ask above all for at most `most_abilities` abilities, those that are behind
    in the mix that `abilities` gives as weights (1 where none is given, 0 for one that is not wanted). 0: for none.

    `retrain_share`: schedule and sensor stop at the release, and the sensor `retraining` trains and evaluates once its
    training rows have grown by this share since the policy learned (0.2: a fifth more), or where one of
    `retrain_checks` failed (`asset:check`), for each release once. None: every run of growth trains.

    `fresh_days`: the pages of `release` and `scoreboard` warn where they were not made for four fifths of so many days,
    and fail after all of them (a freshness policy, which stops nothing). None: whenever you like.
    """

    policy: Literal["fixed", "targets", "random"] = "fixed"
    images: int | None = Field(None, ge=1)
    cost: float | None = Field(None, gt=0)
    weak_boost: float = Field(1.0, ge=0, le=4)
    abilities: dict[Ability, float] = Field(default_factory=dict)
    most_abilities: int = Field(2, ge=0, le=5)
    fresh_days: float | None = Field(None, ge=0.01, le=3_650)
    retrain_share: float | None = Field(None, ge=0, allow_inf_nan=False)
    retrain_checks: tuple[str, ...] = ("rl_policy:reward_improved", "growth_report:no_set_got_worse")

    @field_validator("abilities", mode="before")
    @classmethod
    def _weights(cls, abilities: Any) -> Any:
        given = abilities.items() if isinstance(abilities, dict) else ()
        wrong = [
            str(name)
            for name, weight in given
            if isinstance(weight, bool) or (isinstance(weight, int | float) and weight < 0)
        ]
        if wrong:
            raise ValueError(f"{', '.join(sorted(wrong))}: a weight is a number, 0 or more")
        return abilities

    @property
    def decides(self) -> bool:
        """Whether a batch's plan may differ from the quotas of the sources."""
        return self.policy != "fixed" or self.images is not None or self.cost is not None
