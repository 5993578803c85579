"""The reply format that the policy is asked for, and its strict check.

Belongs here: the system prompt and the format reward. Does not belong here: reading an answer out of
a reply that broke the format (extraction.py), or whether the answer is right (verifier.py).
"""

from __future__ import annotations

import re

# [A] the authors' system prompt, word for word.
SYSTEM_PROMPT = (
    "You FIRST think about the reasoning process as an internal monologue and then provide the final answer.\n"
    "The reasoning process MUST BE enclosed within <think> </think> tags. "
    "The final answer MUST BE enclosed within <answer> </answer> tags."
)

MAX_COMPLETION_CHARS = 200_000
_TAG = re.compile(r"</?(?:think|answer)>", re.IGNORECASE)


def format_reward(completion: str) -> float:
    """1.0 for exactly one thinking part followed by exactly one non-empty answer part and nothing else.

    White space may stand before, between and after the parts. The thinking part may not be empty either:
    an empty one would earn the format part of the reward for no reasoning at all.
    """
    if len(completion) > MAX_COMPLETION_CHARS:
        return 0.0
    tags = list(_TAG.finditer(completion))
    if [tag[0] for tag in tags] != ["<think>", "</think>", "<answer>", "</answer>"]:
        return 0.0
    open_think, close_think, open_answer, close_answer = tags
    outside = (
        completion[: open_think.start()]
        + completion[close_think.end() : open_answer.start()]
        + completion[close_answer.end() :]
    )
    if outside.strip():
        return 0.0
    thinking = completion[open_think.end() : close_think.start()]
    answer = completion[open_answer.end() : close_answer.start()]
    return 1.0 if thinking.strip() and answer.strip() else 0.0
