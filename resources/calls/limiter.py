"""Adaptive concurrency limit (AIMD): how many requests an endpoint gets at once, as many as it bears.

Belongs here: the adaptive limit and the pause that an endpoint asks for. Pure asyncio: no HTTP.
Does not belong here: requests per minute (rate_limits.py), whether a request is tried again (route.py).
"""

from __future__ import annotations

import asyncio
from collections import deque

START = 16.0


class AdaptiveLimit:
    """An adaptive concurrency limit: additive increase, multiplicative decrease, as TCP does it.

    The limit starts at 16 and doubles per round until the first sign of congestion; from then on it grows by one per
    round and is halved by congestion. All requests of one round that report congestion count as one sign: a burst of
    429s must not push the limit down to one. Belongs to one event loop.
    """

    def __init__(self, cap: int) -> None:
        self.cap = cap
        self.limit = min(START, float(cap))
        self.in_flight = 0
        self._threshold = float(cap)
        self._issued = 0
        self._last_cut = 0
        self._resume_at = 0.0
        self._waiters: deque[asyncio.Future[None]] = deque()
        self._waiting = 0

    @property
    def outstanding(self) -> int:
        """Requests under way and waiting for a slot."""
        return self.in_flight + self._waiting

    @property
    def is_full(self) -> bool:
        return self.outstanding >= int(self.limit)

    def pause_left(self) -> float:
        """Seconds until something may be sent again."""
        return max(0.0, self._resume_at - asyncio.get_running_loop().time())

    async def acquire(self) -> int:
        """Wait for a slot. Returns the ticket that `release` takes."""
        loop = asyncio.get_running_loop()
        while True:
            if (pause := self._resume_at - loop.time()) > 0:
                await asyncio.sleep(pause)
            elif self.in_flight < int(self.limit):
                break
            else:
                waiter = loop.create_future()
                self._waiters.append(waiter)
                self._waiting += 1
                try:
                    await waiter
                except asyncio.CancelledError:
                    self._wake()
                    raise
                finally:
                    self._waiting -= 1
        self.in_flight += 1
        self._issued += 1
        return self._issued

    def release(self, ticket: int, *, answered: bool = False, congested: bool = False, pause_s: float = 0.0) -> None:
        """Give the slot back. `congested`: 429 or time-out; `pause_s`: nothing is sent before it has passed."""
        self.in_flight -= 1
        if congested:
            if ticket > self._last_cut:
                self.limit = max(1.0, self.limit / 2)
                self._threshold = self.limit
                self._last_cut = self._issued
        elif answered and self.limit < self.cap:
            self.limit = min(self.cap, self.limit + (1.0 if self.limit < self._threshold else 1.0 / self.limit))
        if pause_s > 0:
            self._resume_at = max(self._resume_at, asyncio.get_running_loop().time() + pause_s)
        self._wake()

    def _wake(self) -> None:
        free = int(self.limit) - self.in_flight
        while free > 0 and self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                free -= 1
