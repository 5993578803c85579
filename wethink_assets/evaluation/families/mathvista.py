"""MathVista: multiple choice by letter, else an integer, decimal or text.

Belongs here: MathVista's golds and its two rules. Does not belong here: comparing options and open answers (scorers/).
"""

from __future__ import annotations

from typing import Any

from wethink_assets.benchmark_sets.cells import strings_in
from wethink_assets.evaluation import judge
from wethink_assets.evaluation.categories import by_columns
from wethink_assets.evaluation.families.family import Family
from wethink_assets.evaluation.item import Item, option_letters
from wethink_assets.evaluation.scorers.choice import choose
from wethink_assets.evaluation.scorers.open_answers import compare_open
from wethink_assets.evaluation.scorers.vlmevalkit.cells import as_read, through_file
from wethink_assets.evaluation.scorers.vlmevalkit.options import Infer
from wethink_assets.evaluation.scorers.vlmevalkit.options import infer as infer_2026_05
from wethink_assets.evaluation.scorers.vlmevalkit.verdicts import decided, judge_failed, listed_choices
from wethink_assets.evaluation.scorers.vlmevalkit.versions import by_version
from wethink_assets.evaluation.scoring import HIDDEN, VLMEVALKIT, Scored, Scoring


def strict(item: Item, reply: str) -> Scoring:
    """Multiple choice by letter; else the answer as a number or text, taken out by the judge where no rule can."""
    if item.extra.get("question_type") == "multi_choice":
        options = strings_in(item.extra.get("choices", "")) or list(item.options)
        return (yield from choose(item, reply, options, _option_letter(item, options)))
    return (yield from compare_open(item, reply))


def _option_letter(item: Item, options: list[str]) -> str | None:
    """MathVista names the right option by its letter, and in `answer` by its text."""
    named = (item.extra.get("answer_option") or "").strip().upper()
    if named in option_letters(options):
        return named
    for letter, text in zip(option_letters(options), [o for o in options if o], strict=True):
        if text.strip() == (item.answer or "").strip():
            return letter
    return None if item.answer is None else "?"


def vlmevalkit(item: Item, reply: str, infer: Infer = infer_2026_05) -> Scoring:
    """A letter, or the whole reply as a number; else the judge's extraction, held against the gold in the same way.

    Known defects, kept: a free-form answer that is neither integer nor float is never right, since its text is
    dropped before it is compared, and a right integer 0 is not seen before the judge.
    """
    options = listed_choices(item)
    multiple = item.extra.get("question_type") == "multi_choice"
    gold = item.extra.get("answer_option") if multiple else item.answer
    kind = item.extra.get("answer_type")
    if gold is None:
        return Scored(None, HIDDEN, None, "none")

    def read(text: str) -> str | int | float | None:
        return infer(text, options) if multiple else _number(text, kind)

    def right(value: str | int | float | None) -> bool:
        return value == (gold if multiple else _number(gold, kind)) if value is not None else gold == "None"

    value = read(reply)
    if (multiple and value) or (value and right(value)):
        return decided(value, right(value))
    answer = yield judge.extract_answer(item.subject, item.question, reply)
    if answer is None:
        return decided(None, False)
    text = judge.field(answer, "answer")
    if not isinstance(text, str):
        return judge_failed(answer)
    return decided(text or None, right(read(as_read(text))), "judge", answer.call_id)  # it stood in a file meanwhile


def _number(text: str, kind: Any) -> int | float | None:
    """As Python reads a number of the item's kind; None for any other text and kind."""
    try:
        return int(text) if kind == "integer" else float(text) if kind == "float" else None
    except ValueError:
        return None


def peculiar(item: Item) -> str | None:
    """Golds of 0: VLMEvalKit's prefetch takes a 0 for nothing read."""
    open_ = item.extra.get("question_type") != "multi_choice"
    if open_ and item.answer is not None and _number(item.answer, item.extra.get("answer_type")) == 0:
        return "the gold is 0, which VLMEvalKit's rule reads only from its judge: without one every reply is wrong"
    return None


_ITS = {scorer: through_file(rule) for scorer, rule in by_version(vlmevalkit).items()}

FAMILY = Family(
    "mathvista",
    strict=strict,
    vlmevalkit=_ITS[VLMEVALKIT],
    vlmevalkit_versions=_ITS,
    peculiar=peculiar,
    judge_prompts=("choose_option", "extract_answer"),
    categories=by_columns("task", "skills"),
)
