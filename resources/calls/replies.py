"""Parsing of chat completions: text, reasoning, usage, and JSON that fits a schema (structured output).

Belongs here: everything about the form of a chat completion. Pure: no network, no lake.
Does not belong here: what the reply means (each stage), or asking again (dispatcher.py).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec

from resources.calls.messages import ModelRequest
from resources.calls.schema_check import Check, compiled

MAX_JSON_CANDIDATES = 32
# vLLM without a reasoning parser leaves the block in the text; DeepSeek-R1's template opens it, so that only the end is
# there.
_THINKING = re.compile(r"^\s*(?:<think>)?(.*?)</think>", re.DOTALL)
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
CHARS_PER_TOKEN = 4
MAX_NAME_CHARS = 200  # of a model's name and a finish reason
TOKENS_PER_IMAGE = 1_000  # where usage is not reported
_FENCE = re.compile(r"```[\w-]*\s*\n(.*?)```", re.DOTALL)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class NotACompletionError(ValueError):
    """The body of a 200 answer is no chat completion: a broken proxy or server, worth another attempt."""


@dataclass(slots=True)
class Reading:
    """One parsed reply. `problem` is None, or the short code of why it cannot be used; `detail` explains it.

    `estimated`: the endpoint reported no usage, so the tokens are counted from the text.
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


def storable(text: str) -> str:
    """`text` with what no database takes (NUL, lone surrogates) as U+FFFD."""
    if text.isascii() and "\0" not in text:
        return text
    return _UNSTORABLE.sub("\ufffd", text) if _UNSTORABLE.search(text) else text


def read_completion(body: Any, request: ModelRequest) -> Reading:
    """Read a chat completion.

    A policy is measured as it is: its empty or cut-off reply is a result; that of any other role is a problem. `text`
    stays as the model wrote it; a think block that leads it is its `reasoning` too, where the endpoint did not return
    that apart.

    Raises:
        NotACompletionError: there is no message in it, or the server cut it off.
    """
    try:
        choice = body["choices"][0]
        message = choice["message"]
    except (KeyError, IndexError, TypeError):
        raise NotACompletionError(f"the answer holds no choices[0].message: {str(body)[:4000]}") from None
    if not isinstance(message, Mapping):
        raise NotACompletionError("choices[0].message is no object")
    finish = _finish(choice.get("finish_reason"))
    if finish in _CUT_OFF_BY_SERVER:
        raise NotACompletionError(f"the server cut the reply off: finish_reason {finish}")
    text = storable(_text(message.get("content")))
    reasoning = storable(_text(message.get("reasoning_content") or message.get("reasoning")))
    if not reasoning and request.role != "policy":
        reasoning = _split_thinking(text)[0]
    prompt_tokens, completion_tokens, estimated = _usage(body, request, text, reasoning)
    fields: dict[str, Any] = {
        "text": text,
        "reasoning": reasoning or None,
        "finish_reason": finish,
        "served_model": storable(body["model"][:MAX_NAME_CHARS]) if isinstance(body.get("model"), str) else None,
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "estimated": estimated,
    }
    parsed, problem, detail = None, None, ""
    refusal = message.get("refusal")
    if refusal:
        problem, detail = "refusal", storable(_text(refusal)) or "the model refused"
    elif finish == "content_filter":
        problem, detail = "content_filter", "the endpoint's content filter cut the reply"
    elif request.schema is not None:
        parsed, detail = parse_json(text, request.schema)
        if detail and finish == "length":
            problem, detail = "length", "the reply reached max_tokens before its JSON was complete"
        elif detail:
            problem = "invalid_reply" if text.strip() else "empty"
    elif request.role != "policy":
        if finish == "length":
            problem, detail = "length", "the reply reached max_tokens"
        elif not text.strip():
            problem, detail = "empty", "the reply is empty"
    return Reading(parsed=parsed, problem=problem, detail=detail, **fields)


def _split_thinking(text: str) -> tuple[str, str]:
    """(what a leading think block says, the rest)."""
    if "</think>" not in text or text.lstrip().startswith(("{", "[")) or not (block := _THINKING.match(text)):
        return "", text
    return block[1].strip(), text[block.end() :]


def _finish(value: Any) -> str | None:
    return _FINISH.get(value.lower(), storable(value[:MAX_NAME_CHARS].lower())) if isinstance(value, str) else None


