"""Settings of pass rates: how many answers a policy samples for how many rows, and which rows are fit to learn from.

Belongs here: bounds and defaults. Does not belong here: what a rate is (pass_rates/), which rows a release holds.
"""

from __future__ import annotations

from pydantic import Field, field_validator

from wethink_assets.settings.base import Strict

Band = tuple[float, float]
LEARNABLE: Band = (0.01, 0.99)  # of at most 64 answers: one right at least, one wrong at least


class PassRateSettings(Strict):
    """Pass rates: `answers` are sampled for each of the first `rows` rows of either split of the release; 0 measures
    none.

    A policy answers them as it is asked by `[evaluation] profile`, but with this `temperature` and `top_p`. Descriptive
    rows, which a judge scores, are left out unless `judged`. A policy learns from the training rows whose rate lies in
    `band`, both ends included, or in that of `bands` for their source: by default from those that the base policy
    answers neither always nor never, as a group of equal rewards teaches nothing; `[0, 1]` keeps all. Rows without a
    rate stay. All values are ours [D] but `answers`, the paper's group size [R].
    """

    rows: int = Field(0, ge=0)
    answers: int = Field(5, ge=1, le=64)
    temperature: float = Field(1.0, gt=0, le=2)
    top_p: float = Field(1.0, gt=0, le=1)
    seed: int = Field(0, ge=0, lt=2**31)
    judged: bool = False
    band: Band = LEARNABLE
    bands: dict[str, Band] = Field(default_factory=dict)

    @field_validator("band")
    @classmethod
    def _a_band(cls, band: Band) -> Band:
        return _checked(band)

    @field_validator("bands")
    @classmethod
    def _of_sources(cls, bands: dict[str, Band]) -> dict[str, Band]:
        return {source: _checked(band) for source, band in bands.items()}


def _checked(band: Band) -> Band:
    if not 0 <= band[0] <= band[1] <= 1:
        raise ValueError("a band is two rates from 0 to 1, the lower one first")
    return band
