"""One OpenAI-compatible endpoint: sending a request until it is answered or cannot be.

Belongs here: the client, its key, what is retried and how long, and telling a passing failure from a lasting one.
Does not belong here: which endpoint a role has (settings), what a reply means (replies.py), the ledger.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import socket
import time
from collections.abc import Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx2
import openai

from resources.limiter import AdaptiveLimit
from resources.requests import CallFailed, CallsError, EndpointUnreachable
from wethink_assets.settings import EndpointSettings

MAX_PAUSE_S = 600.0
MAX_BACKOFF_S = 30.0
MAX_BODY_BYTES = 32 * 1024 * 1024
RATE_LIMIT_PATIENCE = 4  # times max_attempts: a 429 says "later", not "broken"
_RETRIED = (408, 409, 425, 429)
_ABOUT_THE_SETUP = (*range(300, 400), 401, 402, 403, 404, 405, 407)


class Endpoint:
    """A client with its own concurrency limit. Belongs to one event loop."""

    def __init__(self, role: str, settings: EndpointSettings, base_url: str, *, backoff_s: float = 0.5) -> None:
        self.role = role
        self.settings = settings
        self.base_url = base_url
        self.limit = AdaptiveLimit(settings.concurrency)
        self.answered = 0
        self._backoff_s = backoff_s
        self._key = api_key(role, settings)
        host = urlsplit(base_url).hostname or ""
        timeout = httpx2.Timeout(settings.timeout_s, connect=min(10.0, settings.timeout_s), pool=None)
        limits = httpx2.Limits(max_connections=settings.concurrency, max_keepalive_connections=settings.concurrency)
        # The aiohttp transport costs half the CPU of the default one. A proxy never stands before this machine itself.
        # Loading certificates takes 60 ms; a plain http URL needs none, since redirects are not followed.
        http = openai.DefaultAioHttpClient(
            timeout=timeout,
            limits=limits,
            trust_env=host not in ("127.0.0.1", "localhost", "::1"),
            verify=not base_url.startswith("http://"),
            follow_redirects=False,
        )
        self._client = openai.AsyncOpenAI(
            base_url=base_url, api_key=self._key or "none", max_retries=0, timeout=timeout, http_client=http
        )
        # These come from OPENAI_* variables, which belong to that vendor and to no other endpoint.
        self._client.organization = self._client.project = None

    async def close(self) -> None:
        await self._client.close()

    # -- one request -----------------------------------------------------------------------------

    async def ask(self, body: Mapping[str, Any], read: Any) -> tuple[Any, int, float]:
        """Send `body` and give `read` the decoded answer, until both succeed.

        Returns `read`'s result, the number of HTTP requests, and the latency of the last one in ms.

        Raises:
            CallFailed: attempts are used up, or the endpoint rejects this very request.
            EndpointUnreachable: nothing answers at the URL, or the key or the model name is refused.
        """
        attempts = failures = 0
        answered_before = self.answered
        refused_only = True
        while True:
            ticket = await self.limit.acquire()
            outcome: dict[str, Any] = {}
            attempts += 1
            started = time.monotonic()
            pause = 0.0
            try:
                result = read(await self._post(body))
                self.answered += 1
                outcome["answered"] = True
                return result, attempts, (time.monotonic() - started) * 1000
            except openai.APIStatusError as error:
                status = error.status_code
                refused_only = False
                problem = f"http_{status}"
                detail = self._redact(_message(error))
                if status not in _RETRIED and status < 500:
                    raise self._rejected(status, detail, attempts, (time.monotonic() - started) * 1000) from None
                if status == 429:
                    if "insufficient_quota" in detail or getattr(error, "code", None) == "insufficient_quota":
                        raise EndpointUnreachable(self._line(f"has no quota left: {detail}")) from None
                    problem = "rate_limited"
                    pause = retry_after(error.response.headers) or 0.0
                    outcome |= {"congested": True, "pause_s": pause}
                elif retry := retry_after(error.response.headers):
                    pause = retry
                    outcome["pause_s"] = retry
            except (openai.APIConnectionError, httpx2.HTTPError, OSError, TimeoutError) as error:
                problem, detail = self._connection_problem(error)
                refused_only = refused_only and problem == "unreachable"
                outcome["congested"] = problem == "timeout"
            except ValueError as error:  # a 200 answer with a body that is no completion
                refused_only = False
                problem, detail = "bad_response", self._redact(str(error))[:500]
            finally:
                self.limit.release(ticket, **outcome)
            latency = (time.monotonic() - started) * 1000
            failures += 1 / RATE_LIMIT_PATIENCE if problem == "rate_limited" else 1
            if failures >= self.settings.max_attempts:
                if refused_only and self.answered == answered_before:
                    raise EndpointUnreachable(self._unreachable(detail))
                raise CallFailed(problem, detail, attempts, latency)
            grown = self._backoff_s * 2 ** min(attempts - 1, 10)
            await asyncio.sleep(max(pause, random.uniform(0.5, 1.0) * min(grown, MAX_BACKOFF_S)))

    async def _post(self, body: Mapping[str, Any]) -> Any:
        # The whole answer counts, not the time between two bytes: a server may drip for ever.
        async with asyncio.timeout(self.settings.timeout_s):
            response = await self._client.post("/chat/completions", body=body, cast_to=httpx2.Response)
            content = response.content
        if len(content) > MAX_BODY_BYTES:
            raise ValueError(f"the answer has {len(content)} bytes")
        try:
            return json.loads(content)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"the answer is not JSON: {error}") from None

    def _rejected(self, status: int, detail: str, attempts: int, latency_ms: float) -> Exception:
        """A 4xx: about this request once the endpoint has answered others, about the set-up before that."""
        if status in (401, 403) and (status == 401 or not self.answered):
            variable = self.settings.api_key_env
            cure = f"check the environment variable {variable}" if variable else (
                f"it wants a key: name the environment variable that holds it in [endpoints.{self.role}].api_key_env"
            )
            return EndpointUnreachable(self._line(f"refuses the key (HTTP {status}: {detail}): {cure}"))
        if status == 402 or (status in _ABOUT_THE_SETUP and not self.answered):
            return EndpointUnreachable(
                self._line(
                    f"refuses model {self.settings.model!r} (HTTP {status}: {detail}): "
                    f"check base_url and model of [endpoints.{self.role}]"
                )
            )
        lasting = status not in _ABOUT_THE_SETUP and self.answered > 0
        return CallFailed(f"http_{status}", detail, attempts, latency_ms, lasting)

    def _connection_problem(self, error: BaseException) -> tuple[str, str]:
        """("unreachable" | "timeout" | "connection", why). The transport reports them all as time-outs, so look beneath."""
        chain: list[BaseException] = []
        link: BaseException | None = error
        while link is not None and link not in chain:
            chain.append(link)
            link = link.__cause__ or link.__context__
        names = {type(link).__name__ for link in chain}
        why = self._redact(next((str(link) for link in reversed(chain) if str(link)), type(error).__name__))[:300]
        refused = (ConnectionRefusedError, socket.gaierror, httpx2.ConnectError)
        if any(isinstance(link, refused) for link in chain) or "ClientConnectorError" in names:
            return "unreachable", why
        if any(isinstance(link, (ConnectionError, httpx2.ProtocolError)) for link in chain) or names & {
            "ServerDisconnectedError", "ClientPayloadError", "ClientOSError"
        }:
            return "connection", why or "the connection was lost"
        if any(isinstance(link, (TimeoutError, httpx2.TimeoutException)) for link in chain):
            return "timeout", f"no answer within {self.settings.timeout_s:g} s"
        return "connection", why

    # -- what people read ------------------------------------------------------------------------

    def _line(self, what: str) -> str:
        return f"role {self.role}: {self._redact(_without_user(self.base_url))} {what}"

    def _unreachable(self, why: str) -> str:
        where = (
            "check the server that was started for it"
            if self.role == "policy"
            else f"start it or set [endpoints.{self.role}].base_url in the file that WETHINK_CONFIG names"
        )
        return self._line(f"does not answer ({why}): {where}")

    def _redact(self, text: str) -> str:
        return redact(text, self._key)

    def redact(self, text: str) -> str:
        """`text` without this endpoint's key, should a server echo it."""
        return redact(text, self._key)


