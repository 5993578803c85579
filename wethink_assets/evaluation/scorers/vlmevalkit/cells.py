"""Missing-value cells (NaN): what becomes of a text between VLMEvalKit's files and its rules.

Belongs here: cells that its table reader takes for empty. Does not belong here: any rule.
"""

from __future__ import annotations

from functools import wraps

from wethink_assets.evaluation.item import Item
from wethink_assets.evaluation.scoring import Rule, Scoring

# pandas' default markers of a missing value, which VLMEvalKit does not switch off.
MISSING = frozenset(
    "#N/A|#N/A N/A|#NA|-1.#IND|-1.#QNAN|-NaN|-nan|1.#IND|1.#QNAN|<NA>|N/A|NA|NULL|NaN|None|n/a|nan|null|".split("|")
)


def through_file(rule: Rule) -> Rule:
    """The rule on replies as VLMEvalKit's prediction file gives them back."""

    @wraps(rule)
    def read(item: Item, reply: str) -> Scoring:
        return rule(item, as_read(reply))

    return read


def as_read(reply: str) -> str:
    """The reply as the rules see it: an empty one, and one such as "None", comes back from the file as "nan"."""
    return "nan" if reply in MISSING else reply


def filled(cell: str) -> bool:
    """Whether a cell holds something: an option "None" or "NA" is none."""
    return cell not in MISSING
