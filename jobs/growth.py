"""Growth batches (dynamic partitions): numbering and opening the next one.

Belongs here: the number of the next batch and its row in the lake. Does not belong here: Dagster's
partition set, which the caller extends (a sensor by request, the command line through the instance).
"""

from __future__ import annotations

from datetime import UTC, datetime

from resources.lake.store import Commit, LakeStore, Write


def batch_name(position: int) -> str:
    """Partition key of the n-th batch, counted from 1; sorts as text up to 9,999."""
    return f"batch-{position:04d}"


def open_next_batch(lake: LakeStore, reason: str) -> str:
    """The key of the batch to run next, recorded in growth_batches.

    A batch that was opened and never begun is returned again, so that asking twice opens one.
    """
    batches = lake.rows("growth/select_batches")
    if batches and not batches[-1]["begun"]:
        return batches[-1]["batch"]
    position = (batches[-1]["position"] if batches else 0) + 1
    row = {
        "batch": batch_name(position),
        "position": position,
        "created_at": datetime.now(UTC),
        "reason": reason,
    }
    lake.write(Commit("growth", row["batch"]), [Write("growth_batches", [row], mode="add_missing")])
    return row["batch"]
