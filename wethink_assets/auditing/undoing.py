"""Verdicts that can be taken back one by one (undo stack), for whoever judges in a process that stays.

Belongs here: what a person's verdict on a sample replaced, so that it stands again. Does not belong here: writing a
verdict (recorded.py), who may (explorer/).

What was replaced is kept in memory: it ends with the process, and then taking a verdict back leaves none.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from resources.lake.store import LakeStore
from wethink_assets.auditing import recorded
from wethink_assets.auditing.verdicts import Judged

MOST = 4_096  # samples whose replaced verdicts are kept


@dataclass
class Replaced:
    """Verdicts of a person on a sample that later ones replaced, oldest first; the present one is of `since`."""

    since: datetime
    rows: list[dict[str, Any]] = field(default_factory=list)


class Undoing:
    """Writes verdicts to a lake, and takes them back. Safe to share between threads."""

    def __init__(self, lake: LakeStore) -> None:
        self._lake = lake
        self._lock = threading.Lock()  # of a verdict with the look at what it replaces
        self._replaced: OrderedDict[tuple[str, str], Replaced] = OrderedDict()

    def record(self, release_id: str, person: str, judged: Judged) -> None:
        """Write a person's verdict on a sample.

        Raises:
            NotInReleaseError: the release does not hold the sample.
            LakeError: the lake could not be written.
        """
        key = person, judged.sample_id
        with self._lock:
            earlier = recorded.verdict_of(self._lake, *key)
            since = recorded.record(self._lake, release_id, person, [judged])
            rows = self._kept(key, earlier)
            if earlier:
                self._replaced[key] = Replaced(since, [*rows, earlier])
                while len(self._replaced) > MOST:
                    self._replaced.popitem(last=False)

    def take_back(self, person: str, sample_id: str) -> bool:
        """Remove a person's verdict on a sample, so that the one before it stands again; whether there was one.

        Raises:
            LakeError: the lake could not be written.
        """
        key = person, sample_id
        with self._lock:
            rows = self._kept(key, recorded.verdict_of(self._lake, *key))
            if not rows:
                return recorded.take_back(self._lake, person, sample_id)
            recorded.put_back(self._lake, rows[-1])
            if rows[:-1]:
                self._replaced[key] = Replaced(rows[-1]["recorded_at"], rows[:-1])
            return True

    def _kept(self, key: tuple[str, str], present: dict[str, Any] | None) -> list[dict[str, Any]]:
        """What the present verdict replaced, no longer kept here; nothing where another process wrote it."""
        kept = self._replaced.pop(key, None)
        return kept.rows if kept and present and present["recorded_at"] == kept.since else []
