"""What a policy is asked: the text of an item, as VLMEvalKit puts it, and the request.

Belongs here: text, system prompt rule, sampling. Does not belong here: sending, serving, scoring.
"""

from __future__ import annotations

import re
import string

from resources.requests import ModelRequest
from wethink_assets.accounting import content_id
from wethink_assets.evaluation.registry import Benchmark
from wethink_assets.evaluation.scoring import Item
from wethink_assets.rewards.format import SYSTEM_PROMPT

SELECT = "Please select the correct answer from the options above."
_IMAGE_MARK = re.compile(r"<image\s*(\d+)>")
VERSION = content_id("evaluation prompts 1", SELECT, SYSTEM_PROMPT)[:12]


def text_of(benchmark: Benchmark, item: Item) -> str:
    """The item's text: hint, question, options, one a line, and the request to select."""
    if benchmark.style == "question" or not item.options:
        body = f"Hint: {item.hint}\n{item.question}" if item.hint else item.question
    else:
        lines = [f"Hint: {item.hint}"] if item.hint else []
        lines += [f"Question: {item.question}", "Options:"]
        lines += [
            f"{letter}. {text}" for letter, text in zip(string.ascii_uppercase, item.options, strict=False) if text
        ]
        lines.append(str(item.extra.get("requirement") or SELECT))
        body = "\n".join(lines)
    # The chat template owns the marker of an image; the images stand before the text, numbered as the text names them.
    return _IMAGE_MARK.sub(r"[image \1]", body).strip()


def request(benchmark: Benchmark, item: Item, *, max_tokens: int, seed: int) -> ModelRequest:
    """The greedy request for one item."""
    return ModelRequest(
        role="policy",
        subject_id=item.subject,
        prompt=f"evaluation/{benchmark.name}",
        prompt_version=VERSION,
        system=SYSTEM_PROMPT if benchmark.system else None,
        text=text_of(benchmark, item),
        image_ids=item.image_ids,
        parameters={"temperature": 0.0, "max_tokens": max_tokens, "seed": seed},
    )
