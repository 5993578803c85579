"""Multiple choice as VLMEvalKit scores it: MMStar, AI2D, MMBench, MMMU, We-Math.

Belongs here: inferred letter, else the judge's, equal to the gold. Does not belong here: circular groups and composites
(metrics.py), the inference (options.py).
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping, Sequence

from wethink_assets.evaluation import judge
from wethink_assets.evaluation.scorers.choice import OTHER, JudgedRule
from wethink_assets.evaluation.scorers.vlmevalkit.cells import filled
from wethink_assets.evaluation.scorers.vlmevalkit.options import NONE, infer
from wethink_assets.evaluation.scoring import HIDDEN, Item, Scored
from wethink_assets.rewards.verifier import Verdict


def choice(item: Item, reply: str) -> JudgedRule:
    """The inferred letter equals the gold."""
    return (yield from choose(item, reply, lettered(item.options), item.answer))


def mmmu(item: Item, reply: str) -> JudgedRule:
    """An open question gets the options A = its answer and B = "Other Answers".

    The gold is A unless the answer is itself one capital letter: then it is that letter, also for an open question.
    """
    answer = item.answer or ""
    letter = len(answer) == 1 and answer in string.ascii_uppercase
    open_ = not (item.options and filled(item.options[0]))
    options = {"A": answer, "B": OTHER, **lettered(("", "", *item.options[2:]))} if open_ else lettered(item.options)
    gold = None if item.answer is None else answer if letter else "A"
    return (yield from choose(item, reply, options, gold))


def wemath_without_judge(item: Item, reply: str) -> JudgedRule:
    """We-Math without a judge: the first character after the last "Answer", brackets, colons and stops removed."""
    tail = re.sub(r"[><:.]", "", reply.split("Answer")[-1].strip()).strip()
    letter = tail[0] if tail and tail[0] in "ABCDEFGH" else None
    return scored(letter, letter, item.answer)
    yield  # a rule is a generator, also where it never asks


def choose(item: Item, reply: str, options: Mapping[str, str], gold: str | None) -> JudgedRule:
    letter = infer(reply, options)
    if letter is not None:
        return scored(letter, letter, gold)
    answer = yield judge.choose_option(item.subject, item.question, _filled(options), reply)
    if answer is None:  # "exact matching": what no rule infers is Z
        return scored(None, NONE, gold)
    named = judge.field(answer, "letter")
    if named not in (*options, NONE):
        return Scored(None, Verdict.ERROR, None, "judge", answer.call_id)
    return scored(named, named, gold, "judge", answer.call_id)


def scored(
    extracted: str | None, said: str | None, gold: str | None, method: str = "rule", call: str | None = None
) -> Scored:
    """Equal to the gold or not; a hidden gold scores nothing."""
    if gold is None:
        return Scored(extracted, HIDDEN, None, method, call)
    if said == gold:
        return Scored(extracted, Verdict.CORRECT, 1.0, method, call)
    return Scored(extracted, Verdict.UNPARSEABLE if extracted is None else Verdict.WRONG, 0.0, method, call)


def lettered(options: Sequence[str]) -> dict[str, str]:
    """Options of the file's columns by letter; empty cells are no options."""
    return {letter: text for letter, text in zip(string.ascii_uppercase, options, strict=False) if filled(text)}


def answer_part(reply: str) -> str:
    """What the paper's wrapper hands over: the one `<answer>` part, the whole reply where there is none or several [A]."""
    # As `<answer>(.*?)</answer>` finds them, without going through a flood of opening tags once for each of them.
    parts, position = [], 0
    while (start := reply.find("<answer>", position)) >= 0 and (end := reply.find("</answer>", start + 8)) >= 0:
        parts.append(reply[start + 8 : end])
        position = end + 9
    return parts[0].strip() if len(parts) == 1 else reply


def _filled(options: Mapping[str, str]) -> list[str]:
    last = max((string.ascii_uppercase.index(letter) for letter in options), default=-1)
    return [options.get(letter, "") for letter in string.ascii_uppercase[: last + 1]]
