"""Parsing of chat completions: text, reasoning, and what is wrong with a reply.

Belongs here: everything about the form of a chat completion. Pure: no network, no lake.
Does not belong here: JSON in its text (structured.py), tokens (usage.py), what the reply means (each stage), asking
again (dispatcher.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from resources.calls.messages import ModelRequest
from resources.calls.structured import closing_json, parse_json, split_thinking, storable
from resources.calls.thinking import allowance
from resources.calls.usage import CHARS_PER_TOKEN, Usage, usage_of
from wethink_assets.settings import EndpointSettings

# Gemini and vLLM name some ends otherwise than OpenAI.
_FINISH = {
    "max_tokens": "length",
    "safety": "content_filter",
    "recitation": "content_filter",
    "blocklist": "content_filter",
    "prohibited_content": "content_filter",
    "spii": "content_filter",
    "end_turn": "stop",
    "eos": "stop",
}
# The server stopped before the model did: DeepSeek under load, vLLM on shutdown.
_CUT_OFF_BY_SERVER = ("insufficient_system_resource", "abort", "error")
MAX_NAME_CHARS = 200  # of a model's name and a finish reason


class NotACompletionError(ValueError):
    """The body of a 200 answer is no chat completion: a broken proxy or server, worth another attempt."""


@dataclass(slots=True)
class Reading:
    """One parsed reply. `problem` is None, or the short code of why it cannot be used; `detail` explains it.

    `reasoning_tokens` are those of the completion that were thought, where the answer tells. `estimated`: the endpoint
    reported no usage, so the tokens are counted from the text.
    """

    text: str
    reasoning: str | None
    parsed: Any | None
    finish_reason: str | None
    served_model: str | None
    prompt_tokens: int | None
    completion_tokens: int | None
    problem: str | None = None
    detail: str = ""
    estimated: bool = False
    reasoning_tokens: int | None = None


def decoded(body: bytes) -> Any:
    """An answer's JSON. What the quick decoder does not take (half of a surrogate pair, 1e999) the lenient one may.

    Raises:
        ValueError: it is not JSON.
    """
    try:
        return msgspec.json.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        pass
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"the answer is not JSON: {error}") from None


def read_completion(
    body: Any, request: ModelRequest, settings: EndpointSettings | None = None, *, times: int = 1
) -> Reading:
    """Read a chat completion. `settings` are those of the endpoint, which was given `times` its allowance.

    A policy is measured as it is: its empty or cut-off reply is a result; that of any other role is a problem. `text`
    stays as the model wrote it; a think block that leads it is its `reasoning` too, where the endpoint did not return
    that apart. JSON that a server took for reasoning is the text.

    Raises:
        NotACompletionError: there is no message in it, or the server cut it off.
    """
    choice, message = _message(body)
    finish = _finish(choice.get("finish_reason"))
    if finish in _CUT_OFF_BY_SERVER:
        raise NotACompletionError(f"the server cut the reply off: finish_reason {finish}")
    text = storable(_text(message.get("content")))
    reasoning = storable(_text(message.get("reasoning_content") or message.get("reasoning")))
    policy = request.role == "policy"
    inline, visible = ("", text) if policy else split_thinking(text)
    reasoning = reasoning or inline
    usage = usage_of(body, request, text, "" if inline else reasoning)
    room = None if settings is None else allowance(request, settings)
    cut = not policy and finish == "length" and _thought_too_long(request, visible, reasoning, usage, room, times)
    if request.schema is not None and finish != "length" and not visible.strip():
        answer = closing_json(reasoning, request.schema)
        if answer:
            text = visible = answer
            reasoning = "" if reasoning.strip() == answer else reasoning
    fields: dict[str, Any] = {
        "text": text,
        "reasoning": reasoning or None,
        "finish_reason": finish,
        "served_model": storable(body["model"][:MAX_NAME_CHARS]) if isinstance(body.get("model"), str) else None,
        "prompt_tokens": usage.prompt,
        "completion_tokens": usage.completion,
        "estimated": usage.estimated,
        "reasoning_tokens": usage.reasoning,
    }
    parsed, problem, detail = None, None, ""
    refusal = message.get("refusal")
    if refusal:
        problem, detail = "refusal", storable(_text(refusal)) or "the model refused"
    elif finish == "content_filter":
        problem, detail = "content_filter", "the endpoint's content filter cut the reply"
    elif request.schema is not None:
        parsed, detail = parse_json(text, request.schema)
        if detail and cut:
            problem, detail = "thinking_length", _while_thinking(room)
        elif detail and finish == "length":
            problem, detail = "length", "the reply reached max_tokens before its JSON was complete"
        elif detail:
            problem = "invalid_reply" if visible.strip() else "empty"
    elif not policy:
        if cut:
            problem, detail = "thinking_length", _while_thinking(room)
        elif finish == "length":
            problem, detail = "length", "the reply reached max_tokens"
        elif not visible.strip():
            problem, detail = "empty", "the reply is empty"
    return Reading(parsed=parsed, problem=problem, detail=detail, **fields)


def _message(body: Any) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The first choice and its message, which Gemini leaves out where the model thought to the end of max_tokens."""
    try:
        choice = body["choices"][0]
        ended = isinstance(choice, Mapping) and _finish(choice.get("finish_reason")) in ("length", "content_filter")
        message = choice.get("message", {}) if ended else choice["message"]
    except (KeyError, IndexError, TypeError):
        raise NotACompletionError(f"the answer holds no choices[0].message: {str(body)[:4000]}") from None
    if not isinstance(message, Mapping):
        raise NotACompletionError("choices[0].message is no object")
    return choice, message


def _thought_too_long(
    request: ModelRequest, visible: str, reasoning: str, usage: Usage, room: int | None, times: int
) -> bool:
    """Whether a reply that reached its limit was cut off by what the model thought, and not by a long answer.

    `room` is None where the endpoint does not say that its model thinks: then only a reply without any answer tells.
    """
    if not visible.strip():
        return bool(reasoning or usage.reasoning or room is not None)
    if room is None:
        return False
    thought = usage.reasoning
    if thought is None and reasoning:
        thought = usage.completion - len(visible) // CHARS_PER_TOKEN
    if thought is None:  # a server without a reasoning parser, and a template that opens the block itself
        return request.schema is not None and not visible.lstrip().startswith(("{", "[", "```"))
    return thought > room * times


def _while_thinking(room: int | None) -> str:
    if room is None:
        return "the model thought until max_tokens and wrote no answer: set thinking = true on its endpoint"
    return "the model thought until max_tokens, also with more room: raise thinking_tokens of its endpoint"


def _finish(value: Any) -> str | None:
    return _FINISH.get(value.lower(), storable(value[:MAX_NAME_CHARS].lower())) if isinstance(value, str) else None


def _text(content: Any) -> str:
    """Content as text: a string, None, or a list of parts."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        parts = (part.get("text") for part in content if isinstance(part, Mapping))
        return "".join(part for part in parts if isinstance(part, str))
    return ""
