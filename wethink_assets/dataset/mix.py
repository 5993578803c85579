"""The mix that a release aims at (quota sampling): which values of a row count, and how many rows of each are wanted.

Belongs here: dimensions, a row's values, shares as numbers of rows. Pure.
Does not belong here: which rows are taken (mix_selection.py), what was not met and why (mix_outcome.py), sources'
quotas (selection.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

ABILITY, DIFFICULTY = "ability", "difficulty"
DIMENSIONS = ("category", ABILITY, DIFFICULTY, "answer_type")
MOST_VALUES = 62  # a row's values are bits of a signed 64-bit number
_DIGITS = 1_000_000  # to which a share is exact: 0.4 is two fifths, and not the double beside it


class Value(NamedTuple):
    """A value of a dimension, such as category MC."""

    dimension: str
    name: str

    def __str__(self) -> str:
        return f"{self.dimension} {self.name}"


class Mix:
    """The shares that are asked for by dimension and value; without any, every row is like every other.

    `values` are all that count, in an order that does not depend on that of the settings; bit i of what `traits`
    gives stands for the i-th.
    """

    def __init__(self, shares: Mapping[str, Mapping[str, float]] | None = None) -> None:
        shares = shares or {}
        if unknown := sorted(set(shares) - set(DIMENSIONS)):
            raise ValueError(f"no dimension of the mix: {', '.join(unknown)}. There are {', '.join(DIMENSIONS)}")
        self._shares = {
            Value(dimension, name): Fraction(share).limit_denominator(_DIGITS)
            for dimension in DIMENSIONS
            for name, share in sorted(shares.get(dimension, {}).items())
        }
        self.values: tuple[Value, ...] = tuple(self._shares)
        if len(self.values) > MOST_VALUES:
            raise ValueError(f"a mix of {len(self.values)} values: {MOST_VALUES} are the most")
        self._bits = {value: 1 << place for place, value in enumerate(self.values)}
        self._known: dict[int, int] = {}

    def traits(self, row: Mapping[str, Any]) -> int:
        """The values of a sample that count, as bits. Equal traits are one object: a release has many rows of each."""
        if not self._bits:
            return 0
        found = 0
        for value in _values(row):
            found |= self._bits.get(value, 0)
        return self._known.setdefault(found, found)

    def named(self, traits: int) -> list[Value]:
        """The values that these bits stand for."""
        return [value for value, bit in self._bits.items() if traits & bit]

    def wanted(self, rows: int) -> list[int]:
        """How many of `rows` rows should have each value, in the order of `values`.

        Values of one dimension are rounded by largest remainders, the earliest first, so that they add up; abilities,
        of which a row has several, each by itself.
        """
        amounts = {value: int(share * rows) for value, share in self._shares.items()}
        left = {value: share * rows - amounts[value] for value, share in self._shares.items()}
        for dimension in DIMENSIONS:
            own = [value for value in self.values if value.dimension == dimension]
            if dimension == ABILITY:
                up = [value for value in own if left[value] >= Fraction(1, 2)]
            else:
                spare = round(sum((left[value] for value in own), Fraction(0)))
                up = sorted(own, key=lambda value: -left[value])[:spare]
            for value in up:
                amounts[value] += 1
        return list(amounts.values())

    def groups(self) -> Iterator[list[int]]:
        """Places of values of which a row has one at most: those of a dimension, and each ability alone."""
        for dimension in DIMENSIONS:
            own = [place for place, value in enumerate(self.values) if value.dimension == dimension]
            if dimension == ABILITY:
                yield from ([place] for place in own)
            elif own:
                yield own


def difficulty(rate: float | None) -> str:
    """The band of a pass rate [D]: of five answers, one right is hard, two or three are medium, four are easy."""
    if rate is None:
        return "unknown"
    if rate in (0, 1):
        return "always" if rate else "never"
    if 3 * rate < 1:
        return "hard"
    return "easy" if 3 * rate > 2 else "medium"


def _values(row: Mapping[str, Any]) -> Iterator[Value]:
    yield Value("category", row["category"])
    yield Value("answer_type", row["answer_type"])
    yield Value(DIFFICULTY, difficulty(row.get("pass_rate")))
    for name in row["abilities"] or ():
        yield Value(ABILITY, name)
