"""VLMEvalKit's own score rules, defects and all, for numbers that compare with its leaderboards.

Belongs here: its rules as read from its public code (state of May 2026), one module a family of sets, each defect named
where it is reproduced. Does not belong here: our own verdicts (the modules above), numbers over a whole set (metrics.py).

Three things are deliberately not reproduced: nothing that a model or a file says is evaluated as code, so where
`eval` gave a value of a call or a name, there is none here; where three judge calls failed and an option was
drawn at random, the item is left out and counted; a judge is asked with our prompts, in a schema, at temperature 0.
"""

from __future__ import annotations

from wethink_assets.evaluation.scorers.choice import JudgedRule
from wethink_assets.evaluation.scorers.vlmevalkit import choice, maths, words
from wethink_assets.evaluation.scorers.vlmevalkit.cells import as_read
from wethink_assets.evaluation.scoring import Item, Rule


def _of_file(rule: Rule) -> Rule:
    def read(item: Item, reply: str) -> JudgedRule:
        return rule(item, as_read(reply))

    return read


def _of_answer_part(rule: Rule) -> Rule:
    """MMBench's replies lose all but their answer part before they are written to the file [A]."""

    def read(item: Item, reply: str) -> JudgedRule:
        return rule(item, as_read(choice.answer_part(reply)))

    return read


RULES: dict[str, Rule] = {
    "choice": _of_file(choice.choice),
    "mmbench": _of_answer_part(choice.choice),
    "wemath": _of_file(choice.choice),
    "mmmu": _of_file(choice.mmmu),
    "mathvista": _of_file(maths.mathvista),
    "mathvision": _of_file(maths.mathvision),
    "mathverse": _of_file(maths.mathverse),
    "dynamath": _of_file(maths.dynamath),
    "logicvista": _of_file(words.logicvista),
    "hallusion": _of_file(words.hallusion),
    "ocrbench": _of_file(words.ocrbench),
    "mmvet": _of_file(words.mmvet),
    "chartqa": _of_file(words.chartqa),
}

# Without a judge VLMEvalKit reads We-Math replies by another rule.
RULES_WITHOUT_JUDGE: dict[str, Rule] = {**RULES, "wemath": _of_file(choice.wemath_without_judge)}

# Sets whose number VLMEvalKit has only with a judge: every item of theirs is asked about.
NEEDS_JUDGE = frozenset({"mathverse", "logicvista", "mmvet"})