def api_key(role: str, settings: EndpointSettings) -> str:
    """The key from the environment, or "".

    Raises:
        CallsError: the setting names a variable that is not set.
    """
    if not settings.api_key_env:
        return ""
    key = os.environ.get(settings.api_key_env, "").strip()
    if not key:
        raise CallsError(
            f"role {role}: the environment variable {settings.api_key_env}, which [endpoints.{role}].api_key_env "
            "names, is not set: export the key in it"
        )
    return key


def redact(text: str, key: str) -> str:
    """`text` without the key and without anything that looks like an authorization header."""
    if len(key) >= 4:
        text = text.replace(key, "***")
    return re.sub(r"(?i)(bearer\s+)[\w.~+/=-]{8,}", r"\1***", text)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the endpoint asks to wait, at most ten minutes. Dates are read against its own clock."""
    try:
        if (value := headers.get("retry-after-ms")) is not None:
            seconds = float(value) / 1000
        elif (value := headers.get("retry-after")) is None:
            return None
        elif re.fullmatch(r"\s*\d+(\.\d+)?\s*", value):
            seconds = float(value)
        else:
            now = headers.get("date")
            base = parsedate_to_datetime(now) if now else datetime.now(timezone.utc)
            seconds = (parsedate_to_datetime(value) - base).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(seconds, 0.0), MAX_PAUSE_S) if seconds == seconds else None


def _message(error: openai.APIStatusError) -> str:
    body = error.body
    if isinstance(body, Mapping):
        body = body.get("message") or body.get("detail") or body
    text = str(body if body else error.message)
    return " ".join(text.split())[:500]


def _without_user(url: str) -> str:
    return re.sub(r"(://)[^@/]*@", r"\1", url)
