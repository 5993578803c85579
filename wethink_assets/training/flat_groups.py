"""Groups without variance (dynamic sampling, DAPO): which they are, where they lie on the ranks, what is asked instead.

Belongs here: those decisions. Pure: each rank makes them for itself from what all ranks know, so all make the same.
Does not belong here: sampling and the loss (group_trainer.py), counting in the log.

A group whose completions all earn the same teaches nothing: each one's advantage is 0. Which groups do is known once
the rewards of all ranks are gathered. A rank alone must not do less than the others: with weights in shards (ZeRO-3)
all of them would wait for it for ever. So every rank asks as many completions, and those of one that needs fewer count
for nothing.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

SAME = 1e-6  # rewards that differ by less are equal: they are sums of 32-bit numbers


def flat_groups(
    rewards: Sequence[Sequence[float]], weights: Sequence[float], group_size: int, *, apart: bool
) -> list[int]:
    """Numbers of the groups that teach nothing. `rewards`: a row a completion, a column a reward term.

    NaN in all columns: a completion left out. `apart`: terms are normalised each for itself, so that a group varies
    where one of its terms does; else where the weighted sum does.
    """
    found = []
    for group in range(len(rewards) // group_size):
        members = [r for r in rewards[group * group_size : (group + 1) * group_size] if not all(map(math.isnan, r))]
        if apart:
            columns = [[term for term in column if not math.isnan(term)] for column in zip(*members, strict=True)]
        else:
            columns = [
                [sum(w * term for w, term in zip(weights, r, strict=True) if not math.isnan(term)) for r in members]
            ]
        if all(not column or max(column) - min(column) < SAME for column in columns):
            found.append(group)
    return found


def asked_again(groups: Sequence[int], group_size: int, share: int, processes: int) -> list[list[int | None]]:
    """The places of these groups' completions, by the process that holds them: equally many for each.

    A process holds the places from its number x `share` on. None: a completion that only keeps the ranks in step.
    """
    places = [group * group_size + member for group in groups for member in range(group_size)]
    held = [[place for place in places if place // share == process] for process in range(processes)]
    most = max(map(len, held))
    return [[*own, *[None] * (most - len(own))] for own in held]


class SpareRows:
    """Rows of the training set to ask in the place of others, near the step in the order of the run.

    `sample_id` gives that of a place of the order, `places` their number, `per_step` how many make a step. What is
    taken depends on the seed, the step and the attempt alone, so a resumed run takes the same.
    """

    def __init__(self, sample_id: Callable[[int], str], places: int, per_step: int, seed: int) -> None:
        self._sample_id, self._places, self._per_step, self._seed = sample_id, places, per_step, seed
        self._step, self._asked = -1, set[str]()

    def take(self, step: int, attempt: int, groups: Sequence[int]) -> dict[int, int]:
        """For groups of the step (from 0) the place of another row each, that was not asked in it yet.

        A group for which no other is found within a few draws is left out: its own row is asked once more.
        """
        first = step * self._per_step
        if step != self._step:
            self._step = step
            self._asked = {self._sample_id(place) for place in range(first, first + self._per_step)}
        reach = max(8 * self._per_step, self._places // 16)
        low, high = max(0, first - reach), min(self._places, first + self._per_step + reach)
        draw, taken = random.Random(f"{self._seed}|{step}|{attempt}"), dict[int, int]()
        for group in groups:
            for _ in range(20):
                place = draw.randrange(low, high)
                if (sample := self._sample_id(place)) not in self._asked:
                    taken[group] = place
                    self._asked.add(sample)
                    break
        return taken
