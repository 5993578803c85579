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
from typing import Any

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


# Codes of errors that name what is in a request, as the model's API gives them; compared without case and hyphens.
_OF_THE_CONTENT = frozenset(
    (
        "content_filter",  # Azure
        "content_policy_violation",
        "responsibleaipolicyviolation",
        "data_inspection_failed",  # Alibaba
        "datainspectionfailed",
        "moderation_blocked",
        "invalid_image",
        "invalid_image_format",
        "invalid_image_url",
        "invalid_base64_image",
        "image_parse_error",
        "image_too_small",
        "image_content_policy_violation",
    )
)


def is_about_the_content(code: str) -> bool:
    """Whether an error's code says that this very content is refused, whoever asks and however."""
    return code.lower().replace("-", "_") in _OF_THE_CONTENT


def status_within(answer: Any) -> int | None:
    """The HTTP status of an error that a gateway puts into an answer of status 200, where it gives one."""
    if isinstance(answer, list) and answer:
        answer = answer[0]
    if not isinstance(answer, Mapping):
        return None
    told = answer.get("error")
    choices = answer.get("choices")
    if isinstance(choices, list) and choices and isinstance(choices[0], Mapping):
        if choices[0].get("finish_reason") not in (None, "error"):
            return None
        told = told or choices[0].get("error")
    if not isinstance(told, Mapping):
        return None
    for value in (told.get("code"), told.get("status"), told.get("type")):
        if isinstance(value, str):
            value = _NAMED.get(value.lower(), int(value) if value.isdecimal() else None)
        if isinstance(value, int) and not isinstance(value, bool) and 400 <= value < 600:
            return value
    return None


_NAMED = {
    "insufficient_quota": 402,
    "insufficient_credits": 402,
    "payment_required": 402,
    "rate_limit_exceeded": 429,
    "rate_limit_error": 429,
    "resource_exhausted": 429,
    "overloaded_error": 529,
}


def error_of(status: int, body: bytes) -> tuple[str, str]:
    """(the vendor's code, its words) of an HTTP error, whose body may be anything. To be cut after redaction only."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        told = body[: 4 * MAX_TOLD_CHARS].decode("utf-8", "replace")
    if isinstance(told, list) and told:  # Gemini wraps its error in a list
        told = told[0]
    if isinstance(told, Mapping):
        choices = told.get("choices")
        inner = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], Mapping) else {}
        told = told.get("error") or inner.get("error") or told
    code = told.get("code") if isinstance(told, Mapping) else None
    if isinstance(told, Mapping):
        told = told.get("message") or told.get("detail") or told
    words = " ".join(str(told or "")[: 2 * MAX_TOLD_CHARS].split())[:MAX_TOLD_CHARS]
    return str(code or ""), words or responses.get(status, "no reason given")
