"""One person's way through a sample (annotation queue): which row comes next, and which need a second opinion.

Belongs here: order and choice. Pure. Does not belong here: drawing the sample (sample.py), verdicts in the lake
(recorded.py).

Two people may work at once, each on rows that the other has not judged; a share of those that one has judged the other
gets as well, so that the two can be compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wethink_assets.auditing.sample import Row, order


@dataclass(frozen=True)
class Place:
    """A row of the sample at its `number`, from 0. `said`: verdicts by person; `open`: this person is to judge it."""

    number: int
    sample_id: str
    said: Mapping[str, str]
    open: bool


class Queue:
    """A sample as one person meets it; without a person, as anybody would who has judged nothing."""

    def __init__(
        self, sample: Sequence[Row], verdicts: Iterable[Mapping[str, Any]], person: str = "", *, again: float, seed: int
    ) -> None:
        """`again`: the share of rows judged by others, 0 to 1, that this person judges too."""
        said: dict[str, dict[str, str]] = {row["sample_id"]: {} for row in sample}
        last: tuple[Any, str] | None = None
        for row in verdicts:
            if row["sample_id"] in said:
                said[row["sample_id"]][row["person"]] = row["verdict"]
                if person and row["person"] == person:
                    last = max(last or (row["recorded_at"], ""), (row["recorded_at"], row["sample_id"]))
        self.person = person
        self.last = last[1] if last else ""  # what this person judged last
        self.places = [
            Place(number, sample_id, own, _open(own, person, again, seed, sample_id))
            for number, (sample_id, own) in enumerate(said.items())
        ]

    def following(self, at: int = 0) -> Place | None:
        """The first open row from this number on, then from the beginning; None where none is open."""
        after = [place for place in self.places if place.open]
        return next((place for place in after if place.number >= at), after[0] if after else None)

    def named(self, sample_id: str) -> Place | None:
        """The row of this id, open or not; None where the sample does not hold it."""
        return next((place for place in self.places if place.sample_id == sample_id), None)

    @property
    def judged(self) -> int:
        """Rows with a verdict of anybody."""
        return sum(bool(place.said) for place in self.places)

    @property
    def own(self) -> int:
        """Rows with a verdict of this person."""
        return sum(self.person in place.said for place in self.places)

    @property
    def left(self) -> int:
        return sum(place.open for place in self.places)


def _open(said: Mapping[str, str], person: str, again: float, seed: int, sample_id: str) -> bool:
    if person in said:
        return False
    return not said or _share(seed, sample_id) < again


def _share(seed: int, sample_id: str) -> float:
    """0 to 1, apart from the order in which rows are drawn."""
    return int(order(seed, f"again {sample_id}"), 16) / 16**24
