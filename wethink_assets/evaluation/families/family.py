"""Benchmark family: everything that one kind of benchmark does in its own way, as one object.

Belongs here: the fields of a family and their usual values. Does not belong here: any family (the modules beside),
which families there are (registry.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from wethink_assets.benchmark_sets.registry import Benchmark
from wethink_assets.evaluation.categories import Categories, by_columns
from wethink_assets.evaluation.item import Item
from wethink_assets.evaluation.observing import Observe, per_item
from wethink_assets.evaluation.scoring import SCORERS, STRICT, VLMEVALKIT, Rule
from wethink_assets.evaluation.wording import plain_text, wrapper_text

Text = Callable[[Benchmark, Item], str]
Peculiar = Callable[[Item], str | None]
CATEGORY_COLUMNS = by_columns("category", "l2-category")


def _once(_dimension: str, _names: Sequence[str]) -> int:
    return 1


def _whole(reply: str) -> str:
    return reply


@dataclass(frozen=True, eq=False)
class Family:
    """A benchmark family; a set's row names it in `rule`.

    Scoring: `strict` is the rule by our verifier; `vlmevalkit` VLMEvalKit's, None where it has none;
    `vlmevalkit_versions` its rule by the scorers of other versions, where it differs there; `vlmevalkit_without_judge`
    its rule where no judge is asked, where that is another one. `needs_judge`: VLMEvalKit's rule scores nothing without
    a judge. `peculiar` says what is wrong with an item's gold where a scorer cannot score it as meant: the numbers tell
    it. `judge_prompts` names the prompt files with which its rules ask the judge; they are in the code version of its
    scores.

    Numbers: `metric` names the headline number of a set that does not name its own. `observe` makes the observations
    of every number, `observe_category` those of the numbers of one category where they are others. `categories` gives
    an item's categories by dimension; `times_counted` says how often VLMEvalKit counts an item under each of its
    categories of a dimension.

    Wording: `text` is the item's text in the profile `plain`, `wrapper_text` in `wethink` [A]. `instructions` are the
    words of its own that the texts hold: they are in the version of its prompts. `exported` is the part of a reply that
    VLMEvalKit's prediction file holds.

    `from_files`: sets that are read from a file may use it.
    """

    name: str
    strict: Rule
    vlmevalkit: Rule | None = None
    vlmevalkit_versions: Mapping[str, Rule] = field(default_factory=dict)
    vlmevalkit_without_judge: Rule | None = None
    needs_judge: bool = False
    peculiar: Peculiar | None = None
    judge_prompts: tuple[str, ...] = ()
    metric: str = "strict_accuracy"
    observe: Observe = per_item
    observe_category: Observe | None = None
    categories: Categories = CATEGORY_COLUMNS
    times_counted: Callable[[str, Sequence[str]], int] = _once
    text: Text = plain_text
    wrapper_text: Text = wrapper_text
    instructions: tuple[object, ...] = ()
    exported: Callable[[str], str] = _whole
    from_files: bool = True

    def scorers(self, vlmevalkit: str = VLMEVALKIT) -> tuple[str, ...]:
        """Scorers that have a rule for the family, ours first, with that of one version of VLMEvalKit."""
        return (STRICT,) if self.vlmevalkit is None else (STRICT, vlmevalkit)

    def rule(self, scorer: str, *, judge: bool) -> Rule:
        """The rule of a scorer; `judge` says whether one may be asked.

        Raises:
            KeyError: the scorer has no rule for this family.
        """
        if scorer == STRICT:
            return self.strict
        rule = self.vlmevalkit_versions.get(scorer, self.vlmevalkit) if scorer in SCORERS else None
        if rule is not None and not judge:
            rule = self.vlmevalkit_without_judge or rule
        if rule is None:
            raise KeyError(f"the family {self.name} has no rule by {scorer!r}")
        return rule
