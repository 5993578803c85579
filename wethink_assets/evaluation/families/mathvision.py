"""MathVision: options where there are any, else a text, number or expression.

Belongs here: MathVision's two rules. Does not belong here: when VLMEvalKit takes two texts for the same number
(scorers/vlmevalkit/numbers.py).
"""

from __future__ import annotations

from wethink_assets.benchmark_sets.cells import strings_in
from wethink_assets.evaluation import judge
from wethink_assets.evaluation.families.family import Family
from wethink_assets.evaluation.item import Item, option_letters
from wethink_assets.evaluation.scorers.choice import choose
from wethink_assets.evaluation.scorers.open_answers import compare_open
from wethink_assets.evaluation.scorers.vlmevalkit.cells import as_read, through_file
from wethink_assets.evaluation.scorers.vlmevalkit.numbers import equal
from wethink_assets.evaluation.scorers.vlmevalkit.options import Infer
from wethink_assets.evaluation.scorers.vlmevalkit.options import infer as infer_2026_05
from wethink_assets.evaluation.scorers.vlmevalkit.verdicts import decided, judge_failed, listed_choices
from wethink_assets.evaluation.scorers.vlmevalkit.versions import by_version
from wethink_assets.evaluation.scoring import HIDDEN, VLMEVALKIT, Scored, Scoring


def strict(item: Item, reply: str) -> Scoring:
    """Options where there are any; else equal as text, number or expression."""
    options = strings_in(item.extra.get("choices", "")) or list(item.options)
    if options and (item.answer or "").strip().upper() in option_letters(options):
        return (yield from choose(item, reply, options, item.answer))
    return (yield from compare_open(item, reply))


def vlmevalkit(item: Item, reply: str, infer: Infer = infer_2026_05) -> Scoring:
    """A letter, or the whole reply equal as text or number; else the judge's extraction in the same way."""
    options = listed_choices(item)
    if item.answer is None:
        return Scored(None, HIDDEN, None, "none")
    gold = item.answer

    def right(text: str) -> bool:
        return equal(infer(text, options) or "False" if options else text, gold)

    inferred = infer(reply, options) if options else reply if equal(reply, gold) else None
    if inferred:
        return decided(inferred, equal(inferred, gold))
    answer = yield judge.extract_answer(item.subject, item.question, reply)
    if answer is None:
        return decided(None, False)
    text = judge.field(answer, "answer")
    if not isinstance(text, str):
        return judge_failed(answer)
    return decided(text or None, right(as_read(text)), "judge", answer.call_id)  # it stood in a file meanwhile


_ITS = {scorer: through_file(rule) for scorer, rule in by_version(vlmevalkit).items()}

FAMILY = Family(
    "mathvision",
    strict=strict,
    vlmevalkit=_ITS[VLMEVALKIT],
    vlmevalkit_versions=_ITS,
    judge_prompts=("choose_option", "extract_answer"),
)
