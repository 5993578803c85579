"""VLMEvalKit's versions: whose verdicts are reproduced, what differs between them, and the rule of each.

Belongs here: names, what changed, giving a rule another inference. Does not belong here: the inference (options.py),
which version is asked for (settings).

A version is a scorer of its own: its numbers have their own names, so that another setting makes other numbers beside
those that are there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

from wethink_assets.evaluation.item import Item
from wethink_assets.evaluation.scorers.vlmevalkit.options import Infer, infer, infer_with_statement
from wethink_assets.evaluation.scoring import VLMEVALKIT, VLMEVALKIT_2026_11, Rule, Scoring

ItsRule = Callable[..., Scoring]


@dataclass(frozen=True)
class Version:
    """One state of VLMEvalKit's rules: the scorer that reproduces it, and the rule in which it differs."""

    name: str
    scorer: str
    differs: str


VERSIONS: Mapping[str, Version] = {
    version.name: version
    for version in (
        Version(
            "2026-05", VLMEVALKIT, "can_infer_option: one letter near the end of the reply, else the option's text"
        ),
        Version(
            "2026-11",
            VLMEVALKIT_2026_11,
            'can_infer_option: where no letter stands near the end, the first "answer is A" to D counts, in any case, '
            "before the option's text",
        ),
    )
}
BY_SCORER: Mapping[str, Version] = {version.scorer: version for version in VERSIONS.values()}
INFERENCES: Mapping[str, Infer] = {VLMEVALKIT: infer, VLMEVALKIT_2026_11: infer_with_statement}


def by_version(rule: ItsRule) -> dict[str, Rule]:
    """The rule by each scorer: with the inference of its version."""
    return {scorer: _with(rule, inference) for scorer, inference in INFERENCES.items()}


def _with(rule: ItsRule, inference: Infer) -> Rule:
    @wraps(rule)
    def inferred(item: Item, reply: str) -> Any:
        return rule(item, reply, infer=inference)

    return inferred
