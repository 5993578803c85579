"""Keeping a lake in shape (maintenance): what `wethink maintain` and the job `maintain` do, one after the other.

Belongs here: that order. Does not belong here: what goes and stays (resources/lake/maintenance.py), when it is done
(jobs/maintenance.py), words for a terminal.
"""

from __future__ import annotations

from collections.abc import Callable

from resources.lake.maintenance import Maintenance, maintain
from resources.lake.store import LakeStore
from wethink_assets.lineage.lineage import Lineage
from wethink_assets.settings import Settings


def keep_in_shape(
    store: LakeStore,
    settings: Settings,
    say: Callable[[str], object],
    indexed: Callable[[int, int], None] = lambda done, of: None,
) -> Maintenance:
    """Compact the lake, let old snapshots go, and bring the index of ids up to date. Killed, the next call goes on.

    Raises:
        LakeError: there is no lake, or the catalog or the disk failed.
    """
    done = maintain(store, keep_days=settings.lake.keep_days, say=say)
    Lineage(store, settings.lineage_index_dir, indexed).refresh()
    return done


def in_words(done: Maintenance) -> str:
    return f"{done.expired} snapshots expired, {done.kept} old ones kept by name, {done.files} files removed"
