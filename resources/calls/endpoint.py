"""One OpenAI-compatible endpoint: one HTTP request, and what its end tells of the endpoint.

Belongs here: the client, its key, the limits of this endpoint, and telling a passing failure from a lasting one.
Does not belong here: trying again or elsewhere (route.py), what a reply means (replies.py), the ledger.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx2
import openai

from resources.calls.breaker import CircuitBreaker
from resources.calls.limiter import AdaptiveLimit
from resources.calls.rate_limits import RateLimits
from resources.requests import CallFailed, CallsError, EndpointUnreachable, ModelRequest, call_id
from wethink_assets.settings import EndpointSettings

MAX_PAUSE_S = 600.0
MAX_BACKOFF_S = 30.0
MAX_BODY_BYTES = 32 * 1024 * 1024
_RETRIED = (408, 409, 425, 429)
_OVERLOADED = (429, 503, 529)
_ABOUT_THE_SETUP = (*range(300, 400), 401, 402, 403, 404, 405, 407)


@dataclass
class Passing(Exception):
    """A failure that may pass. `pause_s`: what the endpoint asked to wait."""

    problem: str
    detail: str
    pause_s: float
    latency_ms: float


class Limits:
    """What a server bears of one model, whatever roles ask it. Belongs to one event loop."""

    def __init__(self, settings: EndpointSettings, *, backoff_s: float) -> None:
        self.limit = AdaptiveLimit(settings.concurrency)
        self.rates = RateLimits(settings.requests_per_minute, settings.tokens_per_minute)
        self.breaker = CircuitBreaker(2 * backoff_s, min(MAX_BACKOFF_S, 64 * backoff_s), settings.max_attempts)


class Endpoint:
    """A client with its limits. Belongs to one event loop.

    `dead` is why it cannot be used at all (key, model name, quota); it is not asked again while the engine lives.
    """

    def __init__(self, role: str, settings: EndpointSettings, base_url: str, limits: Limits | None = None) -> None:
        self.role = role
        self.settings = settings
        self.base_url = base_url
        limits = limits or Limits(settings, backoff_s=0.5)
        self.limit, self.rates, self.breaker = limits.limit, limits.rates, limits.breaker
        self.answered = 0
        self.dead: EndpointUnreachable | None = None
        self._key = api_key(role, settings)
        host = urlsplit(base_url).hostname or ""
        timeout = httpx2.Timeout(settings.timeout_s, connect=min(10.0, settings.timeout_s), pool=None)
        connections = httpx2.Limits(max_connections=settings.concurrency, max_keepalive_connections=settings.concurrency)
        # The aiohttp transport costs half the CPU of the default one. A proxy never stands before this machine itself.
        # Loading certificates takes 60 ms; a plain http URL needs none, since redirects are not followed.
        http = openai.DefaultAioHttpClient(
            timeout=timeout,
            limits=connections,
            trust_env=host not in ("127.0.0.1", "localhost", "::1"),
            verify=not base_url.startswith("http://"),
            follow_redirects=False,
        )
        self.client = openai.AsyncOpenAI(
            base_url=base_url, api_key=self._key or "none", max_retries=0, timeout=timeout, http_client=http
        )
        # These come from OPENAI_* variables, which belong to that vendor and to no other endpoint.
        self.client.organization = self.client.project = None

    async def close(self) -> None:
        await self.client.close()

    @property
    def name(self) -> str:
        """The URL as it may be shown."""
        return self.redact(_without_user(self.base_url))

    def identity(self, request: ModelRequest) -> str:
        return identity(request, self.settings)

    def parameters(self, request: ModelRequest) -> dict[str, Any]:
        return {**self.settings.parameters, **request.parameters}

    # -- one request -----------------------------------------------------------------------------

    async def attempt(
        self, body: Mapping[str, Any], read: Callable[[Any], Any], *, ticket: int, tokens: int
    ) -> tuple[Any, float]:
        """Send `body` once. Returns what `read` made of the decoded answer, and the latency in ms.

        `ticket` is what `breaker.begin` gave; `tokens` about how many the call will use.

        Raises:
            Passing: it failed in a way that may pass.
            CallFailed: the endpoint rejects this very request.
            EndpointUnreachable: it refuses the key, the model name, or has no quota left; `dead` is set.
        """
        slot = await self._slot(ticket)
        outcome: dict[str, Any] = {}
        known = False
        started = time.monotonic()
        try:
            await self.rates.take(tokens)
            if self.dead is not None:  # found out while this request waited
                raise self.dead
            started = time.monotonic()
            answer = await self._post(body)
            result = read(answer)
            self.answered += 1
            outcome["answered"] = known = True
            self.breaker.answered()
            self.rates.settle(tokens, _tokens_of(answer))
            return result, (time.monotonic() - started) * 1000
        except openai.APIStatusError as error:
            latency = (time.monotonic() - started) * 1000
            pause = retry_after(error.response.headers) or 0.0
            outcome = {"congested": error.status_code in _OVERLOADED, "pause_s": pause}
            known = True
            raise self._of_status(error, ticket, pause, latency) from None
        except (openai.APIConnectionError, httpx2.HTTPError, OSError, TimeoutError) as error:
            problem, detail = self._connection_problem(error)
            outcome["congested"] = problem == "timeout"
            known = True
            raise self._passing(ticket, problem, detail, 0.0, started) from None
        except ValueError as error:  # a 200 answer with a body that is no completion
            known = True
            raise self._passing(ticket, "bad_response", self.redact(str(error))[:500], 0.0, started) from None
        finally:
            if not known:
                self.breaker.given_up(ticket)
            self.limit.release(slot, **outcome)

    async def _slot(self, ticket: int) -> int:
        try:
            return await self.limit.acquire()
        except BaseException:
            self.breaker.given_up(ticket)
            raise

    def _passing(self, ticket: int, problem: str, detail: str, pause_s: float, started: float) -> Passing:
        self.breaker.failed(ticket, asyncio.get_running_loop().time(), problem, detail)
        return Passing(problem, detail, pause_s, (time.monotonic() - started) * 1000)

    def _of_status(self, error: openai.APIStatusError, ticket: int, pause: float, latency_ms: float) -> Exception:
        status, detail = error.status_code, self.redact(_message(error))
        if status == 429:
            self.breaker.answered()
            if "insufficient_quota" in detail or getattr(error, "code", None) == "insufficient_quota":
                self.dead = EndpointUnreachable(self.line(f"has no quota left: {detail}"))
                return self.dead
            return Passing("rate_limited", detail, pause, latency_ms)
        if status in _RETRIED or status >= 500:
            self.breaker.failed(ticket, asyncio.get_running_loop().time(), f"http_{status}", detail)
            return Passing(f"http_{status}", detail, pause, latency_ms)
        self.breaker.answered()
        rejected = self._rejected(status, detail, latency_ms)
        if isinstance(rejected, EndpointUnreachable):
            self.dead = rejected
        return rejected

    async def _post(self, body: Mapping[str, Any]) -> Any:
        # The whole answer counts, not the time between two bytes: a server may drip for ever.
        async with asyncio.timeout(self.settings.timeout_s):
            response = await self.client.post("/chat/completions", body=body, cast_to=httpx2.Response)
            content = response.content
        if len(content) > MAX_BODY_BYTES:
            raise ValueError(f"the answer has {len(content)} bytes")
        try:
            return json.loads(content)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"the answer is not JSON: {error}") from None

    def _rejected(self, status: int, detail: str, latency_ms: float) -> Exception:
        """A 4xx: about this request once the endpoint has answered others, about the set-up before that."""
        if status in (401, 403) and (status == 401 or not self.answered):
            variable = self.settings.api_key_env
            cure = f"check the environment variable {variable}" if variable else (
                f"it wants a key: name the environment variable that holds it in [endpoints.{self.role}].api_key_env"
            )
            return EndpointUnreachable(self.line(f"refuses the key (HTTP {status}: {detail}): {cure}"))
        if status == 402 or (status in _ABOUT_THE_SETUP and not self.answered):
            return EndpointUnreachable(
                self.line(
                    f"refuses model {self.settings.model!r} (HTTP {status}: {detail}): "
                    f"check base_url and model of [endpoints.{self.role}]"
                )
            )
        lasting = status not in _ABOUT_THE_SETUP and self.answered > 0
        return CallFailed(f"http_{status}", detail, 1, latency_ms, lasting)

    def _connection_problem(self, error: BaseException) -> tuple[str, str]:
        """("unreachable" | "timeout" | "connection", why). The transport reports them all as time-outs, so look beneath."""
        chain: list[BaseException] = []
        link: BaseException | None = error
        while link is not None and link not in chain:
            chain.append(link)
            link = link.__cause__ or link.__context__
        names = {type(link).__name__ for link in chain}
        why = self.redact(next((str(link) for link in reversed(chain) if str(link)), type(error).__name__))[:300]
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

    def line(self, what: str) -> str:
        return f"role {self.role}: {self.name} {what}"

    def unreachable(self, why: str) -> str:
        where = (
            "check the server that was started for it"
            if self.role == "policy"
            else f"start it or set [endpoints.{self.role}].base_url in the file that WETHINK_CONFIG names"
        )
        return self.line(f"does not answer ({why}): {where}")

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


def identity(request: ModelRequest, settings: EndpointSettings) -> str:
    """The key in the ledger of `request` asked of an endpoint with these settings."""
    return call_id(request, settings.model, settings.parameters, max_image_side=settings.max_image_side)


def _tokens_of(answer: Any) -> int | None:
    usage = answer.get("usage") if isinstance(answer, Mapping) else None
    total = usage.get("total_tokens") if isinstance(usage, Mapping) else None
    return total if isinstance(total, int) else None


def _message(error: openai.APIStatusError) -> str:
    body = error.body
    if isinstance(body, list) and body:  # Gemini wraps its error in a list
        body = body[0].get("error", body[0]) if isinstance(body[0], Mapping) else body[0]
    if isinstance(body, Mapping):
        body = body.get("message") or body.get("detail") or body
    text = str(body if body else error.message)
    return " ".join(text.split())[:500]


def _without_user(url: str) -> str:
    return re.sub(r"(://)[^@/]*@", r"\1", url)
