"""The index of call ids (an LSM tree of sorted segments) beside the lake: which calls there are, and where they lie.

Belongs here: what of the lake is indexed, look-ups, and reading the calls that were found. Does not belong here: how a
segment is built and kept (id_segments.py), what a call means (ledger.py).

Whatever it holds is read from the lake, again if need be: its folder may be removed at any time. A look-up sees one
snapshot: ids of its data files come from segments, which are extended by files that are new; ids of rows that lie in
the catalog are read from there, and are few. So an id that is not found is not there, and no call was read to know it.
"""

from __future__ import annotations

import hashlib
import math
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Protocol, TypeVar

import duckdb
import numpy as np

from resources.calls.compaction import ROW_GROUP
from resources.calls.id_segments import DataFile, Segment, digests, keeping, load_all, merged, save
from resources.lake.connection import Snapshot, without_password
from resources.lake.database import LakeError

T = TypeVar("T")

SMALL = 20_000  # calls: up to so many, a scan takes no longer than asking where they lie
SCANS = 16  # look-ups by scan before the calls are counted again
KEPT_ROWS = 20_000  # of files not yet in a segment on disk: read anew by every process, in some 50 ms
PORTION = 1 << 30  # bytes of data files that are indexed at once: some 700,000 calls
YOUNG_ROWS = 1_000_000  # indexed and not yet on disk, while many files are read
FAN_OUT = 8  # segments of about equal length become one
LONGEST = 1 << 25  # calls of a segment that is not merged any more: 800 MB
# Of one data file, rows that lie further apart than a row group are read by statements of their own, if these are few.
GAP = ROW_GROUP
MOST_PIECES = 32
ATTEMPTS = 5


class IndexedStore(Protocol):
    """What the index needs of the lake."""

    @property
    def catalog(self) -> str: ...

    @property
    def data_path(self) -> str: ...

    def in_snapshot(self, read: Callable[[Snapshot], T]) -> T: ...


class _MovedError(Exception):
    """Another process changed the lake between two statements of one look-up."""


@dataclass(frozen=True)
class View:
    """The ids of one snapshot. `certain`: no call was ever deleted, so that what is found is there."""

    snapshot: int
    paths: dict[DataFile, str]
    segments: tuple[Segment, ...]
    inlined: dict[str, int]
    certain: bool

    def places(self, ids: Sequence[str]) -> tuple[dict[DataFile, list[tuple[int, str]]], set[str]]:
        """Rows of data files with the ids that they hold, and which ids are in the catalog."""
        found: dict[DataFile, list[tuple[int, str]]] = {}
        high, low = digests(ids)
        order = np.argsort(high)
        high, low = high[order], low[order]
        for segment in self.segments:
            keys, at = segment.search(high, low)
            held, files = list(zip(segment.row[at].tolist(), order[keys].tolist(), strict=True)), segment.file[at]
            for number in np.unique(files).tolist():
                if (file := segment.files[number]) in self.paths:
                    mine = np.flatnonzero(files == number).tolist()
                    found.setdefault(file, []).extend((held[n][0], ids[held[n][1]]) for n in mine)
        return found, self.inlined.keys() & set(ids)


