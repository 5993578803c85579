"""HTTP errors of endpoints: whether a failure may pass, how long to wait (Retry-After), and the vendor's words.

Belongs here: reading errors, headers and error bodies. Pure. Does not belong here: what follows for the endpoint
(endpoint.py), trying again (route.py).
"""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx2
import openai

MAX_PAUSE_S = 600.0
MAX_BODY_BYTES = 32 * 1024 * 1024


@dataclass
class TransientError(Exception):
    """A transient failure, which may pass. `pause_s`: what the endpoint asked to wait."""

    problem: str
    detail: str
    pause_s: float
    latency_ms: float


class TooLargeError(ValueError):
    """An answer has more than `MAX_BODY_BYTES` bytes once it is unpacked."""


async def bounded(response: httpx2.Response) -> None:
    """Reads an answer of any status, part by part, before the client would read it whole: it may be endless, or a bomb.

    A batch's file holds many replies and may be larger.

    Raises:
        TooLargeError: it is given up within one part (64 KiB as sent) of the limit.
    """
    if not response.request.url.path.endswith("/chat/completions"):
        return
    parts, size = [], 0
    async for part in response.aiter_bytes():
        size += len(part)
        if size > MAX_BODY_BYTES:
            await response.aclose()
            raise TooLargeError(f"the answer has more than {MAX_BODY_BYTES >> 20} MiB")
        parts.append(part)
    response._content = b"".join(parts)  # what aread() fills; there is no public way


def connection_problem(error: BaseException, timeout_s: float) -> tuple[str, str]:
    """("unreachable" | "timeout" | "connection", why). The transport reports them all as time-outs, so look beneath."""
    chain: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in chain:
        chain.append(link)
        link = link.__cause__ or link.__context__
    names = {type(link).__name__ for link in chain}
    why = next((str(link) for link in reversed(chain) if str(link)), type(error).__name__)
    refused = (ConnectionRefusedError, socket.gaierror, httpx2.ConnectError)
    if any(isinstance(link, refused) for link in chain) or "ClientConnectorError" in names:
        return "unreachable", why
    if any(isinstance(link, (ConnectionError, httpx2.ProtocolError)) for link in chain) or names & {
        "ServerDisconnectedError",
        "ClientPayloadError",
        "ClientOSError",
    }:
        return "connection", why or "the connection was lost"
    if any(isinstance(link, (TimeoutError, httpx2.TimeoutException)) for link in chain):
        return "timeout", f"no answer within {timeout_s:g} s"
    return "connection", why


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Retry-After in seconds, at most ten minutes; None without one. Dates are read against the endpoint's clock."""
    try:
        if (value := headers.get("retry-after-ms")) is not None:
            seconds = float(value) / 1000
        elif (value := headers.get("retry-after")) is None:
            return None
        elif re.fullmatch(r"\s*\d+(\.\d+)?\s*", value):
            seconds = float(value)
        else:
            now = headers.get("date")
            base = parsedate_to_datetime(now) if now else datetime.now(UTC)
            seconds = (parsedate_to_datetime(value) - base).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(seconds, 0.0), MAX_PAUSE_S) if seconds == seconds else None


def message_of(error: openai.APIStatusError) -> str:
    body = error.body
    if isinstance(body, list) and body:  # Gemini wraps its error in a list
        body = body[0].get("error", body[0]) if isinstance(body[0], Mapping) else body[0]
    if isinstance(body, Mapping):
        body = body.get("message") or body.get("detail") or body
    text = str(body if body else error.message)
    return " ".join(text.split())[:500]
