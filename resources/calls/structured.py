"""JSON out of reply text (structured output): the value that fits a schema, and the schema as an endpoint takes it.

Belongs here: finding and checking JSON in what a model wrote. Pure.
Does not belong here: the rest of a chat completion (replies.py), which form an endpoint takes (forms.py).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import msgspec

from resources.calls.schema_check import Check, compiled

MAX_JSON_CANDIDATES = 32
MAX_ENDINGS = 1_000
# vLLM without a reasoning parser leaves the block in the text; DeepSeek-R1's template opens it, so that only the end is
# there.
_THINKING = re.compile(r"^\s*(?:<think>)?(.*?)</think>", re.DOTALL)
_FENCE = re.compile(r"```[\w-]*\s*\n(.*?)```", re.DOTALL)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """`text` with what no database takes (NUL, lone surrogates) as U+FFFD."""
    if text.isascii() and "\0" not in text:
        return text
    return _UNSTORABLE.sub("\ufffd", text) if _UNSTORABLE.search(text) else text


def split_thinking(text: str) -> tuple[str, str]:
    """(what a leading think block says, the rest). A block that is never closed is all of the text."""
    if text.lstrip().startswith(("{", "[")):
        return "", text
    if "</think>" in text and (block := _THINKING.match(text)):
        return block[1].strip(), text[block.end() :]
    opened = text.lstrip().removeprefix("<think>")
    return (opened.strip(), "") if opened != text.lstrip() else ("", text)


def closing_json(text: str, schema: Mapping[str, Any]) -> str:
    """The JSON that fits `schema` and with which `text` ends, or "".

    For an answer that a server took for reasoning: what stands in the middle of it was only thought of.
    """
    stripped = text.strip().removesuffix("```").rstrip()
    if not stripped.endswith(("}", "]")):
        return ""
    decoder = json.JSONDecoder(parse_constant=_no_constant, parse_float=_finite)
    position = len(stripped)
    for _ in range(MAX_ENDINGS):
        position = max(stripped.rfind("{", 0, position), stripped.rfind("[", 0, position))
        if position < 0:
            return ""
        try:
            _, end = decoder.raw_decode(stripped, position)
        except (ValueError, RecursionError):
            continue
        if end == len(stripped):
            found = stripped[position:]
            return found if parse_json(found, schema)[1] == "" else ""
    return ""


def parse_json(text: str, schema: Mapping[str, Any]) -> tuple[Any | None, str]:
    """The first JSON value in `text` that fits `schema`, and "" ; or None and what is wrong with the first one found.

    Takes the bare value, a fenced block, or a value within prose; a leading think block is passed over.
    """
    try:
        fits, check = _validator(msgspec.json.encode(schema))
    except UnicodeEncodeError:
        fits, check = _validator(json.dumps(schema).encode())
    problem = ""
    for value, error in _candidates(split_thinking(text)[1]):
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
