"""One OpenAI-compatible endpoint: one request with its limits, and what the outcome tells of the endpoint.

Belongs here: the clients, the limits of this endpoint, and telling a passing failure from a lasting one.
Does not belong here: HTTP (chat_client.py), reading errors (errors.py), keys (keys.py), trying again or elsewhere
(route.py), what a reply means (replies.py), the ledger.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import aiohttp

from resources.calls.breaker import CircuitBreaker
from resources.calls.chat_client import ChatClient, proxy_of
from resources.calls.errors import (
    TransientError,
    connection_problem,
    error_of,
    is_about_the_content,
    retry_after,
    status_within,
)
from resources.calls.forms import Forms
from resources.calls.keys import api_key, redact, without_user
from resources.calls.limiter import AdaptiveLimit
from resources.calls.messages import CallFailedError, EndpointUnreachableError, ModelRequest
from resources.calls.rate_limits import RateLimits
from resources.calls.replies import decoded
from resources.calls.thinking import identity
from resources.calls.usage import total_of
from wethink_assets.settings import EndpointSettings

if TYPE_CHECKING:
    import openai

MAX_BACKOFF_S = 30.0
_RETRIED = (408, 409, 425, 429)
_OVERLOADED = (429, 503, 529)
_ABOUT_THE_SETUP = (*range(300, 400), 401, 402, 403, 404, 405, 407)


class Limits:
    """The limits of one model at one server (concurrency, rate, circuit breaker), shared by all roles that ask it.

    Belongs to one event loop.
    """

    def __init__(self, settings: EndpointSettings, *, backoff_s: float) -> None:
        self.limit = AdaptiveLimit(settings.concurrency)
        self.rates = RateLimits(settings.requests_per_minute, settings.tokens_per_minute)
        self.breaker = CircuitBreaker(2 * backoff_s, min(MAX_BACKOFF_S, 64 * backoff_s), settings.max_attempts)
        self.forms = Forms()


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
        self.forms = limits.forms
        self.answered = 0
        self.dead: EndpointUnreachableError | None = None
        self._key = api_key(role, settings)
        self.name = self.redact(without_user(base_url))  # the URL as it may be shown
        self._chat = ChatClient(base_url, self._key, concurrency=settings.concurrency, timeout_s=settings.timeout_s)
        self._files: openai.AsyncOpenAI | None = None

    @property
    def files(self) -> openai.AsyncOpenAI:
        """The `openai` client, for files and batches; imported where they are used, since that takes a second."""
        if self._files is None:
            import httpx2
            import openai

            timeout = httpx2.Timeout(self.settings.timeout_s, connect=min(10.0, self.settings.timeout_s), pool=None)
            http = openai.DefaultAioHttpClient(
                timeout=timeout,
                trust_env=proxy_of(self.base_url) is not None,
                verify=not self.base_url.startswith("http://"),
                follow_redirects=False,
            )
            self._files = openai.AsyncOpenAI(
                base_url=self.base_url, api_key=self._key or "none", max_retries=0, timeout=timeout, http_client=http
            )
            # These come from OPENAI_* variables, which belong to that vendor and to no other endpoint.
            self._files.organization = self._files.project = None
        return self._files

    async def close(self) -> None:
        await self._chat.close()
        if self._files is not None:
            await self._files.close()

    def identity(self, request: ModelRequest) -> str:
        return identity(request, self.settings)

    # -- one request -----------------------------------------------------------------------------

    async def attempt(self, body: bytes, read: Callable[[Any], Any], *, ticket: int, tokens: int) -> tuple[Any, float]:
        """Send `body` once. Returns what `read` made of the decoded answer, and the latency in ms.

        `ticket` is what `breaker.begin` gave; `tokens` about how many the call will use.

        Raises:
            TransientError: it failed in a way that may pass.
            CallFailedError: the endpoint rejects this very request.
            EndpointUnreachableError: it refuses the key, the model name, or has no quota left; `dead` is set.
        """
        slot = await self._slot(ticket)
        answered = congested = known = False
        pause = 0.0
        started = time.monotonic()
        try:
            if self.rates.are_set:
                await self.rates.take(tokens)
            if self.dead is not None:  # found out while this request waited
                raise self.dead
            started = time.monotonic()
            answer = await self._chat.post(body)
            content = decoded(answer.body) if 200 <= answer.status < 300 else None
            status = answer.status if content is None else status_within(content)
            if status:
                pause = retry_after(answer.headers) or 0.0
                congested = status in _OVERLOADED
                known = True
                raise self._of_status(status, answer.body, ticket, pause, (time.monotonic() - started) * 1000)
            result = read(content)
            self.answered += 1
            answered = known = True
            self.breaker.answered()
            self.rates.settle(tokens, total_of(content))
            return result, (time.monotonic() - started) * 1000
        except (aiohttp.ClientError, OSError) as error:  # a TimeoutError is an OSError
            problem, why = connection_problem(error, self.settings.timeout_s)
            congested = problem == "timeout"
            known = True
            raise self._transient(ticket, problem, self.redact(why)[:300], 0.0, started) from None
        except ValueError as error:  # a body that is no completion, or too large
            known = True
            raise self._transient(ticket, "bad_response", self.redact(str(error))[:500], 0.0, started) from None
        finally:
            if not known:
                self.breaker.given_up(ticket)
            self.limit.release(slot, answered=answered, congested=congested, pause_s=pause)

    async def _slot(self, ticket: int) -> int:
        try:
            return await self.limit.acquire()
        except BaseException:
            self.breaker.given_up(ticket)
            raise

    def _transient(self, ticket: int, problem: str, detail: str, pause_s: float, started: float) -> TransientError:
        self.breaker.failed(ticket, asyncio.get_running_loop().time(), problem, detail)
        return TransientError(problem, detail, pause_s, (time.monotonic() - started) * 1000)

    def _of_status(self, status: int, body: bytes, ticket: int, pause: float, latency_ms: float) -> Exception:
        """What an HTTP error means, or one that a gateway puts into an answer of status 200."""
        code, told = error_of(status, body)
        detail = self.redact(told)[:500]
        if status == 429:
            self.breaker.answered()
            if code == "insufficient_quota" or "insufficient_quota" in detail:
                self.dead = EndpointUnreachableError(self.line(f"has no quota left: {detail}"))
                return self.dead
            return TransientError("rate_limited", detail, pause, latency_ms)
        if status in _RETRIED or status >= 500:
            self.breaker.failed(ticket, asyncio.get_running_loop().time(), f"http_{status}", detail)
            return TransientError(f"http_{status}", detail, pause, latency_ms)
        self.breaker.answered()
        rejected = self._rejected(status, code, detail, latency_ms)
        if isinstance(rejected, EndpointUnreachableError):
            self.dead = rejected
        return rejected

    def _rejected(self, status: int, code: str, detail: str, latency_ms: float) -> Exception:
        """A 4xx: about this request once the endpoint has answered others, about the set-up before that.

        The ledger keeps it only where its code speaks of the request's content. Any other may be the word of a proxy
        that is set up wrongly today; it cost nothing, and the next run asks again (refusals.py).
        """
        if status == 402:
            return EndpointUnreachableError(self.line(f"has no credit left (HTTP 402: {detail}): pay for it, or wait"))
        if status in (401, 403) and (status == 401 or not self.answered):
            variable = self.settings.api_key_env
            cure = (
                f"check the environment variable {variable}"
                if variable
                else (
                    f"it needs a key: name the environment variable that holds it in "
                    f"[endpoints.{self.role}].api_key_env"
                )
            )
            return EndpointUnreachableError(self.line(f"refuses the key (HTTP {status}: {detail}): {cure}"))
        if status in _ABOUT_THE_SETUP and not self.answered:
            return EndpointUnreachableError(
                self.line(
                    f"refuses model {self.settings.model!r} (HTTP {status}: {detail}): "
                    f"check base_url and model of [endpoints.{self.role}]"
                )
            )
        lasting = status in (400, 403, 422) and is_about_the_content(code)
        return CallFailedError(f"http_{status}", detail, 1, latency_ms, lasting, refused=not lasting)

    # -- messages ---------------------------------------------------------------------------------

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
