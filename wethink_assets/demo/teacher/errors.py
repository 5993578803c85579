"""Errors in the shape of OpenAI's.

Belongs here: the shape. Does not belong here: when something is one.
"""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web


def error(
    status: int, message: str, *, code: str | None = None, headers: Mapping[str, str] | None = None
) -> web.Response:
    """An error in OpenAI's shape."""
    kind = "server_error" if status >= 500 else "rate_limit_error" if status == 429 else "invalid_request_error"
    body = {"error": {"message": message, "type": kind, "param": None, "code": code}}
    return web.json_response(body, status=status, headers=headers)
