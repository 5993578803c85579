"""Worked example of a benchmark family: counting objects, with half a point for a count that is off by one.

Belongs here: everything that the family needs, and one set that uses it. No file of the project knows of it.
"""

from __future__ import annotations

import re

from wethink_assets.benchmark_sets.registry import Benchmark
from wethink_assets.evaluation.categories import by_columns
from wethink_assets.evaluation.extraction import final_answer
from wethink_assets.evaluation.families.family import Family
from wethink_assets.evaluation.item import Item
from wethink_assets.evaluation.scoring import HIDDEN, Scored, Scoring
from wethink_assets.extensions import Extension
from wethink_assets.rewards.verifier import Verdict

INSTRUCTION = "Answer with one whole number."


def count(item: Item, reply: str) -> Scoring:
    """The first whole number of the final answer: 1 where it is the gold, 0.5 where it is off by one."""
    final = final_answer(reply)
    if item.answer is None:
        return Scored(final.text, HIDDEN, None, "none")
    number = re.search(r"\d{1,9}", final.text or "")
    if number is None:
        return Scored(final.text, Verdict.UNPARSEABLE, 0.0)
    score = {0: 1.0, 1: 0.5}.get(abs(int(number[0]) - int(item.answer)), 0.0)
    return Scored(number[0], Verdict.CORRECT if score == 1.0 else Verdict.WRONG, score)
    yield  # a rule is a generator, also where it never asks


def text(benchmark: Benchmark, item: Item) -> str:
    """The question and how to answer it."""
    return f"{item.question}\n{INSTRUCTION}{benchmark.suffix}"


FAMILY = Family(
    "counting",
    strict=count,
    metric="strict_near_count",
    categories=by_columns("kind"),
    text=text,
    wrapper_text=text,
    instructions=(INSTRUCTION,),
)
BENCHMARK = Benchmark("SmallCounts", "added", "counting", columns=("kind",))

EXTENSION = Extension("counting", families=(FAMILY,), benchmarks=(BENCHMARK,))
