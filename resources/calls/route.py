"""Load balancing, retry and failover: which of a role's endpoints is asked, when another one, when it is given up.

Belongs here: weights, failover, retries. Does not belong here: HTTP (endpoint.py), when an endpoint rests
(breaker.py), what is asked (dispatcher.py).
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from resources.calls.endpoint import MAX_BACKOFF_S, Endpoint
from resources.calls.errors import TransientError
from resources.calls.messages import CallFailedError, EndpointUnreachableError

RATE_LIMIT_PATIENCE = 4  # times max_attempts: a 429 says "later", not "broken"
MIN_IN_A_ROW = 50


@dataclass(slots=True)
class _Trying:
    """The retry state of one request. `failures` counts what happened to it, and probes that failed while it waited."""

    failures: float
    probes_seen: int
    answered_before: int
    attempts: int = 0
    refused_only: bool = True
    problem: str = "unreachable"
    detail: str = ""
    latency_ms: float = 0.0
    last: Endpoint | None = None


class Route:
    """The load balancer over the endpoints of one role. Belongs to one event loop.

    Of the healthy endpoints with room for another request, the one with the fewest under way for its weight is asked;
    one of weight 0 only where no other is healthy. A failed attempt goes on at another endpoint at once, or here after
    a pause.
    """

    def __init__(self, role: str, endpoints: Sequence[Endpoint], *, backoff_s: float = 0.5) -> None:
        self.role = role
        self.endpoints = list(endpoints)
        self.concurrency = (
            sum(e.settings.concurrency for e in endpoints if e.settings.weight) or endpoints[0].settings.concurrency
        )
        self.has_rates = any(e.rates.are_set for e in endpoints)
        self.max_attempts = max(e.settings.max_attempts for e in endpoints)
        self.answered = 0
        self._backoff_s = backoff_s
        self._failed_probes = 0
        self._failed_in_a_row = 0
        self._changed: asyncio.Event | None = None

    async def ask(
        self,
        body_for: Callable[[Endpoint], Awaitable[bytes]],
        read: Callable[[Any], Any],
        tokens: int,
    ) -> tuple[Any, Endpoint, int, float]:
        """Ask until there is an answer: what `read` made of it, who gave it, HTTP requests made, latency in ms.

        Raises:
            CallFailedError: attempts are used up, or an endpoint rejects this very request.
            EndpointUnreachableError: no endpoint can be used, nothing answers, or everything fails.
        """
        hopeless = all(e.breaker.hopeless for e in self._live())
        trying = _Trying(self.max_attempts - 1 if hopeless else 0, self._failed_probes, self.answered)
        while True:
            endpoint = await self._choose(trying)
            if endpoint is None:
                self._raise_when_used_up(trying)
                continue
            ticket = endpoint.breaker.begin()
            probing = endpoint.breaker.is_open
            trying.last = endpoint
            try:
                body = await body_for(endpoint)
                trying.attempts += 1
                result, latency = await endpoint.attempt(body, read, ticket=ticket, tokens=tokens)
            except TransientError as transient:
                self._count(trying, endpoint, transient, probing)
                self._raise_when_used_up(trying)
                await self._pause(trying, transient)
            except EndpointUnreachableError:
                if not self._live():
                    raise self._all_dead() from None
            except CallFailedError as failure:
                raise replace(failure, attempts=trying.attempts) from None
            else:
                self.answered += 1
                self._failed_in_a_row = 0
                return result, endpoint, trying.attempts, latency
            finally:
                if probing:
                    endpoint.breaker.given_up(ticket)
                    self._tell()

    # -- which endpoint --------------------------------------------------------------------------

    def _live(self) -> list[Endpoint]:
        return [e for e in self.endpoints if e.dead is None]

    async def _choose(self, trying: _Trying) -> Endpoint | None:
        """The endpoint to ask now; None after a wait in which something changed."""
        live = self._live()
        if not live:
            raise self._all_dead()
        if len(live) == 1 and not live[0].breaker.is_open:
            return live[0]
        now = asyncio.get_running_loop().time()
        well = [e for e in live if e.breaker.allows(now)]
        if not well:
            await self._wait(min(e.breaker.wait_s(now) for e in live))
            failed = self._failed_probes - trying.probes_seen
            trying.probes_seen = self._failed_probes
            trying.failures += failed / len(live)
            if failed and not trying.attempts:
                trying.problem, trying.detail = live[0].breaker.problem
                trying.refused_only = trying.problem == "unreachable"
            return None
        free = [e for e in well if not e.limit.pause_left()] or well
        working = [e for e in free if e.settings.weight] or free
        others = [e for e in working if e is not trying.last] or [e for e in free if e is not trying.last] or working
        return min(others, key=lambda e: (e.limit.is_full, (e.limit.outstanding + 1) / (e.settings.weight or 1.0)))

    async def _wait(self, seconds: float) -> None:
        if self._changed is None:
            self._changed = asyncio.Event()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), None if seconds == float("inf") else max(seconds, 0.001))

    def _tell(self) -> None:
        changed, self._changed = self._changed, None
        if changed is not None:
            changed.set()

    # -- after a failure -------------------------------------------------------------------------

    def _count(self, trying: _Trying, endpoint: Endpoint, transient: TransientError, probing: bool) -> None:
        trying.problem, trying.detail, trying.latency_ms = transient.problem, transient.detail, transient.latency_ms
        trying.refused_only = trying.refused_only and transient.problem == "unreachable"
        trying.failures += 1 / RATE_LIMIT_PATIENCE if transient.problem == "rate_limited" else 1
        if probing and transient.problem != "rate_limited":
            self._failed_probes += 1
            trying.probes_seen += 1
        if endpoint.breaker.is_open:
            self._tell()

    async def _pause(self, trying: _Trying, transient: TransientError) -> None:
        now = asyncio.get_running_loop().time()
        if any(e is not trying.last and e.breaker.allows(now) and not e.limit.pause_left() for e in self._live()):
            return
        grown = self._backoff_s * 2 ** min(trying.attempts - 1, 10)
        await asyncio.sleep(max(transient.pause_s, random.uniform(0.5, 1.0) * min(grown, MAX_BACKOFF_S)))

    def _raise_when_used_up(self, trying: _Trying) -> None:
        if trying.failures < self.max_attempts:
            return
        endpoint = trying.last or self._live()[0]
        if trying.refused_only and self.answered == trying.answered_before:
            raise EndpointUnreachableError(endpoint.unreachable(trying.detail))
        self._failed_in_a_row += 1
        if self._failed_in_a_row >= max(MIN_IN_A_ROW, 2 * self.concurrency):
            raise EndpointUnreachableError(
                endpoint.line(
                    f"failed {self._failed_in_a_row} requests in a row, each tried again ({trying.problem}: "
                    f"{trying.detail}): check the server, then run it again; what was done is kept"
                )
            )
        raise CallFailedError(trying.problem, trying.detail, trying.attempts, trying.latency_ms)

    def _all_dead(self) -> EndpointUnreachableError:
        return EndpointUnreachableError("; ".join(str(e.dead) for e in self.endpoints if e.dead))
