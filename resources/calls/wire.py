"""The chat-completions payload: a request as an endpoint takes it, and the turns that ask for a repair.

Belongs here: what is only seen on the wire; none of it is stored.
Does not belong here: sending (endpoint.py), the images' bytes (images.py), the stored form of a message (messages.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from resources.calls.forms import Form, Forms
from resources.calls.images import SentImages
from resources.calls.messages import ModelRequest
from resources.calls.replies import Reading
from resources.calls.structured import response_format, split_thinking, storable, storable_value
from resources.calls.thinking import sent_parameters
from wethink_assets.settings import EndpointSettings

MAX_SHOWN = 16_000  # characters of an invalid reply that its repair shows again


async def body_of(
    request: ModelRequest,
    settings: EndpointSettings,
    images: SentImages,
    more: Sequence[Mapping[str, str]] = (),
    *,
    note: str = "",
    form: Form | None = None,
    times: int = 1,
) -> tuple[bytes, list[str]]:
    """The body of `POST /chat/completions` as JSON, and the SHA-256 of each image's bytes in it.

    `more`: further turns; `note` is added to the last turn. `form`: how JSON is asked for, as the settings say where it
    is not given; `times`: the allowance for thinking that is added to max_tokens.

    An image's data: URL is JSON already and is copied in as it is, so that megabytes are never escaped or scanned.
    What no UTF-8 holds (a lone surrogate out of a source's annotations) goes as the ledger keeps it.
    """
    turns = request.messages()
    turns += map(dict, more)
    if note:
        _add(turns[-1], note)
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
    body = {"model": settings.model, "messages": turns, **sent_parameters(request, settings, times)}
    form = form or Forms().first(request, settings)
    if request.schema is not None and form == "json_schema":
        body["response_format"] = response_format(request.schema_name, request.schema)
    elif request.schema is not None and form == "json_object":
        body["response_format"] = {"type": "json_object"}
    try:
        return _encoder.encode(body), hashes
    except UnicodeEncodeError:  # in a schema or a parameter
        rest = {name: storable_value(value) for name, value in body.items() if name != "messages"}
        return _encoder.encode({**rest, "messages": turns}), hashes


_encoder = msgspec.json.Encoder()


def _add(turn: dict[str, Any], text: str) -> None:
    if isinstance(turn["content"], str):
        turn["content"] += text
    else:
        turn["content"] = [*turn["content"], {"type": "text", "text": text}]


def repair(reading: Reading) -> list[dict[str, str]]:
    """The turns that show a model what was wrong with its reply."""
    return [
        {"role": "assistant", "content": reading.text[:MAX_SHOWN] or "(empty)"},
        {"role": "user", "content": f"This reply cannot be used: {reading.detail}. {_AGAIN}"},
    ]


def repair_note(reading: Reading) -> str:
    """The same within the request's own turn.

    For models that think: one refuses an assistant's turn without its reasoning, another a turn that has it.
    """
    said = split_thinking(reading.text)[1].strip()[:MAX_SHOWN]
    if not said:
        return f"\n\n{EARLIER} was empty. {_AGAIN}"
    return f"\n\n{EARLIER} was:\n\n{said}\n\nIt cannot be used: {reading.detail}. {_AGAIN}"


EARLIER = "An earlier reply to this request"
_AGAIN = "Answer the request above again, in exactly the form that it asks for, and write nothing else."
