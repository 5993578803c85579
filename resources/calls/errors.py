"""HTTP errors of endpoints: whether a failure may pass, how long to wait (Retry-After), and the vendor's words.

Belongs here: reading errors, headers and error bodies. Pure. Does not belong here: what follows for the endpoint
(endpoint.py), trying again (route.py).
"""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import responses

import aiohttp

MAX_PAUSE_S = 600.0
MAX_TOLD_CHARS = 4_000


@dataclass
class TransientError(Exception):
    """A transient failure, which may pass. `pause_s`: what the endpoint asked to wait."""

    problem: str
    detail: str
    pause_s: float
    latency_ms: float


def connection_problem(error: BaseException, timeout_s: float) -> tuple[str, str]:
    """("unreachable" | "timeout" | "connection", why) of what the client raised when there was no whole answer."""
    if isinstance(error, (aiohttp.ClientProxyConnectionError, aiohttp.ClientHttpProxyError)):
        # Its text may hold the proxy's URL, with a password.
        status = f" (HTTP {error.status})" if isinstance(error, aiohttp.ClientHttpProxyError) else ""
        return "unreachable", f"the proxy that the environment names does not let it through{status}"
    if isinstance(error, (aiohttp.ClientConnectorError, ConnectionRefusedError, socket.gaierror)):
        return "unreachable", _told(error)
    if isinstance(error, TimeoutError):
        return "timeout", f"no answer within {timeout_s:g} s"
    return "connection", _told(error)


def _told(error: BaseException) -> str:
    """What the innermost error says: the outer ones tell of the library's layers."""
    why, beneath = str(error), error.__cause__ or error.__context__
    while beneath is not None and str(beneath):
        why, beneath = str(beneath), beneath.__cause__ or beneath.__context__
    return why or "the connection was lost"


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


def error_of(status: int, body: bytes) -> tuple[str, str]:
    """(the vendor's code, its words) of an HTTP error, whose body may be anything. To be cut after redaction only."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        told = body[: 4 * MAX_TOLD_CHARS].decode("utf-8", "replace")
    if isinstance(told, list) and told:  # Gemini wraps its error in a list
        told = told[0]
    if isinstance(told, Mapping):
        told = told.get("error") or told
    code = told.get("code") if isinstance(told, Mapping) else None
    if isinstance(told, Mapping):
        told = told.get("message") or told.get("detail") or told
    words = " ".join(str(told or "")[: 2 * MAX_TOLD_CHARS].split())[:MAX_TOLD_CHARS]
    return str(code or ""), words or responses.get(status, "no reason given")
