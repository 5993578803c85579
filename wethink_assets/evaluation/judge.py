"""LLM-as-a-judge for benchmark items: what the judge is asked while sets are scored, and which replies count.

Belongs here: requests from the prompt files and reading the replies. Does not belong here: when to ask (scorers/).
Fails closed: a reply that is not exactly what was asked for is None, never a guess.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from typing import Any

from resources.calls.messages import ModelReply, ModelRequest, neutralise
from wethink_assets.prompt_files import prompt

MAX_REPLY_CHARS = 4_000
TENTHS = tuple(i / 10 for i in range(11))
NONE = "Z"


def _object(name: str, field: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": {name: field}, "required": [name], "additionalProperties": False}


def _request(name: str, subject: str, schema: dict[str, Any], values: dict[str, str]) -> ModelRequest:
    file = prompt("evaluation", name)
    values = {**values, "reply": neutralise(values["reply"])[:MAX_REPLY_CHARS]}
    return ModelRequest(
        role="judge",
        subject_id=subject,
        prompt=name,
        prompt_version=file.version,
        system=file.system,
        text=file.render(values),
        schema_name=file.schema,
        schema=schema,
        parameters={**file.parameters, "seed": 0},
    )


def lettered(question: str, options: Sequence[str]) -> str:
    """The question with its lettered options, one per line."""
    lines = [f"{letter}. {text}" for letter, text in zip(string.ascii_uppercase, options, strict=False) if text]
    return "\n".join([question, "Options:", *lines]) if lines else question


def choose_option(subject: str, question: str, options: Sequence[str], reply: str) -> ModelRequest:
    """Option-matching request: which option does the reply mean?"""
    letters = [letter for letter, text in zip(string.ascii_uppercase, options, strict=False) if text]
    schema = _object("letter", {"type": "string", "enum": [*letters, NONE]})
    return _request("choose_option", subject, schema, {"question": lettered(question, options), "reply": reply})


def extract_answer(subject: str, question: str, reply: str) -> ModelRequest:
    """Answer-extraction request: what is the reply's final answer?"""
    schema = _object("answer", {"type": "string", "maxLength": 300})
    return _request("extract_answer", subject, schema, {"question": question, "reply": reply})


def same_answer(subject: str, question: str, gold: str, reply: str) -> ModelRequest:
    """Equivalence request: does the answer mean the same as the gold?"""
    values = {"question": question, "gold": gold, "reply": reply}
    return _request("same_answer", subject, _object("correct", {"type": "boolean"}), values)


def grade_answer(subject: str, question: str, gold: str, reply: str) -> ModelRequest:
    """Grading request: how much of the gold does the reply state, in tenths?"""
    values = {"question": question, "gold": gold, "reply": reply}
    return _request("grade_answer", subject, _object("score", {"type": "number", "enum": list(TENTHS)}), values)


def field(reply: ModelReply | None, name: str) -> Any | None:
    """The named value of a judge's reply; None where there is no valid reply."""
    if reply is None or not reply.ok or not isinstance(reply.parsed, dict):
        return None
    return reply.parsed.get(name)


def tenth(reply: ModelReply | None) -> float | None:
    """The judge's grade, one of 0.0, 0.1, …, 1.0; None for any other."""
    score = field(reply, "score")
    if isinstance(score, bool) or not isinstance(score, (int, float)):
        return None
    return next((t for t in TENTHS if abs(t - score) < 1e-9), None)
