"""MMBench's circular evaluation (CircularEval): a question is a hit only when every rotation of its options is.

Belongs here: rotations of a question, the answer part that VLMEvalKit's file holds. Does not belong here: comparing
options (scorers/).
"""

from __future__ import annotations

from collections.abc import Sequence

from wethink_assets.evaluation.families.family import Family
from wethink_assets.evaluation.item import Item
from wethink_assets.evaluation.observing import Metrics, Pair, grouped, image_cluster
from wethink_assets.evaluation.scorers import choice
from wethink_assets.evaluation.scorers.vlmevalkit import choice as kit
from wethink_assets.evaluation.scorers.vlmevalkit.cells import through_file
from wethink_assets.evaluation.scorers.vlmevalkit.versions import by_version
from wethink_assets.evaluation.scoring import VLMEVALKIT, Rule, Scoring
from wethink_assets.evaluation.statistics import Observation

CIRCULAR_BASE = 1_000_000  # an index is the question's plus a multiple of this


def answer_part(reply: str) -> str:
    """What the paper's wrapper hands over: the one `<answer>` part, else, with none or several, the whole reply [A]."""
    # As `<answer>(.*?)</answer>` finds them, without going through a flood of opening tags once for each of them.
    parts, position = [], 0
    while (start := reply.find("<answer>", position)) >= 0 and (end := reply.find("</answer>", start + 8)) >= 0:
        parts.append(reply[start + 8 : end])
        position = end + 9
    return parts[0].strip() if len(parts) == 1 else reply


def _of_answer_part(rule: Rule) -> Rule:
    """MMBench's replies lose all but their answer part before they are written to the file [A]."""

    def read(item: Item, reply: str) -> Scoring:
        return rule(item, answer_part(reply))

    return read


def circular_group(item: Item) -> str:
    """The question to which a rotation of options belongs."""
    return str(int(item.item) % CIRCULAR_BASE) if item.item.isdigit() else item.item


def observe(metric: str, pairs: Sequence[Pair]) -> Metrics:
    """Circular accuracy over questions, and accuracy over rotations; questions about one picture form a cluster."""
    groups = grouped(pairs, circular_group)
    return {
        metric: [Observation(image_cluster(rows[0][0]), min(s for _, s in rows)) for rows in groups.values()],
        "rotation_accuracy": [Observation(image_cluster(item), score) for item, score in pairs],
    }


_ITS = {scorer: _of_answer_part(through_file(rule)) for scorer, rule in by_version(kit.letter_equals_gold).items()}

FAMILY = Family(
    "mmbench",
    strict=choice.letter_equals_gold,
    vlmevalkit=_ITS[VLMEVALKIT],
    vlmevalkit_versions=_ITS,
    judge_prompts=("choose_option",),
    metric="strict_circular_accuracy",
    observe=observe,
    exported=answer_part,
)
