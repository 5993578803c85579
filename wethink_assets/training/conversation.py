"""How a question is put to a policy, the same in warm start, GRPO and evaluation.

Belongs here: messages in the form of transformers' chat templates. Does not belong here: images or tokens.
Imports nothing heavy.
"""

from __future__ import annotations

from typing import Any

from wethink_assets.rewards.format import SYSTEM_PROMPT

__all__ = ["SYSTEM_PROMPT", "conversation"]


def conversation(problem: str, system: str | None = SYSTEM_PROMPT) -> list[dict[str, Any]]:
    """System prompt, then image and question. The image itself travels beside the messages."""
    user = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": problem}]}
    return [{"role": "system", "content": [{"type": "text", "text": system}]}, user] if system else [user]
