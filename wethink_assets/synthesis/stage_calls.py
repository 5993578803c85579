"""Prompt requests and structured replies of the stages: build one from a prompt file, read one, name a failure.

Belongs here: helpers that two or more stages share. Does not belong here: sending, retrying or remembering calls.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from resources.calls.messages import ModelReply, ModelRequest, neutralise
from wethink_assets.accounting import Stopped
from wethink_assets.prompt_files import prompt
from wethink_assets.synthesis.schemas import schema

CallModels = Callable[[list[ModelRequest]], list[ModelReply]]
Row = Mapping[str, Any]

MAX_TEXT_CHARS = 20_000
_SPACE = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r"\n{3,}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]|[\ud800-\udfff]")


def request(
    name: str,
    subject_id: str,
    values: Mapping[str, str],
    *,
    image_ids: Sequence[str] = (),
    max_items: int | None = None,
    reply_schema: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> ModelRequest:
    """The prompt `name` filled with `values`, with its reply's JSON schema; `max_items` bounds the reply's list.

    `reply_schema` is the schema itself, for a prompt whose schema is not in schemas.py.
    """
    template = prompt("synthesis", name)
    return ModelRequest(
        role=template.role,
        subject_id=subject_id,
        prompt=template.name,
        prompt_version=template.version,
        system=template.system,
        text=template.render(values),
        image_ids=tuple(image_ids),
        schema_name=template.schema,
        schema=dict(reply_schema) if reply_schema else schema(template.schema, max_items=max_items),
        parameters={**template.parameters, "seed": seed},
    )


def stop(subject_id: str, reason: str, detail: str, related_id: str | None = None) -> Stopped:
    """The verdict on a row that goes no further. Its detail may quote a reply: markers in it are taken out."""
    return Stopped(subject_id, reason, neutralise(detail), related_id)


def failed(subject_id: str, reply: ModelReply, doing: str) -> Stopped:
    """The verdict on a row whose model call failed, or whose reply does not hold what was asked for."""
    detail = f"{doing}: {reply.detail or 'the reply does not hold what was asked for'} ({reply.model})"
    return stop(subject_id, reply.error or "invalid_reply", detail, reply.call_id)


def field(reply: ModelReply, name: str) -> Any:
    """One property of the JSON object of a good reply, else None."""
    return reply.parsed.get(name) if reply.ok and isinstance(reply.parsed, Mapping) else None


def tidy(value: Any, *, limit: int = MAX_TEXT_CHARS) -> str | None:
    """Sanitised model text: one kind of space, no control characters, no tags or tokens that a chat template knows.

    None for a value that is no text, is empty, or is longer than `limit` characters.
    """
    if not isinstance(value, str) or len(value) > limit:
        return None
    text = neutralise(_CONTROL.sub(" ", value.replace("\r\n", "\n")))
    text = _BREAKS.sub("\n\n", "\n".join(_SPACE.sub(" ", line).strip() for line in text.split("\n"))).strip()
    return text or None


def lettered(question: str, options: Sequence[str]) -> str:
    """A question as answering models see it: its lettered options below it, one `A. text` per line."""
    return "\n".join([question, *(f"{chr(65 + i)}. {option}" for i, option in enumerate(options))])
