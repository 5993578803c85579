"""The record of growth batches in the lake: a batch is there from the first source on that takes files for it.

Belongs here: its row. Does not belong here: naming batches or asking for their runs (jobs/growth.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from resources.lake.writes import Write

REASON_TAG = "wethink/growth"  # run tag: what asked for the run, 'schedule' or 'sensor: …'


class Reads(Protocol):
    """The lake, as far as it is needed here."""

    def rows(self, name: str, **parameters: Any) -> list[dict[str, Any]]: ...


def begin_batch(lake: Reads, batch: str, tags: Mapping[str, str]) -> list[Write]:
    """What records the batch, last in the order of growth; nothing where it is known. `tags` are those of the run.

    Two batches that begin at the same moment may get one position; their time of creation orders them.
    """
    known = lake.rows("growth/select_batches")
    if any(row["batch"] == batch for row in known):
        return []
    row = {
        "batch": batch,
        "position": max((row["position"] for row in known), default=0) + 1,
        "created_at": datetime.now(UTC),
        "reason": tags.get(REASON_TAG, "manual"),
    }
    return [Write("growth_batches", [row], mode="add_missing")]
