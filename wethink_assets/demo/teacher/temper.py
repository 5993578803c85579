"""The temper of the sample teacher (fault injection): thinking that counts in max_tokens, and quirks of real endpoints.

Belongs here: what is done to a reply that is ready. Does not belong here: its content (replies.py), HTTP (server.py).

A quirk is one that a client survives without losing the reply. How long a request is thought about depends on its
messages alone, so that one that is cut off comes to an end with more room.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from dataclasses import dataclass
from typing import Any

from wethink_assets.demo.teacher.faults import Faults

DEFAULT_MAX_TOKENS = 32_768
SPREAD = 0.7
QUIRKS = ("error_within_200", "json_in_reasoning", "usage_in_total")
_CHARS_PER_TOKEN = 4
_THOUGHT = "I look at it again. "


@dataclass(frozen=True)
class Asked:
    """What the temper needs of a request. `key` stands for its content, `subject` for its messages."""

    key: str
    subject: str
    max_tokens: int | None
    structured: bool


class Temper:
    """Changes finished replies. `seen` are the quirks that were shown."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self.seen: Counter[str] = Counter()
        self._interrupted: set[str] = set()

    def interrupts(self, asked: Asked) -> dict[str, Any] | None:
        """The error that comes in place of a first answer, with status 200."""
        if self._quirk(asked) != "error_within_200" or asked.key in self._interrupted:
            return None
        self._interrupted.add(asked.key)
        self.seen["error_within_200"] += 1
        return {"error": {"code": 429, "message": "The provider is busy."}}

    def applied(self, asked: Asked, message: dict[str, Any], tokens: int, prompt_tokens: int) -> dict[str, Any]:
        """The parts of a chat completion that it decides: choices and usage."""
        message, finish = dict(message), "stop"
        thought, text = self._thought(asked), message["content"]
        limit = asked.max_tokens or DEFAULT_MAX_TOKENS
        if thought and thought + tokens > limit:
            thought, finish = min(thought, limit), "length"
            message["content"] = text[: (limit - thought) * _CHARS_PER_TOKEN] or None if text else None
            tokens = limit - thought
        if thought:
            message["reasoning_content"] = _THOUGHT * (thought * _CHARS_PER_TOKEN // len(_THOUGHT) + 1)
        quirk = self._quirk(asked)
        # A schema stands behind what a real server takes for reasoning: it is whole.
        if quirk == "json_in_reasoning" and asked.structured and finish == "stop" and text and text.endswith("}"):
            self.seen[quirk] += 1
            message |= {"content": None, "reasoning_content": message.get("reasoning_content", "") + text}
        usage: dict[str, Any] = {
            "prompt_tokens": prompt_tokens,
            "completion_tokens": thought + tokens,
            "total_tokens": prompt_tokens + thought + tokens,
        }
        if quirk == "usage_in_total":
            self.seen[quirk] += 1
            usage["completion_tokens"] = tokens
        choice = {"index": 0, "message": message, "finish_reason": finish, "logprobs": None}
        return {"choices": [choice], "usage": usage}

    def _thought(self, asked: Asked) -> int:
        median = self._faults.rates.thinking_tokens
        if not median:
            return 0
        return int(median * math.exp(random.Random(asked.subject).gauss(0, SPREAD)))

    def _quirk(self, asked: Asked) -> str | None:
        if not self._faults.hits(self._faults.rates.quirk, "quirk", asked.key):
            return None
        return self._faults.pick(QUIRKS, "quirk", asked.key)
