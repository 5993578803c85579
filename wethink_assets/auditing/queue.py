"""One person's way through a sample (annotation queue): which row comes next, and which need a second opinion.

Belongs here: order and choice. Pure. Does not belong here: drawing the sample (sample.py), verdicts in the lake
(recorded.py).

Two people may work at once. A share of the rows everybody judges, so that people can be compared, and meets where the
draw puts them; the others each person meets in an order of their own, and passes those that somebody judged before. In
one order for all, two people at one speed would see the same row all the way, and both judge it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wethink_assets.auditing.sample import Row, order


@dataclass(frozen=True)
class Place:
    """A row at its `number` on a person's way, from 0. `said`: verdicts by person; `open`: it is to be judged."""

    number: int
    sample_id: str
    said: Mapping[str, str]
    open: bool


class Queue:
    """A sample as one person meets it; without a person, in the order of the draw.

    The way depends on person, sample, share and seed alone: numbers of places stay while verdicts come in.
    """

    def __init__(
        self, sample: Sequence[Row], verdicts: Iterable[Mapping[str, Any]], person: str = "", *, again: float, seed: int
    ) -> None:
        """`again`: the share of the rows, 0 to 1, that everybody judges."""
        said: dict[str, dict[str, str]] = {row["sample_id"]: {} for row in sample}
        last: tuple[Any, str] | None = None
        for row in verdicts:
            if row["sample_id"] in said:
                said[row["sample_id"]][row["person"]] = row["verdict"]
                if person and row["person"] == person:
                    last = max(last or (row["recorded_at"], ""), (row["recorded_at"], row["sample_id"]))
        self.person = person
        self.last = last[1] if last else ""  # what this person judged last
        shared = _shared(list(said), again, seed)
        self.places = [
            Place(number, sample_id, said[sample_id], _open(said[sample_id], person, sample_id in shared))
            for number, sample_id in enumerate(_way(list(said), shared, person, seed))
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


def _open(said: Mapping[str, str], person: str, shared: bool) -> bool:
    return person not in said and (shared or not said)


def _shared(drawn: Sequence[str], again: float, seed: int) -> frozenset[str]:
    """The rows for everybody: chosen apart from the order in which rows are drawn."""
    by_chance = sorted(drawn, key=lambda sample_id: order(seed, f"again {sample_id}"))
    return frozenset(by_chance[: round(again * len(drawn))])


def _way(drawn: Sequence[str], shared: Collection[str], person: str, seed: int) -> list[str]:
    """The rows in a person's order: shared ones stay where they were drawn, the others change places."""
    if not person:
        return list(drawn)
    others = [sample_id for sample_id in drawn if sample_id not in shared]
    own = iter(sorted(others, key=lambda sample_id: order(seed, f"way {person} {sample_id}")))
    return [sample_id if sample_id in shared else next(own) for sample_id in drawn]