class IdIndex:
    """Look-ups by id in the lake's calls; safe between threads. `root`: where segments are kept, None for nowhere."""

    def __init__(self, store: IndexedStore, root: Path | None = None) -> None:
        self._store = store
        self._folder = root and root / _lake_name(store)
        self._lock = threading.Lock()
        self._segments: list[Segment] | None = None
        self._view: View | None = None
        self._scans = 0

    def find(self, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Finished calls among `ids`, by id, as sql/calls/find_calls.sql gives them."""
        return self._looked_up(self.find_in, _scanned, ids) if ids else {}

    def known(self, ids: Sequence[str]) -> set[str]:
        """Which of `ids` are finished calls."""
        return self._looked_up(self.known_in, _scanned_ids, ids) if ids else set()

    def find_in(self, snapshot: Snapshot, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """As `find`, within a transaction."""
        ids = list(dict.fromkeys(ids))
        view = self._view_of(snapshot)
        if view is None:
            return _scanned(snapshot, ids)
        places, catalog = view.places(ids)
        if not view.certain:
            return _scanned(snapshot, [*there]) if (there := _ids(places) | catalog) else {}
        found: dict[str, dict[str, Any]] = {}
        pieces = list(_pieces(view, places))
        if len(pieces) > max(MOST_PIECES, len(view.paths) // 2):  # so scattered that nearly all files are read
            return _scanned(snapshot, [*(_ids(places) | catalog)])
        for path, first, last, wanted in pieces:
            rows = snapshot.rows("calls/find_calls_in_file", file=path, first=first, last=last, ids=wanted)
            found |= _by_id(rows)
        if catalog:
            first = min(view.inlined[i] for i in catalog)
            found |= _by_id(snapshot.rows("calls/find_recent_calls", first=first, ids=list(catalog)))
        return found

    def known_in(self, snapshot: Snapshot, ids: Sequence[str]) -> set[str]:
        """As `known`, within a transaction."""
        ids = list(dict.fromkeys(ids))
        view = self._view_of(snapshot)
        if view is not None:
            places, catalog = view.places(ids)
            found = _ids(places) | catalog
            if view.certain or not found:
                return found
            ids = list(found)
        return _scanned_ids(snapshot, ids)

    def present_in(self, snapshot: Snapshot, ids: Sequence[str]) -> set[str]:
        """As `known_in`, for a commit: nobody else writes meanwhile, and it cannot begin again."""
        try:
            return self.known_in(snapshot, ids)
        except _MovedError:
            return _scanned_ids(snapshot, ids)

    def _looked_up(
        self,
        look: Callable[[Snapshot, Sequence[str]], T],
        scan: Callable[[Snapshot, Sequence[str]], T],
        ids: Sequence[str],
    ) -> T:
        """Again where the lake moved meanwhile; by a scan of it where its files cannot be read one by one."""
        with suppress(duckdb.Error, LakeError):
            for _ in range(ATTEMPTS):
                with suppress(_MovedError):
                    return self._store.in_snapshot(lambda snapshot: look(snapshot, ids))
        return self._store.in_snapshot(lambda snapshot: scan(snapshot, ids))

    # -- what the lake holds ---------------------------------------------------------------------

    def _view_of(self, snapshot: Snapshot) -> View | None:
        """The ids of a snapshot; None where they are so few that a scan is as quick."""
        with self._lock:
            if self._scans > 0:
                self._scans -= 1
                return None
            if self._segments is None:  # before the lake is looked at: what they hold that it does not is gone for good
                self._segments = load_all(self._folder) if self._folder else []
            if self._view and self._view.snapshot == snapshot.rows("calls/find_snapshot")[0]["snapshot"]:
                return self._view
            state = snapshot.rows("calls/find_lake_state")[0]
            if state["snapshot"] != state["latest"]:
                raise _MovedError
            if state["calls"] <= SMALL:
                self._scans = SCANS
                return None
            paths = {
                DataFile(PurePosixPath(row["path"]).name, row["size"]): row["path"]
                for row in snapshot.rows("calls/select_files")
            }
            self._extend(snapshot, paths)
            inlined: dict[str, int] = {}
            lying = 0
            for table in snapshot.rows("calls/select_inlined_tables"):
                rows = snapshot.rows("calls/select_inlined_ids", inlined=table["inlined"])
                lying += len(rows)
                inlined |= {_text(row["call_id"]): row["row_id"] for row in rows}
            counts = {f: n for s in self._segments for f, n in zip(s.files, s.counts, strict=True) if f in paths}
            more = sum(counts.values()) + lying - state["calls"]
            if more < 0:
                raise _MovedError
            self._view = View(state["snapshot"], paths, tuple(self._segments), inlined, more == 0)
            return self._view

    def _extend(self, snapshot: Snapshot, paths: dict[DataFile, str]) -> None:
        """Index the files that no segment holds, and keep the segments few."""
        assert self._segments is not None
        covered = {file for segment in self._segments for file in segment.files}
        for files in _portions([file for file in paths if file not in covered]):
            columns = snapshot.arrays("calls/select_ids_of_files", files=[paths[file] for file in files])
            self._segments.append(Segment.of(files, columns))
            if sum(len(s) for s in self._segments if s.path is None) >= YOUNG_ROWS:
                self._tidy(frozenset(paths))
        self._tidy(frozenset(paths))

    def _tidy(self, live: frozenset[DataFile]) -> None:
        """Drop what is gone, merge what is small, and keep on disk what took time to read."""
        assert self._segments is not None
        young = [s for s in self._segments if s.path is None]
        keep = self._folder is not None and sum(map(len, young)) >= KEPT_ROWS
        groups = [young] if keep or len(young) > FAN_OUT else []
        held = [s for s in self._segments if s.path is not None]
        stale = [s for s in held if 2 * _live_rows(s, live) < len(s)]
        levels: dict[int, list[Segment]] = {}
        for segment in held:
            if segment not in stale and len(segment) < LONGEST:
                levels.setdefault(int(math.log(max(1, len(segment)), FAN_OUT)), []).append(segment)
        groups += [group for group in (stale, *levels.values()) if group and (group is stale or len(group) >= FAN_OUT)]
        for group in groups:
            self._replace(group, merged(group, live), keep=keep or group is not young)

    def _replace(self, old: Sequence[Segment], new: Segment, *, keep: bool) -> None:
        """Put one segment in the place of several, on disk too where that can be written and nobody else does."""
        assert self._segments is not None
        if keep and self._folder is not None:
            with suppress(OSError), keeping(self._folder) as mine:
                if mine:
                    new = save(new, self._folder) if len(new) else new
                    for segment in old:
                        if segment.path is not None:
                            segment.path.unlink(missing_ok=True)
        gone = set(map(id, old))
        self._segments = [s for s in self._segments if id(s) not in gone] + ([new] if len(new) else [])


def _lake_name(store: IndexedStore) -> str:
    told = f"{without_password(store.catalog)}\n{store.data_path}"
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _scanned(snapshot: Snapshot, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    return _by_id(snapshot.rows("calls/find_calls", ids=list(ids)))


def _scanned_ids(snapshot: Snapshot, ids: Sequence[str]) -> set[str]:
    return {row["call_id"] for row in snapshot.rows("calls/find_call_ids", ids=list(ids))}


def _by_id(rows: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["call_id"]: row for row in rows}


def _text(value: str | bytes) -> str:
    """DuckLake keeps text as bytes in PostgreSQL, which takes no NUL in text."""
    return value if isinstance(value, str) else value.decode()


def _live_rows(segment: Segment, live: frozenset[DataFile]) -> int:
    return sum(n for f, n in zip(segment.files, segment.counts, strict=True) if f in live)


def _portions(files: Sequence[DataFile]) -> Iterator[list[DataFile]]:
    """Files that are read by one statement, in their order."""
    portion: list[DataFile] = []
    size = 0
    for file in files:
        portion.append(file)
        size += file.size
        if size >= PORTION:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion


def _ids(places: dict[DataFile, list[tuple[int, str]]]) -> set[str]:
    return {identity for rows in places.values() for _, identity in rows}


def _pieces(view: View, places: dict[DataFile, list[tuple[int, str]]]) -> Iterator[tuple[str, int, int, list[str]]]:
    """What to read: a file's path, its first and last row, and the ids that lie between them."""
    for file, rows in places.items():
        rows.sort()
        starts = [0, *(n for n in range(1, len(rows)) if rows[n][0] - rows[n - 1][0] > GAP)]
        if len(starts) > MOST_PIECES:
            starts = [0]
        for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
            piece = rows[start:end]
            yield view.paths[file], piece[0][0], piece[-1][0], [identity for _, identity in piece]
