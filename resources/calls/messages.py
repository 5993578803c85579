"""Chat requests and replies as plain data, which pure stages build and read.

Belongs here: the request, the reply, the identity of a call, errors that a run may meet, and making reply
text safe to quote. Pure and light: no network, no lake, no Dagster.
Does not belong here: sending (resource.py), remembering (ledger.py), prompts (each room's own).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class CallsError(RuntimeError):
    """Model calls cannot go on; the message is one line that names the thing and the cure."""


class BudgetSpentError(CallsError):
    """The next call might cost more than [budget] allows. What was done is kept in the ledger."""


class TooManyFailedError(CallsError):
    """More rows failed than the caller allows. What was done is kept in the ledger."""


class EndpointUnreachableError(CallsError):
    """An endpoint does not answer, fails every request, or refuses the key.

    What was done before is kept in the ledger.
    """


@dataclass
class CallFailedError(Exception):
    """One request got no reply. `lasting`: asking the same again cannot help, so the ledger keeps it.

    `refused`: an answer said no to this very request, but maybe in the name of a proxy: a later run asks again, and the
    ledger counts in how many runs it was so.
    """

    error: str
    detail: str
    attempts: int
    latency_ms: float = 0.0
    lasting: bool = False
    refused: bool = False


@dataclass(frozen=True)
class ModelRequest:
    """One chat request to one role.

    `prompt` and `prompt_version` name the prompt file and its hash; `schema` is the JSON schema that the reply must
    fit, if any; `history` holds earlier turns as ("user" | "assistant", text), before `text`. Images stand before the
    text of the first user message; with `interleaved`, the k-th stands at each `<image k>` of it, and images that it
    names nowhere are not sent, unless it names none at all. `subject_id` is the row that the request is about, for
    messages only.
    """

    role: str
    subject_id: str
    prompt: str
    prompt_version: str
    system: str | None
    text: str
    image_ids: tuple[str, ...] = ()
    schema_name: str | None = None
    schema: dict[str, Any] | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    history: tuple[tuple[str, str], ...] = ()
    interleaved: bool = False

    def messages(self, *, max_image_side: int = 0) -> list[dict[str, Any]]:
        """Chat messages; images stand as {"type": "image", "image_id": …}, with "max_side" where one is given."""
        scaled = {"max_side": max_image_side} if max_image_side else {}
        messages: list[dict[str, Any]] = []
        if self.system is not None:
            messages.append({"role": "system", "content": self.system})
        images = list(self.image_ids)
        for role, text in [*self.history, ("user", self.text)]:
            content: Any = text
            if images and role == "user":
                image_parts = [{"type": "image", "image_id": i, **scaled} for i in images]
                content = (
                    _woven(text, image_parts) if self.interleaved else [*image_parts, {"type": "text", "text": text}]
                )
                images = []
            messages.append({"role": role, "content": content})
        return messages


_PLACE = re.compile(r"<image (\d)>")


def _woven(text: str, images: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Text and images in the order of the text. A mark of an image that is not there stays text."""
    parts: list[dict[str, Any]] = []
    start = 0
    for mark in _PLACE.finditer(text):
        if 0 < int(mark[1]) <= len(images):
            parts += [{"type": "text", "text": text[start : mark.start()]}, images[int(mark[1]) - 1]]
            start = mark.end()
    if not parts:
        parts = list(images)
    parts.append({"type": "text", "text": text[start:]})
    return [part for part in parts if part.get("text") != ""]


@dataclass(frozen=True, slots=True)
class ModelReply:
    """The reply to one request, from an endpoint or from the ledger.

    `text` is what the model wrote, unaltered. A policy (role "policy") is measured as it is: its cut-off or empty reply
    is ok, and `finish_reason` tells. `error` is None for `ok`, else a short code: refusal | invalid_reply | length |
    thinking_length | empty | content_filter, and http_4xx as http_400 where the error speaks of the request's content
    (kept in the ledger; thinking_length until the endpoint allows more); timeout | rate_limited | connection |
    unreachable | http_… as http_503 | bad_response | batch_… | image_missing | internal (asked again in the next run);
    refused_repeatedly, for what was refused in so many runs that it is asked no more.
    `parsed` is the reply as the schema's value. `cost` is what the call cost when it was paid, also for a reused
    reply.
    """

    call_id: str
    ok: bool
    text: str
    parsed: Any | None
    reasoning: str | None
    error: str | None
    detail: str
    model: str
    reused: bool
    cost: float
    prompt_tokens: int
    completion_tokens: int
    finish_reason: str | None = None


def call_id(
    request: ModelRequest,
    model: str,
    defaults: Mapping[str, Any] | None = None,
    *,
    max_image_side: int = 0,
    instead: Mapping[str, Any] | None = None,
    thinking: bool = False,
) -> str:
    """Identity of a call (a content hash): what is asked of which model, and never where, when or for whom.

    `defaults` are the endpoint's sampling parameters, which the request's own override, `instead` those that stand in
    place of both; `max_image_side` > 0 is the side to which its images are scaled down; `thinking` where the model may
    think before its answer (thinking.py, which knows the keys of all calls).
    """
    content: tuple[Any, ...] = (
        request.role,
        model,
        {**(defaults or {}), **request.parameters} if instead is None else dict(instead),
        request.schema,
        [request.system, list(map(list, request.history)), request.text],
        list(request.image_ids),
    )
    if max_image_side and request.image_ids:
        content = (*content, max_image_side)
    if request.interleaved and request.image_ids:
        content = (*content, "interleaved")
    if thinking:
        content = (*content, "thinking")
    return hashlib.sha256(_canonical(content).encode("utf-8", "surrogatepass")).hexdigest()


_canonical = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


_MEDIA = re.compile(r"<\s*/?\s*(image|video|audio)\s*/?\s*>", re.IGNORECASE)
_CONTROL = re.compile(r"<\s*/?\s*(?:think|answer)\s*/?\s*>|<\|[\w-]{1,40}\|>", re.IGNORECASE)


def neutralise(text: str) -> str:
    """`text` without anything that a chat template or a trainer would take for a marker.

    `<image>`, `<video>`, `<audio>` become plain words; think and answer tags and `<|special|>` tokens go.
    Applying it twice changes nothing.
    """
    while True:
        cleaned = _CONTROL.sub("", _MEDIA.sub(r"\1", text))
        if cleaned == text:
            return text
        text = cleaned
