"""The failure limit (early abort): when a stage has seen too many failures to go on paying.

Belongs here: counting failed rows over all that one stage asks. Does not belong here: what a failure is (replies.py,
route.py), stopping the calls under way (run.py).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

from resources.calls.messages import TooManyFailedError

_THINKS = (
    ". thinking_length: the model thought until max_tokens; set thinking = true and thinking_tokens on its endpoint "
    "(docs/endpoints.md)"
)
_REFUSED = ". refused_repeatedly: cure what `wethink calls refused` shows, then `wethink calls forget`"


class FailureLimit:
    """The failure limit of one stage: the rows about which models were asked, and those of which a call failed.

    One for all that a stage asks, however many turns it takes. A row is a request's `subject_id`: it counts once,
    whichever of its calls failed. Calls that the ledger knows as failed count too, so that a run that is started again
    stops where the first did and pays for nothing more. Shared by the asking thread and the event loop: sets and their
    sizes only.

    share: of the rows asked about that may fail.
    after: failed rows that never stop anything: a small stage asked to its end tells more and costs little.
    """

    def __init__(self, share: float, after: int = 0) -> None:
        self.share = share
        self.after = after
        self._asked: set[str] = set()
        self._failed: dict[str, str] = {}

    @property
    def allowed(self) -> int:
        return max(self.after, math.floor(self.share * len(self._asked) + 1e-9))

    def ask(self, subjects: Iterable[str]) -> None:
        self._asked.update(subjects)

    def fail(self, subject: str, error: str) -> None:
        self._failed.setdefault(subject, error)

    def check(self, asset: str, paid_for: str) -> None:
        """Raises TooManyFailedError when more rows failed than may. `paid_for`: what was paid for, in words."""
        failed = len(self._failed)
        if failed <= self.allowed:
            return
        reasons = ", ".join(f"{k} {v}" for k, v in Counter(self._failed.values()).most_common(4))
        raise TooManyFailedError(
            f"{asset}: {failed} of {len(self._asked)} rows failed so far, at most {self.allowed} may ({reasons}); "
            f"{paid_for}, and finished ones stay in the ledger. Cure the cause, or raise synthesis.max_failed_share or "
            "synthesis.stop_after_failed"
            + (_THINKS if "thinking_length" in self._failed.values() else "")
            + (_REFUSED if "refused_repeatedly" in self._failed.values() else "")
        )