def _usage(body: Mapping[str, Any], request: ModelRequest, text: str, reasoning: str) -> tuple[int, int, bool]:
    """(prompt tokens, completion tokens, whether they are an estimate)."""
    usage = body.get("usage")
    usage = usage if isinstance(usage, Mapping) else {}
    prompt, completion = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
    if prompt is not None and completion is not None:
        return prompt, completion, False
    if prompt is None:
        texts = [request.system or "", request.text, *(turn for _, turn in request.history)]
        prompt = sum(map(len, texts)) // CHARS_PER_TOKEN + TOKENS_PER_IMAGE * len(request.image_ids)
    if completion is None:
        completion = (len(text) + len(reasoning)) // CHARS_PER_TOKEN + 1
    return prompt, completion, True


def parse_json(text: str, schema: Mapping[str, Any]) -> tuple[Any | None, str]:
    """The first JSON value in `text` that fits `schema`, and "" ; or None and what is wrong with the first one found.

    Takes the bare value, a fenced block, or a value within prose; a leading think block is passed over.
    """
    try:
        fits, check = _validator(msgspec.json.encode(schema))
    except UnicodeEncodeError:
        fits, check = _validator(json.dumps(schema).encode())
    problem = ""
    for value, error in _candidates(_split_thinking(text)[1]):
        if error:
            problem = problem or error
            continue
        failure = None if fits and fits(value) else next(iter(check.iter_errors(value)), None)
        if failure is None:
            return storable_value(value) if "\\u" in text else value, ""
        where = "/".join(str(part) for part in failure.absolute_path)
        problem = f"{where or 'the reply'}: {failure.message}"[:500]
    return None, storable(problem or "the reply holds no JSON")


def _candidates(text: str) -> Iterator[tuple[Any, str]]:
    stripped = text.strip()
    if not stripped:
        yield None, "the reply is empty"
        return
    for part in [stripped, *(m.strip() for m in _FENCE.findall(stripped)[:4])]:
        yield _loads(part)
    decoder = json.JSONDecoder(parse_constant=_no_constant, parse_float=_finite)
    position = tried = 0
    while tried < MAX_JSON_CANDIDATES and (match := re.compile(r"[{\[]").search(stripped, position)):
        tried += 1
        try:
            value, position = decoder.raw_decode(stripped, match.start())
            yield value, ""
        except (ValueError, RecursionError):
            position = match.start() + 1


def _loads(text: str) -> tuple[Any, str]:
    try:
        return msgspec.json.decode(text), ""
    except (msgspec.MsgspecError, ValueError, RecursionError):
        pass  # the lenient decoder below takes some of it, and says what is wrong with the rest
    try:
        return json.loads(text, parse_constant=_no_constant, parse_float=_finite), ""
    except (ValueError, RecursionError) as error:
        return None, f"not valid JSON: {error}"


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _finite(number: str) -> float:
    """1e999 would be infinity, which no JSON column of the ledger could hold."""
    value = float(number)
    if math.isinf(value):
        raise ValueError(f"{number[:40]} is no number that can be kept")
    return value


def storable_value(value: Any) -> Any:
    """Escapes such as \\ud800 and \\u0000 become real characters only when parsed: they are looked for again here."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [storable_value(v) for v in value]
    if isinstance(value, dict):
        return {storable(k): storable_value(v) for k, v in value.items()}
    return value


@lru_cache(maxsize=64)
def _validator(schema: bytes) -> tuple[Check | None, Any]:
    from jsonschema import Draft202012Validator  # here, since most processes that build requests never parse replies

    given = json.loads(schema)
    return compiled(given), Draft202012Validator(given)


def response_format(name: str | None, schema: Mapping[str, Any]) -> dict[str, Any]:
    """`response_format` for an endpoint with structured outputs; strict where the schema allows it."""
    safe = re.sub(r"[^\w-]", "_", name or "reply", flags=re.ASCII)[:64]
    return {"type": "json_schema", "json_schema": {"name": safe, "schema": schema, "strict": _is_strict(schema)}}


def _is_strict(schema: Any) -> bool:
    """OpenAI takes `strict` only where every object forbids extra keys and requires all of its own."""
    if isinstance(schema, list):
        return all(map(_is_strict, schema))
    if not isinstance(schema, Mapping):
        return True
    if "properties" in schema and (
        schema.get("additionalProperties") is not False or set(schema.get("required", ())) != set(schema["properties"])
    ):
        return False
    return all(_is_strict(value) for value in schema.values())


def _text(content: Any) -> str:
    """Content as text: a string, None, or a list of parts."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        parts = (part.get("text") for part in content if isinstance(part, Mapping))
        return "".join(part for part in parts if isinstance(part, str))
    return ""


def _count(value: Any) -> int | None:
    good = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53
    return value if good else None
