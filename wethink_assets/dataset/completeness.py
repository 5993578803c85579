"""Completeness of growth batches: those of which a release lacks samples, and why.

Belongs here: what of a batch is still to come, by its accounting rows. Pure.
Does not belong here: the runs of a batch, which one to go on with (jobs/batch_states.py), reading the lake.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any


def incomplete_batches(
    accounts: Iterable[Mapping[str, Any]], order: Iterable[str], active: Collection[str]
) -> dict[str, str]:
    """What is still to come of each begun batch that is not whole, by batch, in the order of growth.

    `accounts` are rows of growth/select_batch_accounts, `order` all batches, the oldest first, `active` the sources
    that batches take from. A source is missed in a batch where that batch or an earlier one should have known it:
    one that was added later is not.
    """
    by_batch = {row["batch"]: row for row in accounts}
    known: set[str] = set()
    found = {}
    for batch in order:
        account = by_batch.get(batch)
        if account is None:
            continue
        read = set(account["sources"] or ())
        known |= read
        told = []
        if missing := sorted((known & set(active)) - read):
            told.append(f"{', '.join(missing)} not read")
        if account["samples_at"] is None:
            told.append("no samples made yet")
        elif account["filled_at"] is not None and account["filled_at"] > account["samples_at"]:
            told.append("filled after its samples were made")
        if told:
            found[batch] = " and ".join(told)
    return found
