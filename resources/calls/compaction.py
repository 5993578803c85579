"""Compaction of the call ledger: its small commits become few files while calls go on.

Belongs here: when rows leave the catalog and when files are merged. Does not belong here: commits (ledger.py), how a
lake moves rows (resources/lake/store.py).
"""

from __future__ import annotations

from contextlib import suppress
from typing import Protocol

TABLE = "calls"
# A group of more rows becomes a file, at a fifth of the CPU of as many rows in the catalog. The break-even is at 40
# [D], and each file costs whatever scans the table some 2 ms: groups this small come where calls are few.
INLINED_GROUP = 100
# Ids of rows in the catalog are read anew after every commit, at some 3 µs each: 20,000 add 60 ms.
INLINED_ROWS = 20_000
# A call is found by unpacking the row group that it lies in: 10 ms at this length, a quarter of a second at DuckDB's
# own of 122,880 [D]. Shorter ones make no look-up quicker, and a file's list of them longer.
ROW_GROUP = 4_096
SMALL_FILES = 20


class CompactedStore(Protocol):
    """What compaction needs of the lake."""

    def inlined_rows(self, table: str) -> int: ...

    def flush_inlined(self, table: str) -> None: ...

    def set_inlined_limit(self, table: str, rows: int) -> None: ...

    def set_row_group(self, table: str, rows: int) -> None: ...

    def small_files(self, table: str) -> int: ...

    def merge_files(self, table: str) -> None: ...


class Compaction:
    """Keeps the ledger's table in few places to look at. Belongs to the ledger's writer thread.

    What earlier and other processes left is counted too. What fails is tried again with the next group: the rows are
    durable where they are, and the next commit tells of the disk.
    """

    def __init__(self, store: CompactedStore) -> None:
        self._store = store
        self._inlined: int | None = None
        self._files = 0
        self._prepared = False
        self.uncounted = 0  # rows written since

    def before(self) -> None:
        """Before the first commit: groups of a run at full speed are to become files from the first on."""
        if self._prepared:
            return
        self._prepared = True
        with suppress(Exception):
            self._store.set_inlined_limit(TABLE, INLINED_GROUP)
            self._store.set_row_group(TABLE, ROW_GROUP)

    def after(self, rows: int, *, late: bool = False, closing: bool = False) -> None:
        """After a commit of `rows`. `late`: others wait, so what can be put off is."""
        self.uncounted += rows
        if late and self.uncounted < INLINED_ROWS:
            return
        with suppress(Exception):
            if self._inlined is None:
                self._inlined = self._store.inlined_rows(TABLE)
                self._files = self._store.small_files(TABLE)
            elif self.uncounted > INLINED_GROUP:
                self._files += 1
            else:
                self._inlined += self.uncounted
            self.uncounted = 0
            if closing:
                return
            if self._inlined >= INLINED_ROWS:
                self._store.flush_inlined(TABLE)
                self._inlined = None
            if self._files >= SMALL_FILES:
                self._store.merge_files(TABLE)
                self._files = 0
