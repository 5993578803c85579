"""The progress of a run of model calls: one line every two seconds, and the same as numbers every thirty.

Belongs here: counting and wording. Does not belong here: where line and numbers go (the caller's log, resource.py).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

REPORT_S = 2.0
OBSERVE_S = 30.0

Observe = Callable[[dict[str, Any]], None]


class Progress:
    """The progress counter of finished calls.

    `report` writes a line; `observe` gets the numbers every 30 s while calls are under way. `now` is a monotonic clock
    in seconds.
    """

    interval_s = REPORT_S

    def __init__(
        self,
        asset: str,
        asked: int,
        reused: int,
        log: Any = None,
        observe: Observe | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.asset = asset
        self.asked = asked
        self.reused = reused
        self.done = 0
        self.cost = 0.0
        self.tokens = 0
        self.errors: Counter[str] = Counter()
        self.waiting_for = ""
        self._log = getattr(log, "info", log)
        self._observe = observe
        self._now = now
        self._started = self._observed = now()

    def add(self, row: Mapping[str, Any]) -> None:
        self.done += 1
        self.cost += row["cost"]
        self.tokens += (row["prompt_tokens"] or 0) + (row["completion_tokens"] or 0)
        if row["error"]:
            self.errors[row["error"]] += 1

    def line(self) -> str:
        numbers = self.numbers()
        parts = [f"{self.asset}: calls {self.done} of {self.asked - self.reused}"]
        if self.reused:
            parts.append(f"{self.reused} from the ledger")
        if failed := numbers["failed"]:
            parts.append(f"{failed} failed ({', '.join(f'{k} {v}' for k, v in self.errors.most_common(4))})")
        parts += [f"{numbers['calls_per_second']:.1f}/s", f"cost {self.cost:.4f}"]
        if "eta_seconds" in numbers:
            parts.append(f"ETA {numbers['eta_seconds']:.0f} s")
        if self.waiting_for:
            parts.append(self.waiting_for)
        return ", ".join(parts)

    def numbers(self) -> dict[str, Any]:
        """done, failed, rate, cost and, once something is done, the time to the end."""
        rate = self.done / max(self._now() - self._started, 1e-9)
        left = self.asked - self.reused - self.done
        numbers: dict[str, Any] = {
            "calls_to_make": self.asked - self.reused,
            "reused": self.reused,
            "done": self.done,
            "failed": sum(self.errors.values()),
            "calls_per_second": round(rate, 2),
            "tokens": self.tokens,
            "cost": round(self.cost, 6),
        }
        if left > 0 and self.done:
            numbers["eta_seconds"] = round(left / rate, 1)
        return numbers

    def report(self) -> None:
        if self._log is not None:
            self._log(self.line())
        if self._observe is not None and self._now() - self._observed >= OBSERVE_S:
            self._observed = self._now()
            self._observe(self.numbers())

    def finish(self) -> None:
        if self._log is not None and self.asked:
            self._log(self.line())
