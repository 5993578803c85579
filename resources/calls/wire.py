"""The chat-completions payload: a request as an endpoint takes it, and the turns that ask for a repair.

Belongs here: what is only seen on the wire; none of it is stored.
Does not belong here: sending (endpoint.py), the images' bytes (images.py), the stored form of a message (messages.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from resources.calls.images import SentImages
from resources.calls.messages import ModelRequest
from resources.calls.replies import Reading, response_format, storable
from wethink_assets.settings import EndpointSettings

MAX_SHOWN = 16_000  # characters of an invalid reply that its repair shows again


async def body_of(
    request: ModelRequest,
    settings: EndpointSettings,
    images: SentImages,
    more: Sequence[Mapping[str, str]] = (),
) -> tuple[dict[str, Any], list[str]]:
    """The body of `POST /chat/completions`, and the SHA-256 of each image's bytes in it; `more` are further turns.

    What no UTF-8 holds (a lone surrogate out of a source's annotations) goes as the ledger keeps it.
    """
    messages = request.messages()
    hashes = []
    for message in messages:
        if isinstance(message["content"], list):
            parts = []
            for part in message["content"]:
                if part["type"] == "image":
                    sent = await images.get(part["image_id"], settings.max_image_side)
                    hashes.append(sent.sha256)
                    part = {"type": "image_url", "image_url": {"url": sent.url}}
                else:
                    part = {**part, "text": storable(part["text"])}
                parts.append(part)
            message["content"] = parts
    turns = [
        m if isinstance(m["content"], list) else {**m, "content": storable(m["content"])} for m in [*messages, *more]
    ]
    body = {"model": settings.model, "messages": turns, **settings.parameters, **request.parameters}
    if settings.max_tokens_name != "max_tokens" and "max_tokens" in body:
        body[settings.max_tokens_name] = body.pop("max_tokens")
    for name in settings.omit:
        body.pop(name, None)
    if request.schema is not None and settings.structured_outputs:
        json_mode = settings.structured_outputs == "json_object"
        body["response_format"] = (
            {"type": "json_object"} if json_mode else response_format(request.schema_name, request.schema)
        )
    return body, hashes


def repair(reading: Reading) -> list[dict[str, str]]:
    """The turns that show a model what was wrong with its reply."""
    return [
        {"role": "assistant", "content": reading.text[:MAX_SHOWN] or "(empty)"},
        {
            "role": "user",
            "content": f"This reply cannot be used: {reading.detail}. "
            "Answer the request above again, in exactly the form that it asks for, and write nothing else.",
        },
    ]
