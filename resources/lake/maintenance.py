"""Maintenance of the lake (compaction, retention): rows leave the catalog, files are merged, old snapshots expire.

Belongs here: which snapshots go and in what order things are done. Does not belong here: the statements (sql/lake/),
the lake itself (store.py).

Only files that this catalog once named are removed, never what merely lies in the folder. Snapshots that a release or a
policy read, or that scores were made in, stay, whatever their age, and so does the latest. Ages follow the order of
snapshots where a clock was set back. Files with deleted rows are
not rewritten: that path of DuckLake may double rows of older snapshots.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from resources.lake.sql_files import statement

CLEANUP_AFTER_S = 24 * 3600.0  # a file that no snapshot needs stays so long for readers that opened it before


class Maintained(Protocol):
    """What maintenance needs of the lake: `LakeStore`."""

    def alone(self, text: str, **parameters: Any) -> list[tuple[Any, ...]]: ...

    def keep_row_groups_small(self) -> None: ...

    def rows(self, name: str, **parameters: Any) -> list[dict[str, Any]]: ...


@dataclass(frozen=True)
class Maintenance:
    """What was done. `kept`: old snapshots that a release, a policy or scores hold; `files`: removed."""

    expired: int
    kept: int
    files: int


def maintain(
    lake: Maintained,
    *,
    keep_days: float,
    cleanup_after_s: float = CLEANUP_AFTER_S,
    say: Callable[[str], object] = lambda line: None,
) -> Maintenance:
    """Compact the lake and let snapshots older than `keep_days` go, each step a transaction of its own.

    Killed at any moment, the next call goes on.
    """
    lake.keep_row_groups_small()
    say("moving rows from the catalog to files")
    lake.alone(statement("lake/flush_all"))
    say("merging small files")
    lake.alone(statement("lake/merge_all"))
    old = lake.rows("lake/select_old_snapshots", keep_days=keep_days)
    going = [row["snapshot_id"] for row in old if not row["pinned"]]
    if going:
        say(f"letting {len(going)} snapshots go that are older than {keep_days:g} days")
        lake.alone(statement("lake/expire_snapshots"), versions=going)
    removed = lake.alone(statement("lake/remove_old_files"), seconds=cleanup_after_s)
    return Maintenance(len(going), len(old) - len(going), len(removed))
