"""Thinking models (reasoning): what is sent so that a model may think before its answer, and the key of such a call.

Belongs here: the room of a reply, whose sampling parameters win, and the keys of a call in the ledger. Pure.
Does not belong here: whether a reply was cut off while the model thought (replies.py), asking again (dispatcher.py).

A request's `max_tokens` is the length of the visible answer. Where the endpoint says that its model thinks, its
allowance is added to it, and its own sampling parameters win over the request's: vendors name the temperature at which
their model thinks well, and at 0 some repeat themselves until they are cut off.
"""

from __future__ import annotations

import hashlib
from typing import Any

from resources.calls.messages import ModelRequest, call_id
from wethink_assets.settings import EndpointSettings

# A call that was cut off while the model thought is asked once more, with this many times the allowance.
MORE_ROOM = 2
LENGTHS = ("max_tokens", "max_completion_tokens")
# What makes one request another one; an endpoint's parameters never replace it.
_OF_THE_REQUEST = (*LENGTHS, "seed")


def allowance(request: ModelRequest, settings: EndpointSettings) -> int | None:
    """The tokens that may be thought before the answer; None where the endpoint does not say that its model thinks.

    A policy is measured with the parameters of its profile, whatever it writes.
    """
    return settings.thinking_tokens if settings.thinking and request.role != "policy" else None


def parameters(request: ModelRequest, settings: EndpointSettings) -> dict[str, Any]:
    """The parameters of a call, `max_tokens` being the length of the visible answer."""
    if allowance(request, settings) is None:
        return {**settings.parameters, **request.parameters}
    own = {name: value for name, value in request.parameters.items() if name in _OF_THE_REQUEST}
    return {**request.parameters, **settings.parameters, **own}


def sent_parameters(request: ModelRequest, settings: EndpointSettings, times: int = 1) -> dict[str, Any]:
    """The parameters as they go out: with room for `times` the allowance, and as the endpoint names them."""
    sent, room = parameters(request, settings), (allowance(request, settings) or 0) * times
    for name in LENGTHS:
        if name in sent:
            sent[name] += room
    if settings.max_tokens_name != "max_tokens" and "max_tokens" in sent:
        sent[settings.max_tokens_name] = sent.pop("max_tokens")
    return {name: value for name, value in sent.items() if name not in settings.omit}


def visible_tokens(request: ModelRequest, settings: EndpointSettings | None = None) -> int | None:
    """How long the visible answer may be, where anything says so."""
    given = {**(settings.parameters if settings else {}), **request.parameters}
    limit = given.get("max_completion_tokens") or given.get("max_tokens")
    return int(limit) if limit else None


def recorded_parameters(request: ModelRequest, settings: EndpointSettings) -> dict[str, Any]:
    """The parameters as the ledger keeps them: which of the prompt's gave way, and what the model might think."""
    used = parameters(request, settings)
    room = allowance(request, settings)
    if room is None:
        return used
    replaced = {name: value for name, value in request.parameters.items() if used[name] != value}
    return {**used, "thinking_room": {"tokens": room, "instead_of": replaced}}


# -- keys --------------------------------------------------------------------------------------------


def identity(request: ModelRequest, settings: EndpointSettings) -> str:
    """The ledger key of `request` at an endpoint with these settings.

    The allowance is no part of it: who raises it pays for nothing again that was answered within a smaller one.
    """
    if allowance(request, settings) is None:
        return call_id(request, settings.model, settings.parameters, max_image_side=settings.max_image_side)
    return call_id(
        request,
        settings.model,
        max_image_side=settings.max_image_side,
        instead=parameters(request, settings),
        thinking=True,
    )


def cut_off_identity(identity: str, request: ModelRequest, settings: EndpointSettings) -> str:
    """The key of a call that was cut off while the model thought: with more room it is another one, and asked again."""
    room = allowance(request, settings) or 0
    return hashlib.sha256(f"{identity} thought {room}".encode()).hexdigest()
