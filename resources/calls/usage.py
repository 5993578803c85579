"""Token usage of a chat completion: what it reports, at its worst where the parts do not add up, else an estimate.

Belongs here: prompt, completion and reasoning tokens of one answer. Pure.
Does not belong here: prices and the budget (budget.py), the rest of a chat completion (replies.py).

What vendors count differs: OpenAI and vLLM count reasoning within the completion, Gemini within the total alone, xAI
beside the completion, and gateways report zeros. Whatever is larger is what will be on the bill.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from resources.calls.messages import ModelRequest

CHARS_PER_TOKEN = 4
TOKENS_PER_IMAGE = 1_000


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one answer. `reasoning` are those of `completion` that were thought, where the answer tells."""

    prompt: int
    completion: int
    reasoning: int | None
    estimated: bool


def usage_of(body: Mapping[str, Any], request: ModelRequest, text: str, reasoning: str) -> Usage:
    """The usage of an answer whose visible text and reasoning are given."""
    told = _part(body, "usage")
    prompt, completion, total = (_count(told.get(f"{name}_tokens")) for name in ("prompt", "completion", "total"))
    thought = _count(_part(told, "completion_tokens_details").get("reasoning_tokens"))
    if thought is None:
        thought = _count(told.get("reasoning_tokens"))
    if total is not None:
        if completion is None and prompt is not None:
            completion = max(0, total - prompt)
        elif prompt is None and completion is not None:
            prompt = max(0, total - completion)
    if completion is not None and thought is not None and thought > completion:
        completion += thought
    if prompt is not None and completion is not None and total is not None and total > prompt + completion:
        if thought is None:
            thought = total - prompt - completion
        completion = total - prompt
    estimated = False
    if not prompt:
        texts = [request.system or "", request.text, *(turn for _, turn in request.history)]
        prompt = sum(map(len, texts)) // CHARS_PER_TOKEN + TOKENS_PER_IMAGE * len(request.image_ids)
        estimated = True
    if completion is None or (not completion and (text or reasoning)):
        completion = (len(text) + len(reasoning)) // CHARS_PER_TOKEN + 1
        estimated = True
    return Usage(prompt, completion, thought, estimated)


def total_of(answer: Any) -> int | None:
    """All tokens that an answer reports, at most; None where it reports none."""
    told = _part(answer, "usage")
    total, prompt, completion = (_count(told.get(f"{name}_tokens")) for name in ("total", "prompt", "completion"))
    if total is None and (prompt is None or completion is None):
        return None
    return max(total or 0, (prompt or 0) + (completion or 0))


def _part(value: Any, name: str) -> Mapping[str, Any]:
    part = value.get(name) if isinstance(value, Mapping) else None
    return part if isinstance(part, Mapping) else {}


def _count(value: Any) -> int | None:
    good = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53
    return value if good else None
