"""Rate limits (token buckets): how many requests and tokens per minute an endpoint gets, as its vendor allows.

Belongs here: the buckets. Does not belong here: how many requests are under way at once (limiter.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

BURST_SHARE = 0.1


class Bucket:
    """A token bucket: never more than `per_minute` in any 60 seconds: a tenth at once, the rest spread over the minute.

    More may be taken than the bucket ever holds (one request larger than a tenth of the minute): it waits for a full
    bucket and leaves a debt. 0 is no limit. `now` is a monotonic clock in seconds.
    """

    def __init__(self, per_minute: int, now: Callable[[], float]) -> None:
        self.per_minute = per_minute
        self._now = now
        self._size = max(1.0, per_minute * BURST_SHARE)
        self._rate = max(per_minute - self._size, per_minute * 0.5) / 60
        self._level = self._size
        self._at = now()

    def wait_s(self, amount: float) -> float:
        """Seconds until `amount` may be taken."""
        if not self.per_minute:
            return 0.0
        self._fill()
        return max(0.0, (min(amount, self._size) - self._level) / self._rate)

    def take(self, amount: float) -> None:
        """Take now; what was not there is a debt. A negative amount gives back."""
        if self.per_minute:
            self._fill()
            self._level = min(self._size, self._level - amount)

    def _fill(self) -> None:
        now = self._now()
        self._level = min(self._size, self._level + (now - self._at) * self._rate)
        self._at = now


class RateLimits:
    """Requests and tokens per minute of one endpoint, first come first served. Belongs to one event loop."""

    def __init__(self, requests: int, tokens: int) -> None:
        self._limits = (requests, tokens)
        self._buckets: tuple[Bucket, Bucket] | None = None
        self._turn: asyncio.Lock | None = None

    @property
    def are_set(self) -> bool:
        return any(self._limits)

    async def take(self, tokens: int) -> None:
        """Wait until a request of about this many tokens may be sent."""
        if not self.are_set:
            return
        if self._buckets is None or self._turn is None:
            now = asyncio.get_running_loop().time
            self._buckets = (Bucket(self._limits[0], now), Bucket(self._limits[1], now))
            self._turn = asyncio.Lock()
        requests, used = self._buckets
        async with self._turn:
            while (wait := max(requests.wait_s(1), used.wait_s(tokens))) > 0:
                await asyncio.sleep(wait)
            requests.take(1)
            used.take(tokens)

    def settle(self, estimated: int, used: int | None) -> None:
        """Correct an estimate once the endpoint has counted."""
        if self._buckets is not None and used is not None:
            self._buckets[1].take(used - estimated)
