"""The table of rows as the lake is now (cache by snapshot): built at the start, and again when the lake has moved.

Belongs here: when it is built again, and searches of the lake's texts that were made before. Does not belong here: what
is in the table (items.py).

A request waits for a new table for a moment at most; where it takes longer, it is answered by the one before.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

import duckdb
import numpy as np

from resources.lake.store import LakeError, LakeStore
from wethink_assets.explorer.items import Items, items_of
from wethink_assets.explorer.overview import Overview, overview

WAIT_S = 0.3  # for a table that is being built [D]
PAUSE = 4.0  # times what building took, until it is built again: a batch that runs commits every few seconds [D]
SEARCHES = 64


@dataclass(frozen=True)
class State:
    """The lake as it was at `items.snapshot`; the figures of the front page may be of a later one."""

    items: Items
    overview: Overview


class Current:
    """The table, and which of its rows hold given words. Safe to share between threads."""

    def __init__(self, lake: LakeStore, pause: float = PAUSE) -> None:
        self._lake, self._pause = lake, pause
        self._lock = threading.Lock()
        self._building: threading.Thread | None = None
        self._closed = False
        self._searches: OrderedDict[tuple[int, str], np.ndarray] = OrderedDict()
        self._took = 0.0
        self._built_at = 0.0
        self._state = self._build()

    def state(self) -> State:
        """The table; of the latest snapshot, unless building it takes a while."""
        with self._lock:
            building = self._building
            due = time.monotonic() - self._built_at >= self._pause * self._took
            if building is None and not self._closed and due and self._snapshot() != self._state.items.snapshot:
                building = self._building = threading.Thread(target=self._renew, daemon=True)
                building.start()
        if building is not None:
            building.join(WAIT_S)
        return self._state

    def close(self) -> None:
        """The lake is about to be closed: nothing is built from now on, and what is being built ends as it may."""
        with self._lock:
            self._closed = True

    def having(self, items: Items, words: str) -> np.ndarray:
        """Whether each row has all of these words in its question, options, answer or path, or is named by them.

        Of more than three words the others have to stand together.
        """
        key = items.snapshot, words.lower()
        with self._lock:
            if key in self._searches:
                self._searches.move_to_end(key)
                return self._searches[key]
        one, two, three, *more = [*key[1].split(), "", "", ""]
        others = " ".join(more).strip()
        found = self._lake.read("explorer/find_texts", one=one, two=two, three=three, others=others)
        marks = items.marked(found["id"], key[1])
        with self._lock:
            self._searches[key] = marks
            while len(self._searches) > SEARCHES:
                self._searches.popitem(last=False)
        return marks

    def _snapshot(self) -> int:
        return int(self._lake.rows("lineage/select_snapshot")[0]["snapshot_id"])

    def _build(self) -> State:
        began = time.monotonic()
        try:
            items = items_of(self._lake)
            return State(items, overview(self._lake, items))
        finally:
            self._built_at = time.monotonic()
            self._took = self._built_at - began

    def _renew(self) -> None:
        try:
            self._state = self._build()
        except (LakeError, duckdb.Error) as error:  # it stands as it was; the next request tries again
            if self._closed:  # within a statement, which the end of its database broke off
                return
            logging.getLogger(__name__).warning("the table of rows could not be built again: %s", error)
        finally:
            self._building = None
