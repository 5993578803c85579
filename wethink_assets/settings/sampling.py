"""Sampling parameters of an endpoint: what may stand in `parameters`.

Belongs here: refusing, when settings are read, what would fail every call or change what a call is. Pure.
Does not belong here: the parameters of one request (prompts, profiles), names that an endpoint lacks (calls.py).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

MAX_DEPTH = 6
# What a call itself consists of, or how its answer comes.
OWN = {
    "model": "set `model` beside it",
    "messages": "requests bring their own",
    "response_format": "set `structured_outputs`",
    "stream": "answers come whole",
    "stream_options": "answers come whole",
    "n": "a call has one reply",
    "tools": "no stage uses any",
}
# (whole number, least, most). Bounds that every engine shares; what a vendor allows below them is the vendor's.
NUMBERS = {
    "temperature": (False, 0, None),
    "top_p": (False, 0, 1),
    "min_p": (False, 0, 1),
    "top_k": (True, -1, None),
    "max_tokens": (True, 1, None),
    "max_completion_tokens": (True, 1, None),
    "min_tokens": (True, 0, None),
    "seed": (True, None, None),
    "presence_penalty": (False, None, None),
    "frequency_penalty": (False, None, None),
    "repetition_penalty": (False, 0, None),
    "length_penalty": (False, None, None),
    "top_logprobs": (True, 0, None),
    "thinking_budget": (True, None, None),
}


def checked(parameters: dict[str, Any]) -> dict[str, Any]:
    """Validated sampling parameters.

    Raises:
        ValueError: names each parameter that cannot be sent, and what to write; never its value.
    """
    wrong = [f"{name} {why}" for name, value in parameters.items() if (why := _wrong(name, value))]
    if wrong:
        raise ValueError("; ".join(wrong))
    return parameters


def _wrong(name: str, value: Any) -> str:
    if name in OWN:
        return f"is no sampling parameter: {OWN[name]}, and leave it out"
    if name in NUMBERS:
        return _no_number(*NUMBERS[name], value)
    return _no_json(value)


def _no_number(whole: bool, least: float | None, most: float | None, value: Any) -> str:
    kind = "a whole number" if whole else "a number"
    limits = " and ".join(
        f"{word} {limit}" for word, limit in (("at least", least), ("at most", most)) if limit is not None
    )
    cure = f": write {kind}" + (f" of {limits}" if limits else "")
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
        return f"is not {kind}{cure}"
    if isinstance(value, float) and not math.isfinite(value):
        return f"is not finite{cure}"
    if (least is not None and value < least) or (most is not None and value > most):
        return f"is out of range{cure}"
    return ""


def _no_json(value: Any, depth: int = 0) -> str:
    """Why JSON cannot carry a vendor's own parameter, or ""."""
    if depth > MAX_DEPTH:
        return f"is nested more than {MAX_DEPTH} deep: write it flatter"
    if isinstance(value, float) and not math.isfinite(value):
        return "holds nan or inf, which JSON does not have: write finite numbers"
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            return "has keys that are not text: write them in quotes"
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return next((why for inner in value if (why := _no_json(inner, depth + 1))), "")
    if value is None or isinstance(value, (bool, int, float, str)):
        return ""
    return "holds a value that JSON does not have (a date or time): write it as text"
