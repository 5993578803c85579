"""HallusionBench: yes-or-no questions in pairs and about figures, whose headline is the mean of aAcc, fAcc and qAcc.

Belongs here: yes and no, question pairs and figures. Does not belong here: options (scorers/choice.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from wethink_assets.evaluation import judge
from wethink_assets.evaluation.extraction import final_answer
from wethink_assets.evaluation.families.family import Family
from wethink_assets.evaluation.item import Item
from wethink_assets.evaluation.observing import Metrics, Pair, grouped
from wethink_assets.evaluation.scorers.vlmevalkit.cells import through_file
from wethink_assets.evaluation.scorers.vlmevalkit.verdicts import judge_failed, scored
from wethink_assets.evaluation.scoring import HIDDEN, NO_REPLY, Scored, Scoring
from wethink_assets.evaluation.statistics import Observation
from wethink_assets.rewards.answers import AnswerType, TypedAnswer
from wethink_assets.rewards.verifier import Verdict, verify

_YES_NO = {"yes": "yes", "no": "no", "1": "yes", "0": "no", "true": "yes", "false": "no"}
_PUNCTUATION = ';/[]"{}()=+\\_-><@`,?!'
_GROUPED_DIGITS = re.compile(r"\d,\d")
_STOP = re.compile(r"(?<!\d)\.(?!\d)")
_STOPS_REMOVED = 32  # VLMEvalKit hands a flag where the count belongs, so that this many stops go and no more


def strict(item: Item, reply: str) -> Scoring:
    """Yes or no by the verifier; the judge says which where the words do not."""
    final = final_answer(reply)
    if item.answer is None:
        return Scored(final.text, HIDDEN, None, "none")
    gold = _YES_NO.get(item.answer.strip().lower())
    if gold is None:
        return NO_REPLY
    if final.text is None:
        return Scored(None, final.verdict, 0.0)
    for word in ("yes", "no"):
        if verify(TypedAnswer(AnswerType.YES_NO, word, word), final.text, extracted=True) == Verdict.CORRECT:
            hit = word == gold
            return Scored(word, Verdict.CORRECT if hit else Verdict.WRONG, float(hit))
    answer = yield judge.choose_option(item.subject, item.question, ("Yes", "No"), final.text)
    if answer is None:
        return Scored(None, Verdict.UNPARSEABLE, 0.0)
    letter = judge.field(answer, "letter")
    if letter not in ("A", "B"):
        unclear = letter == judge.NONE
        verdict = Verdict.UNPARSEABLE if unclear else Verdict.ERROR
        return Scored(None, verdict, 0.0 if unclear else None, "judge", answer.call_id)
    word = "yes" if letter == "A" else "no"
    hit = word == gold
    return Scored(word, Verdict.CORRECT if hit else Verdict.WRONG, float(hit), "judge", answer.call_id)


def vlmevalkit(item: Item, reply: str) -> Scoring:
    """ "Yes" or "No" among the words but not both; else the judge says which."""
    word = yes_or_no(reply)
    if word is not None:
        return scored(word, word, item.answer)
    answer = yield judge.choose_option(item.subject, item.question, ("Yes", "No"), reply)
    if answer is None:
        return scored(None, "Unknown", item.answer)
    letter = judge.field(answer, "letter")
    if letter not in ("A", "B", judge.NONE):
        return judge_failed(answer)
    word = {"A": "Yes", "B": "No"}.get(letter)
    return scored(word, word or "Unknown", item.answer, "judge", answer.call_id)


def yes_or_no(reply: str) -> str | None:
    """The one of the two words that stands in the reply after VLMEvalKit's handling of punctuation."""
    text = reply.lower()
    grouped_digits = _GROUPED_DIGITS.search(text) is not None
    plain = text
    for mark in _PUNCTUATION:
        # beside a space it vanishes, else it becomes one: "yes,it" are two words, "yes , it" too
        beside = grouped_digits or f"{mark} " in text or f" {mark}" in text
        plain = plain.replace(mark, "" if beside else " ")
    words = _STOP.sub("", plain, count=_STOPS_REMOVED).split()
    yes, no = "yes" in words, "no" in words
    return None if yes == no else "Yes" if yes else "No"


def observe(metric: str, pairs: Sequence[Pair]) -> Metrics:
    """Mean of aAcc (questions), fAcc (figures: all its questions) and qAcc (questions: right on all its figures)."""
    all_ = [Observation(_place(item)[0], score, "aAcc") for item, score in pairs]
    figures = grouped(pairs, lambda item: "|".join(_place(item)[:2]))
    questions = grouped(pairs, lambda item: "|".join((_place(item)[0], _place(item)[2])))
    figure = [Observation(_place(rows[0][0])[0], min(s for _, s in rows), "fAcc") for rows in figures.values()]
    question = [Observation(_place(rows[0][0])[0], min(s for _, s in rows), "qAcc") for rows in questions.values()]
    return {metric: [*all_, *figure, *question], "aAcc": all_, "fAcc": figure, "qAcc": question}


def _place(item: Item) -> tuple[str, str, str]:
    """(set, figure, question) of an index such as VD_figure_0_3_1_0."""
    parts = item.item.split("_")
    if len(parts) < 6:
        return item.item, item.item, item.item
    kind = item.extra.get("l2-category") or "_".join(parts[:2])
    return f"{kind}_{parts[3]}", parts[4], parts[5]


FAMILY = Family(
    "hallusion",
    strict=strict,
    vlmevalkit=through_file(vlmevalkit),
    judge_prompts=("choose_option",),
    metric="strict_mean_of_aAcc_fAcc_qAcc",
    observe=observe,
)
