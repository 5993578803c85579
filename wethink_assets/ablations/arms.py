"""Arms of the ablation study: what each changes in the recipe, and from which rows it learns.

Belongs here: the arms and the choice of their rows. Pure. Does not belong here: training them (run.py), their numbers
(report.py).

All arms take equally many steps of equally many completions, so that an arm of fewer rows sees each of them more often.
The paper's findings [R] are about other models and data: hybrid above a single reward, direct RL above SFT then RL.
Which arms there are and how rows are chosen is ours [D].
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from wethink_assets.training.row_file import TrainingRow

Rows = Sequence[TrainingRow]


@dataclass(frozen=True)
class Arm:
    """An arm. `says` is its row of the table; `start` the policy that it begins from: 'base' or 'sft'.

    `learns`: by 'rl', by 'sft', or not at all (''). `change` are settings of [training] that differ. `choose` gives its
    rows; too few of them (none) are an arm that cannot be run, for the reason `needs`.
    """

    name: str
    says: str
    learns: str = "rl"
    start: str = "base"
    change: Mapping[str, Any] = field(default_factory=dict)
    choose: Callable[[Rows, int], list[TrainingRow]] = lambda rows, seed: list(rows)
    needs: str = ""


def _scored_by(method: str) -> Callable[[Rows, int], list[TrainingRow]]:
    return lambda rows, seed: [row for row in rows if row.reward == method]


def _share(part: float) -> Callable[[Rows, int], list[TrainingRow]]:
    """The first so many rows of a drawn order: a smaller share is part of a larger one."""

    def choose(rows: Rows, seed: int) -> list[TrainingRow]:
        order = random.Random(f"ablation rows {seed}").sample(range(len(rows)), len(rows))
        kept = set(order[: round(part * len(rows))])
        return [row for place, row in enumerate(rows) if place in kept]

    return choose


def _third(number: int) -> Callable[[Rows, int], list[TrainingRow]]:
    """A third of the rows that have a pass rate: 0 the easiest, 2 the hardest; rows of equal rate by their ids."""

    def choose(rows: Rows, seed: int) -> list[TrainingRow]:
        rated = sorted((row for row in rows if row.pass_rate is not None), key=_easiest_first)
        size = len(rated) / 3
        return rated[round(number * size) : round((number + 1) * size)]

    return choose


def _easiest_first(row: TrainingRow) -> tuple[float, str]:
    return -(row.pass_rate or 0.0), row.sample_id


_RATES = "no row has a pass rate: set [pass_rates] rows and materialise pass_rates_base"
_JUDGE = "no row is scored by the judge"
ARMS = (
    Arm("base", "the base policy", learns=""),
    Arm("sft", "SFT", learns="sft"),
    Arm("direct", "RL from the base, all rows: hybrid reward, where there are rows of both methods"),
    Arm("sft_rl", "SFT, then RL", start="sft"),
    Arm("rule", "RL, rows scored by rules alone", choose=_scored_by("rule"), needs="no row is scored by a rule"),
    Arm("model", "RL, rows scored by the judge alone", choose=_scored_by("model"), needs=_JUDGE),
    Arm("easy", "RL, the easiest third by pass rate", choose=_third(0), needs=_RATES),
    Arm("medium", "RL, the middle third", choose=_third(1), needs=_RATES),
    Arm("hard", "RL, the hardest third", choose=_third(2), needs=_RATES),
    Arm("half", "RL, half of the rows", choose=_share(0.5), needs="there are fewer than two rows"),
    Arm("quarter", "RL, a quarter of the rows", choose=_share(0.25), needs="there are fewer than four rows"),
    Arm("permuted", "RL, permuted rewards (the control)", change={"permute_rewards": True}),
)
BY_NAME = {arm.name: arm for arm in ARMS}


def named(names: Sequence[str]) -> tuple[Arm, ...]:
    """The arms of these names in the order of the table, the base always among them; all of them for no name.

    Raises:
        ValueError: there is none of a name.
    """
    if unknown := [name for name in names if name not in BY_NAME]:
        raise ValueError(f"there is no arm {', '.join(unknown)}: choose of {', '.join(BY_NAME)}")
    return tuple(arm for arm in ARMS if not names or arm.name in names or arm.name == "base")
