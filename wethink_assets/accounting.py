"""Row conservation (row-count reconciliation): every input row goes on, is dropped by a rule, or failed; none vanishes.

Belongs here: the result type that every stage returns, and ids by content. Pure.
Does not belong here: writing a result (stage_writes.py, commit.py), checking it once committed (gates.py).
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from resources.lake.spool import Spool


class ConservationError(AssertionError):
    """Rows are not conserved: rows_in is not continued + dropped + failed, so a stage lost or invented some."""


@dataclass(frozen=True)
class Stopped:
    """The verdict on an input row that went no further: `reason` is a short code, `detail` names file, row and cure."""

    subject_id: str
    reason: str
    detail: str = ""
    related_id: str | None = None


@dataclass
class StageResult:
    """The result of a stage: output rows per table, and the account of its input rows.

    `rows` maps table names to output rows, `frames` those of tables that come as Polars frames; both without
    `run_id`, which the commit adds. Spooled rows among the frames name their run already. `continued` counts input rows
    that went on, which is not the number of rows written: one image may become several questions.
    """

    rows_in: int
    continued: int
    rows: dict[str, Sequence[Mapping[str, Any]]]
    dropped: list[Stopped] = field(default_factory=list)
    failed: list[Stopped] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)
    frames: dict[str, pl.DataFrame | Spool] = field(default_factory=dict)

    @property
    def rows_dropped(self) -> int:
        return len(self.dropped)

    @property
    def rows_failed(self) -> int:
        return len(self.failed)

    def check(self) -> None:
        """Check the conservation of rows.

        Raises:
            ConservationError: rows_in is not continued + dropped + failed.
        """
        total = self.continued + len(self.dropped) + len(self.failed)
        if total != self.rows_in:
            raise ConservationError(
                f"rows in {self.rows_in} is not continued {self.continued} + dropped {len(self.dropped)} "
                f"+ failed {len(self.failed)} = {total}"
            )

    def reasons(self) -> dict[str, int]:
        """Counts of stopped rows per reason, most frequent first."""
        return dict(Counter(s.reason for s in [*self.dropped, *self.failed]).most_common())


def verdict_rows(result: StageResult, *, asset: str, batch: str, run_id: str) -> list[dict[str, Any]]:
    """The rows of table verdicts: one for every input row that went no further."""
    stopped = [("dropped", s) for s in result.dropped] + [("failed", s) for s in result.failed]
    return [
        {
            "asset": asset,
            "batch": batch,
            "subject_id": s.subject_id,
            "verdict": verdict,
            "reason": s.reason,
            "detail": s.detail,
            "related_id": s.related_id,
            "run_id": run_id,
        }
        for verdict, s in stopped
    ]


def content_id(*parts: Any) -> str:
    """Content hash: SHA-256 (hex) of the parts' canonical JSON, so that equal content has one id on every machine."""
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
