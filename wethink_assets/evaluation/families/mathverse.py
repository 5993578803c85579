"""MathVerse: geometry whose question and options may stand in the picture alone, compared by meaning.

Belongs here: options written in the question, the judge's comparison, categories kept as metadata. Does not belong
here: comparing options and open answers (scorers/).
"""

from __future__ import annotations

import re

from wethink_assets.benchmark_sets.cells import python_literal
from wethink_assets.evaluation import judge
from wethink_assets.evaluation.categories import Names, in_columns
from wethink_assets.evaluation.families.family import Family
from wethink_assets.evaluation.item import Item, option_letters
from wethink_assets.evaluation.scorers.choice import choose
from wethink_assets.evaluation.scorers.open_answers import compare_open, typed_gold
from wethink_assets.evaluation.scorers.vlmevalkit.cells import through_file
from wethink_assets.evaluation.scorers.vlmevalkit.verdicts import decided
from wethink_assets.evaluation.scoring import HIDDEN, Scored, Scoring
from wethink_assets.rewards.answers import AnswerType
from wethink_assets.rewards.verdict import Verdict

_CHOICE_LINE = re.compile(r"^[^\S\n]*\(?([A-H])\)?\s*[:.]\s*(.+?)\s*$", re.MULTILINE)
_COLUMNS = ("subject", "subfield", "problem_version")


def strict(item: Item, reply: str) -> Scoring:
    """Options as lines of the question, else an open answer; what no rule decides, the judge decides with
    `question_for_eval`.
    """
    options = [text for _, text in _CHOICE_LINE.findall(item.question)]
    if (item.answer or "").strip().upper() in option_letters(options):
        return (yield from choose(item, reply, options, item.answer))
    by_rule = yield from compare_open(item, reply)
    if by_rule.extracted is None or by_rule.score is None or by_rule.verdict == Verdict.CORRECT:
        return by_rule
    gold = item.answer or ""
    if by_rule.verdict == Verdict.WRONG and typed_gold(item).type not in (AnswerType.TEXT, AnswerType.OCR):
        return by_rule  # another number is another number: no judge is needed for that
    question = item.extra.get("question_for_eval") or item.question
    answer = yield judge.same_answer(item.subject, question, gold, by_rule.extracted)
    if answer is None:
        return by_rule
    correct = judge.field(answer, "correct")
    if not isinstance(correct, bool):
        return Scored(by_rule.extracted, Verdict.ERROR, None, "judge", answer.call_id)
    verdict = Verdict.CORRECT if correct else Verdict.WRONG
    return Scored(by_rule.extracted, verdict, float(correct), "judge", answer.call_id)


def vlmevalkit(item: Item, reply: str) -> Scoring:
    """Answer extraction by the judge; the same text as the gold is right, else the judge says so with
    `question_for_eval`.
    """
    if item.answer is None:
        return Scored(None, HIDDEN, None, "none")
    answer = yield judge.extract_answer(item.subject, item.question, reply)
    if answer is None:
        return Scored(None, Verdict.ERROR, None, "none")
    text = judge.field(answer, "answer")
    if not isinstance(text, str):
        return Scored(None, Verdict.ERROR, None, "judge", answer.call_id)
    if text.strip() == item.answer.strip():
        return Scored(text, Verdict.CORRECT, 1.0, "judge", answer.call_id)
    question = item.extra.get("question_for_eval") or item.question
    comparison = yield judge.same_answer(item.subject, question, item.answer, text)
    correct = judge.field(comparison, "correct")
    call = comparison.call_id if comparison else answer.call_id
    if not isinstance(correct, bool):
        return Scored(text, Verdict.ERROR, None, "judge", call)
    return decided(text, correct, "judge", call)


def categories(item: Item) -> Names:
    """Subject, subfield and version of the problem, which the file keeps in columns or as a literal in `metadata`."""
    metadata = python_literal(str(item.extra.get("metadata") or ""))
    return in_columns({**item.extra, **(metadata if isinstance(metadata, dict) else {})}, _COLUMNS)


FAMILY = Family(
    "mathverse",
    strict=strict,
    vlmevalkit=through_file(vlmevalkit),
    needs_judge=True,
    judge_prompts=("choose_option", "extract_answer", "same_answer"),
    categories=categories,
)
