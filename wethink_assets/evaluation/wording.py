"""Prompt wording: the text of an item as VLMEvalKit puts it, shared by the benchmark families.

Belongs here: the two usual wordings and their parts. Does not belong here: a wording of one family alone (families/),
the request around the text (prompts.py).
"""

from __future__ import annotations

import re
import string

from wethink_assets.benchmark_sets.registry import Benchmark
from wethink_assets.evaluation.item import Item

SELECT = "Please select the correct answer from the options above."
_IMAGE_MARK = re.compile(r"<image\s*(\d+)>")


def plain_text(benchmark: Benchmark, item: Item) -> str:
    """Prompt text of an item: hint, question, options one per line, and the request to select."""
    if benchmark.style == "question" or not item.options:
        body = f"Hint: {item.hint}\n{item.question}" if item.hint else item.question
    else:
        lines = choice_lines(item)
        lines.append(str(item.extra.get("requirement") or SELECT))
        body = "\n".join(lines)
    body += benchmark.suffix
    # The chat template owns the marker of an image; the images stand before the text, numbered as the text names them.
    return _IMAGE_MARK.sub(r"[image \1]", body).strip()


def wrapper_text(benchmark: Benchmark, item: Item) -> str:
    """Prompt text as VLMEvalKit's own prompt builders make it, which the paper's wrapper sends unchanged [A].

    Its spaces and line ends stand as they are there: a greedy policy may answer otherwise to other ones.
    """
    if benchmark.style == "question":
        return item.question + benchmark.suffix
    select = f"{SELECT} \n" if item.options else ""
    return "\n".join([*choice_lines(item), ""]) + select + benchmark.suffix


def choice_lines(item: Item) -> list[str]:
    """Hint, question and lettered options of an item, one per line."""
    options = [f"{letter}. {text}" for letter, text in zip(string.ascii_uppercase, item.options, strict=False) if text]
    return [
        *([f"Hint: {item.hint}"] if item.hint else []),
        f"Question: {item.question}",
        *(["Options:"] if options else []),
        *options,
    ]
