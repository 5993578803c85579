"""Circuit breaker: when an endpoint that only fails is left alone, and when it is tried again.

Belongs here: the states closed, open and probing. Pure: time is handed in. Does not belong here: which endpoint is
asked instead (route.py), slowing down (limiter.py): a 429 is an answer of a healthy endpoint.
"""

from __future__ import annotations

BREAK_ROUNDS = 3


class CircuitBreaker:
    """A circuit breaker: opens after three failed rounds without an answer, then lets one probe through at a time.

    All requests that were under way when one of them failed count as one round: a hiccup fails many at once. The
    pause before a probe doubles from `first_s` to `longest_s`. After `patience` failed probes it no longer holds
    anything back (`hopeless`): each request then gets the answer of the endpoint itself at once.
    """

    def __init__(self, first_s: float, longest_s: float, patience: int) -> None:
        self.first_s = first_s
        self.longest_s = longest_s
        self.patience = patience
        self.failed_probes = 0
        self.problem = ("", "")
        self._rounds = 0
        self._issued = 0
        self._last_failed = 0
        self._opened_until: float | None = None
        self._probe: int | None = None

    @property
    def is_open(self) -> bool:
        return self._opened_until is not None

    @property
    def hopeless(self) -> bool:
        return self.failed_probes >= self.patience

    def allows(self, now: float) -> bool:
        if self._opened_until is None or self.hopeless:
            return True
        return self._probe is None and now >= self._opened_until

    def wait_s(self, now: float) -> float:
        """Seconds until a probe may go; infinity while one is under way, whose end is what to wait for."""
        if self._opened_until is None:
            return 0.0
        return float("inf") if self._probe is not None else max(0.0, self._opened_until - now)

    def begin(self) -> int:
        """A request starts: its ticket. While open it is the probe."""
        self._issued += 1
        if self._opened_until is not None:
            self._probe = self._issued
        return self._issued

    def answered(self) -> None:
        self._rounds = self.failed_probes = 0
        self._opened_until = self._probe = None

    def failed(self, ticket: int, now: float, problem: str, detail: str) -> None:
        self.problem = (problem, detail)
        if self._opened_until is not None:
            if ticket == self._probe or self.hopeless:
                self._probe = None
                self.failed_probes += 1
                self._opened_until = now + min(self.longest_s, self.first_s * 2 ** min(self.failed_probes, 20))
            return
        if ticket > self._last_failed:
            self._rounds += 1
            self._last_failed = self._issued
        if self._rounds >= BREAK_ROUNDS:
            self._opened_until = now + self.first_s

    def given_up(self, ticket: int) -> None:
        """The request ended without telling anything of the endpoint: cancelled, or slowed down by a 429."""
        if ticket == self._probe:
            self._probe = None
