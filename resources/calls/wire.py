"""The chat-completions payload: a request as an endpoint takes it, and the turns that ask for a repair.

Belongs here: what is only seen on the wire; none of it is stored.
Does not belong here: sending (endpoint.py), the images' bytes (images.py), the stored form of a message (messages.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from resources.calls.images import SentImages
from resources.calls.messages import ModelRequest
from resources.calls.replies import Reading, response_format, storable, storable_value
from wethink_assets.settings import EndpointSettings

MAX_SHOWN = 16_000  # characters of an invalid reply that its repair shows again


async def body_of(
    request: ModelRequest,
    settings: EndpointSettings,
    images: SentImages,
    more: Sequence[Mapping[str, str]] = (),
) -> tuple[bytes, list[str]]:
    """The body of `POST /chat/completions` as JSON, and the SHA-256 of each image's bytes in it; `more`: further turns.

    An image's data: URL is JSON already and is copied in as it is, so that megabytes are never escaped or scanned.
    What no UTF-8 holds (a lone surrogate out of a source's annotations) goes as the ledger keeps it.
    """
    turns = request.messages()
    turns += map(dict, more)
    hashes = []
    for message in turns:
        content = message["content"]
        if isinstance(content, str):
            message["content"] = storable(content)
            continue
        for place, part in enumerate(content):
            if part["type"] == "image":
                sent = await images.get(part["image_id"], settings.max_image_side)
                hashes.append(sent.sha256)
                content[place] = {"type": "image_url", "image_url": {"url": sent.url}}
            else:
                part["text"] = storable(part["text"])
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
    try:
        return _encoder.encode(body), hashes
    except UnicodeEncodeError:  # in a schema or a parameter
        rest = {name: storable_value(value) for name, value in body.items() if name != "messages"}
        return _encoder.encode({**rest, "messages": turns}), hashes


_encoder = msgspec.json.Encoder()


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
