"""Settings of a release's mix: shares of its rows by category, ability, difficulty and answer type.

Belongs here: which dimensions and values there are, and bounds. Does not belong here: sources, whose shares are
weights (`[release] shares`), how rows are chosen towards the mix (dataset/mix_selection.py).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from wethink_assets.settings.base import Strict
from wethink_assets.settings.growth import Ability

# A test holds these against the rooms that define them, which lie above the settings.
Category = Literal["MC", "FIB", "DES"]
Difficulty = Literal["never", "hard", "medium", "easy", "always", "unknown"]
AnswerTypeName = Literal[
    "choice",
    "number",
    "quantity",
    "expression",
    "set",
    "list",
    "interval",
    "yes_no",
    "text",
    "ocr",
    "box",
    "free_form",
]
_ROUNDING = 1e-9  # by which shares that are written as decimals may miss their sum


class MixSettings(Strict):
    """Shares of a release's rows that are aimed at beside those of the sources, from 0 to 1; empty: any.

    A value that is not named may take any share. Shares of `category`, `difficulty` and `answer_type`, of which a row
    has one each, add up to 1 at most; a row has several abilities, so that each share of `ability` stands alone.
    `difficulty` is the pass rate of the base policy: `never` right, `hard` below a third, `medium`, `easy` above two
    thirds, `always`, and `unknown` where it was not measured. The sources' quotas come first (docs/selection.md).
    """

    category: dict[Category, float] = Field(default_factory=dict)
    ability: dict[Ability, float] = Field(default_factory=dict)
    difficulty: dict[Difficulty, float] = Field(default_factory=dict)
    answer_type: dict[AnswerTypeName, float] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _known_dimensions(cls, given: Any) -> Any:
        known = tuple(cls.model_fields)
        if isinstance(given, Mapping) and (unknown := sorted(str(name) for name in given if name not in known)):
            raise ValueError(
                f"no dimension of the mix: {', '.join(unknown)}. There are {', '.join(known)}; sources have their "
                "weights in [release] shares"
            )
        return given

    @field_validator("*", mode="before")
    @classmethod
    def _no_truth_values(cls, given: Any) -> Any:
        if isinstance(given, Mapping) and (wrong := sorted(str(k) for k, v in given.items() if isinstance(v, bool))):
            raise ValueError(f"{', '.join(wrong)}: true and false are no shares, write a number from 0 to 1")
        return given

    @field_validator("*")
    @classmethod
    def _shares(cls, given: dict[str, float]) -> dict[str, float]:
        if wrong := sorted(name for name, share in given.items() if not 0 <= share <= 1):
            raise ValueError(f"{', '.join(wrong)}: a share of the rows, from 0 to 1")
        return given

    @model_validator(mode="after")
    def _at_most_all_rows(self) -> MixSettings:
        for name in ("category", "difficulty", "answer_type"):
            if (total := math.fsum(getattr(self, name).values())) > 1 + _ROUNDING:
                raise ValueError(f"shares of {name} add up to {total:g}: a row has one, so at most to 1")
        return self

    @property
    def shares(self) -> dict[str, dict[str, float]]:
        """Shares by dimension and value, of those that are named."""
        return {name: dict(getattr(self, name)) for name in type(self).model_fields if getattr(self, name)}
