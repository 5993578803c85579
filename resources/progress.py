"""How far a run of model calls is, in one line every two seconds.

Belongs here: counting and wording. Does not belong here: where the line goes (the caller's log).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

REPORT_S = 2.0


class Progress:
    """Counts finished calls; `report` writes a line when something happened since the last one."""

    interval_s = REPORT_S

    def __init__(self, asset: str, asked: int, reused: int, log: Any = None) -> None:
        self.asset = asset
        self.asked = asked
        self.reused = reused
        self.done = 0
        self.cost = 0.0
        self.errors: Counter[str] = Counter()
        self._log = getattr(log, "info", log)
        self._started = time.monotonic()

    def add(self, row: Mapping[str, Any]) -> None:
        self.done += 1
        self.cost += row["cost"]
        if row["error"]:
            self.errors[row["error"]] += 1

    def line(self) -> str:
        seconds = max(time.monotonic() - self._started, 1e-9)
        rate = self.done / seconds
        left = self.asked - self.reused - self.done
        parts = [f"{self.asset}: calls {self.done} of {self.asked - self.reused}"]
        if self.reused:
            parts.append(f"{self.reused} from the ledger")
        if failed := sum(self.errors.values()):
            parts.append(f"{failed} failed ({', '.join(f'{k} {v}' for k, v in self.errors.most_common(4))})")
        parts += [f"{rate:.1f}/s", f"cost {self.cost:.4f}"]
        if left > 0 and self.done:
            parts.append(f"ETA {left / rate:.0f} s")
        return ", ".join(parts)

    def report(self) -> None:
        if self._log is not None:
            self._log(self.line())

    def finish(self) -> None:
        if self._log is not None and self.asked:
            self._log(self.line())
