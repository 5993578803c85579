"""DynaMath: ten variants per question, answered in JSON; the headline is the worst case over variants.

Belongs here: its JSON answers, variants and the instruction that its prompt ends with. Does not belong here: comparing
options and open answers (scorers/).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from wethink_assets.benchmark_sets.registry import Benchmark
from wethink_assets.evaluation import judge
from wethink_assets.evaluation.categories import by_columns
from wethink_assets.evaluation.families.family import Family
from wethink_assets.evaluation.item import Item, option_letters
from wethink_assets.evaluation.observing import Metrics, Pair, grouped
from wethink_assets.evaluation.scorers.choice import choose
from wethink_assets.evaluation.scorers.open_answers import compare_open
from wethink_assets.evaluation.scorers.vlmevalkit.cells import through_file
from wethink_assets.evaluation.scorers.vlmevalkit.verdicts import decided
from wethink_assets.evaluation.scoring import HIDDEN, Scored, Scoring
from wethink_assets.evaluation.statistics import Observation
from wethink_assets.rewards.verdict import Verdict

TOLERANCE = 0.001  # absolute, of a decimal answer, by both scorers [R]

# The answer instruction, the words of its authors as VLMEvalKit sends them, mistakes and all: the published score is of
# replies to these.
GUIDE = """
## Answer Instruction Please provide an answer to the question outlined above. Your response should adhere \
to the following JSON format, which includes two keys: 'solution' and 'short answer'. The 'solution' key can contain \
detailed steps needed to solve the question, and the 'short answer' key should provide a concise response. {form}

Example of expected JSON response format:

"""
FORMS = {
    "multiple choice": (
        "Provide the corresponing choice option in the 'short answer' key, such as 'A', 'B', 'C', or 'D'."
    ),
    "float": "Format the answer as a three-digit floating-point number and provide it in the 'short answer' key.",
    "text": "Float numbers in the answer should be formatted as three-digit floating-point numbers.",
}
EXAMPLE = json.dumps({"solution": "[Detailed step-by-step explanation]", "short answer": "[Concise Answer]"}, indent=4)


def wrapper_text(_benchmark: Benchmark, item: Item) -> str:
    """Prompt text: the question and the instruction for its kind of answer [A]."""
    form = FORMS.get(str(item.extra.get("answer_type", "")), FORMS["text"])
    return f"## Question\n {item.question}{GUIDE.format(form=form)}{EXAMPLE}"


def strict(item: Item, reply: str) -> Scoring:
    """The "short answer" of a JSON reply, or the answer part; numbers within 0.001, options by letter, texts equal."""
    short = short_answer(reply)
    text = reply if short is None else f"<answer>{short}</answer>"
    if item.extra.get("answer_type", "").strip().lower() == "multiple choice":
        letter = (item.answer or "").strip().strip("().").upper()
        options = _inline_options(item.question)
        if letter in option_letters(options):
            return (yield from choose(replace(item, answer=letter), text, options, letter))
    return (yield from compare_open(item, text, tolerance=TOLERANCE))


def short_answer(reply: str) -> str | None:
    """The value of "short answer" in a JSON object, which may stand in a fence or after other text."""
    start, end = reply.find("{"), reply.rfind("}")
    if start < 0 or end < start or end - start > 20_000:
        return None
    try:
        content = json.loads(reply[start : end + 1])
    except (ValueError, RecursionError):
        return None
    value = content.get("short answer") if isinstance(content, dict) else None
    return str(value).strip() or None if isinstance(value, (str, int, float)) and not isinstance(value, bool) else None


def _inline_options(question: str) -> list[str]:
    """Options written as "(A) Yes (B) No" within a question."""
    parts = re.split(r"\(([A-H])\)", question)
    options = dict(zip(parts[1::2], (p.strip(" ,;\n") for p in parts[2::2]), strict=False))
    letters = option_letters(["x"] * 8)
    in_order = list(options) == letters[: len(options)]
    return [options[letter] for letter in letters if letter in options] if in_order else []


def vlmevalkit(item: Item, reply: str) -> Scoring:
    """The JSON's "short answer", else the whole reply, else the judge's, against the gold by its kind.

    A number is right within 0.001, a letter when it is equal, a text when it is part of the gold.

    Known defects, kept: a text answer is right when it is part of the gold, so an empty reply is; without JSON any
    text is a text answer; one letter A–E anywhere in a reply is its choice.
    """
    if item.answer is None:
        return Scored(None, HIDDEN, None, "none")
    kind = item.extra.get("answer_type", "")
    plain = _json_part(reply)
    short = _kit_short_answer(plain)
    value = _parsed(short, kind) if isinstance(short, str) else None
    if value is None and short is not None and kind not in ("float", "multiple choice"):
        value = str(short)  # VLMEvalKit stops with an error here
    method, call = "rule", None
    if value is None:
        value = _parsed(plain, kind)
    if value is None:
        answer = yield judge.extract_answer(item.subject, item.question, plain)
        if answer is not None:
            method, call = "judge", answer.call_id
            text = judge.field(answer, "answer")
            if not isinstance(text, str):
                return Scored(None, Verdict.ERROR, None, method, call)
            value = _parsed(text, kind)
    if kind == "float":
        gold = _float(item.answer)
        if gold is None:
            return Scored(None, Verdict.ERROR, None, "none")
        return decided(value, isinstance(value, (int, float)) and abs(value - gold) <= TOLERANCE, method, call)
    if kind == "multiple choice":
        right = value == item.answer if value is not None else item.answer in plain[:3].upper()
        return decided(value, right, method, call)
    return decided(value, str(value).lower() in item.answer.lower(), method, call)


def _json_part(reply: str) -> str:
    start, end = reply.find("{"), reply.rfind("}")
    return (reply[start : end + 1] if 0 <= start < end else reply).replace("\\", "")


def _kit_short_answer(text: str) -> Any:
    try:
        content = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
    return content.get("short answer") if isinstance(content, dict) else None


def _parsed(text: str, kind: str) -> Any | None:
    if kind == "float":
        if text.isdigit():
            return _float(text)
        before, pi, _ = text.split(" ")[0].partition("π")
        value = _float(before)
        return None if value is None else value * math.pi if pi else value
    if kind == "multiple choice":
        if len(text) == 1:
            return text.upper()
        named = [letter for letter in "ABCDE" if letter in text.upper()]
        return named[0] if len(named) == 1 else None
    return text


def _float(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def variant_group(item: Item) -> str:
    """The seed question of which the item is one variant."""
    return str(item.extra.get("qid") or item.item)


def observe(metric: str, pairs: Sequence[Pair]) -> Metrics:
    """Worst-case accuracy over a question's variants, and average-case accuracy over all variants."""
    groups = grouped(pairs, variant_group)
    return {
        metric: [Observation(name, min(s for _, s in rows)) for name, rows in groups.items()],
        "average": [Observation(variant_group(item), score) for item, score in pairs],
    }


FAMILY = Family(
    "dynamath",
    strict=strict,
    vlmevalkit=through_file(vlmevalkit),
    judge_prompts=("choose_option", "extract_answer"),
    metric="strict_worst_case",
    observe=observe,
    categories=by_columns("subject", "knowledge_level"),
    wrapper_text=wrapper_text,
    instructions=(GUIDE, FORMS),
)
