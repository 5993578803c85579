"""The call ledger (a durable response cache): what was asked once is never paid for again.

Belongs here: looking calls up, writing finished calls in groups while others are still under way, and the count
of what reuse saved. Does not belong here: asking (dispatcher.py), or what a reply means.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Protocol

import polars as pl
import pyarrow as pa

from resources.calls.budget import Spent
from resources.calls.compaction import CompactedStore, Compaction
from resources.calls.id_index import IdIndex, IndexedStore
from resources.calls.messages import CallsError, ModelReply
from resources.lake.rows import polars_schema
from resources.lake.sql_files import tables
from resources.lake.store import Commit, Write

# A commit costs some 70 CPU-ms, whether it has 500 rows or 1,000, and 100 with 2,000 [D].
GROUP_ROWS = 1_000
DURABLE_S = 2.0
GROUP_SECONDS = 0.75  # how long a row waits at most for others to join its group
MOST_WAITING = 2_000  # rows; with more, callers hold back: what a full disk or a crash may cost stays bounded


class Store(CompactedStore, IndexedStore, Protocol):
    """What the ledger needs of the lake: `LakeStore` or `Lake`."""

    def rows(self, name: str, **parameters: Any) -> list[dict[str, Any]]: ...

    def write(self, commit: Commit, writes: Sequence[Write]) -> int: ...


@dataclass(frozen=True)
class CallContext:
    """The asset, growth batch and run on whose behalf calls are made."""

    asset: str
    batch: str
    run_id: str


@dataclass
class Reuse:
    """The cache hits of one caller: what it asked, and from where it was answered. asked = paid + reused."""

    asked: int = 0
    paid: int = 0
    reused: int = 0
    saved: float = 0.0

    def add(self, other: Reuse) -> None:
        self.asked += other.asked
        self.paid += other.paid
        self.reused += other.reused
        self.saved += other.saved


class CallLedger:
    """The cache of finished calls: look-ups, and a writer thread that commits in groups (group commit).

    A row given to `add` is durable within 2 s, or with the 1,000th row waiting, or when `flush` returns. A commit that
    failed surfaces in the next `add` or `flush`; its rows stay waiting. Look-ups and commits ask an index of ids, which
    is kept below `index_root` or, without one, read from the lake by every process.
    """

    def __init__(self, store: Store, index_root: Path | None = None) -> None:
        self._store = store
        self._index = IdIndex(store, index_root)
        self._condition = threading.Condition()
        self._waiting: list[tuple[CallContext, dict[str, Any]]] = []
        self._counts: dict[CallContext, dict[str, Any]] = {}
        self._refused: list[dict[str, Any]] = []
        self._oldest = 0.0
        self._commit_s = 0.0
        self._compaction = Compaction(store)
        self._committing = 0
        self._flushing = 0
        self._closed = False
        self._problem: BaseException | None = None
        self._thread: threading.Thread | None = None
        self._reuse: dict[CallContext, Reuse] = {}
        self._recorded: dict[str, Spent] = {}

    @property
    def store(self) -> Store:
        return self._store

    # -- reading ---------------------------------------------------------------------------------

    def find(self, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Finished calls among `ids`."""
        return self._index.find(ids)

    def known(self, ids: Sequence[str]) -> set[str]:
        """Which of `ids` are finished."""
        return self._index.known(ids)

    def refused(self, ids: Sequence[str]) -> list[dict[str, Any]]:
        """In how many runs those of `ids` that were refused were so, and how the last time."""
        return self._store.rows("calls/find_refused", ids=list(ids)) if ids else []

    def spent(self, scope: str) -> tuple[dict[str, Any], Spent]:
        """What the ledger holds of a run (or "" of all), and how much of that this ledger wrote."""
        with self._condition:
            own = Spent()
            own.add(self._recorded.get(scope, Spent()))
        return self._store.rows("calls/sum_spent", run_id=scope)[0], own

    # -- writing ---------------------------------------------------------------------------------

    def add(self, caller: CallContext, row: dict[str, Any]) -> None:
        """Take a finished call, which stays as it is. Returns at once; never waits for a commit.

        Raises:
            CallsError: an earlier commit failed, so nothing more should be paid for. The call was, and is taken.
        """
        with self._condition:
            if not self._waiting:
                self._oldest = time.monotonic()
            self._waiting.append((caller, row))
            self._raise_problem()
            if len(self._waiting) in (1, GROUP_ROWS) or self._thread is None:  # it ended with a commit that failed
                self._wake()

    @property
    def is_behind(self) -> bool:
        """Whether so many rows wait for the writer that no further call should be made now."""
        return self._thread is not None and len(self._waiting) + self._committing >= MOST_WAITING

    def flush(self, timeout_s: float | None = None) -> bool:
        """Wait until everything added before is durable. False when `timeout_s` passed first.

        Raises:
            CallsError: a commit failed.
        """
        with self._condition:
            self._raise_problem()
            if not self._pending():
                return True
            self._flushing += 1
            self._wake()
            try:
                done = self._condition.wait_for(lambda: self._problem or not self._pending(), timeout_s)
            finally:
                self._flushing -= 1
            self._raise_problem()
            return bool(done)

    def count(self, caller: CallContext, reuse: Reuse) -> None:
        """Add to the caller's `call_reuse` row; durable with the next `flush`. One process counts for one caller."""
        total = self._reuse.get(caller)
        if total is None:
            rows = self._store.rows("calls/find_reuse", run_id=caller.run_id, asset=caller.asset, batch=caller.batch)
            total = self._reuse[caller] = Reuse(**rows[0]) if rows else Reuse()
        total.add(reuse)
        with self._condition:
            self._counts[caller] = {**asdict(caller), **asdict(total)}

    def refuse(self, rows: Sequence[dict[str, Any]]) -> None:
        """Keep rows of `refused_calls`; durable with the next `flush`."""
        with self._condition:
            self._refused += rows

    def close(self) -> None:
        """Commit what waits and end the thread. Never raises: a `flush` before it tells of problems."""
        with self._condition:
            thread, self._thread = self._thread, None
            self._closed = True
            self._condition.notify_all()
        if thread is not None:
            thread.join(30)
        self._closed = False

    def _raise_problem(self) -> None:
        if self._problem is not None:
            problem, self._problem = self._problem, None
            raise CallsError(f"the call ledger cannot be written, so no further call is made: {problem}") from problem

    def _pending(self) -> bool:
        return bool(self._waiting or self._counts or self._refused or self._committing)

    def _wake(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._write, name="call-ledger", daemon=True)
            self._thread.start()
        self._condition.notify_all()

    def _write(self) -> None:
        while True:
            with self._condition:
                self._condition.wait_for(lambda: self._waiting or self._flushing or self._closed)
                if self._waiting:
                    self._condition.wait_for(
                        lambda: self._flushing or self._closed or len(self._waiting) >= GROUP_ROWS,
                        max(0.0, self._oldest + self._patience() - time.monotonic()),
                    )
                group, self._waiting = self._waiting, []
                counts, self._counts = self._counts, {}
                refused, self._refused = self._refused, []
                self._committing = len(group) + len(counts) + len(refused)
                if not self._committing:
                    if self._closed:
                        return
                    self._condition.wait_for(lambda: self._pending() or not self._flushing or self._closed)
                    continue
            problem: BaseException | None = None
            self._compaction.before()
            started = time.monotonic()
            try:
                self._commit(group, counts, refused)
                self._commit_s = time.monotonic() - started
            except BaseException as error:  # noqa: BLE001 - handed to the asking thread
                problem = error
            with self._condition:
                self._committing = 0
                if problem is not None:
                    self._problem = problem
                    self._waiting = [*group, *self._waiting]
                    self._counts = {**counts, **self._counts}
                    self._refused = [*refused, *self._refused]
                    self._thread = None
                self._condition.notify_all()
                if problem is not None:
                    return
            self._tidy(len(group))

    def _patience(self) -> float:
        """How long the oldest row may wait, so that a commit that takes twice as long as the last is in time."""
        return min(GROUP_SECONDS, max(0.0, DURABLE_S - 2 * self._commit_s))

    def _tidy(self, added: int) -> None:
        """Compaction. Rows that have waited for long, as behind the first commit, which opens the lake, go first."""
        with self._condition:
            late = bool(self._waiting) and time.monotonic() - self._oldest + 2 * self._commit_s > DURABLE_S / 2
        self._compaction.after(added, late=late, closing=self._closed)

    def _commit(
        self,
        group: Sequence[tuple[CallContext, dict[str, Any]]],
        counts: Mapping[CallContext, dict[str, Any]],
        refused: Sequence[dict[str, Any]],
    ) -> None:
        callers = (
            (caller for caller, _ in group),
            counts,
            (CallContext(r["asset"], r["batch"], r["run_id"]) for r in refused),
        )
        caller = next(chain(*callers))
        writes = []
        if group:  # equal calls of two concurrent runs: the first stays
            rows = {row["call_id"]: row for _, row in reversed(group)}
            new = _columns(list(rows.values()))
            writes.append(Write("calls", new, mode="add_missing", known=self._index.present_in))
        if counts:
            writes.append(Write("call_reuse", list(counts.values()), mode="upsert"))
        if refused:  # once for each run, however often that asked
            last = {(row["call_id"], row["run_id"]): row for row in refused}
            writes.append(Write("refused_calls", list(last.values()), mode="upsert"))
        self._store.write(Commit(f"{caller.asset} calls", caller.batch, caller.run_id), writes)
        with self._condition:
            for asked_for, row in group:
                if row["role"] != "policy":
                    spent = Spent(row["cost"], (row["prompt_tokens"] or 0) + (row["completion_tokens"] or 0), 1)
                    for scope in ("", asked_for.run_id):
                        self._recorded.setdefault(scope, Spent()).add(spent)


def _columns(rows: list[dict[str, Any]]) -> pl.DataFrame | list[dict[str, Any]]:
    """Rows as a frame, column by column: a tenth of the time that checking each value takes.

    Rows that no frame takes are left to the lake, whose message names the column.
    """
    schema = polars_schema(tables()["calls"])
    if not all(row.keys() <= schema.keys() for row in rows):
        return rows
    series = []
    try:
        for name, kind in schema.items():
            values: Any = [row.get(name) for row in rows]
            if isinstance(kind, pl.List):  # Polars takes lists one by one
                values = pa.array(values, pa.list_(pa.string()))
            series.append(pl.Series(name, values, kind, strict=True))
    except (TypeError, ValueError, OverflowError, pa.ArrowException, pl.exceptions.PolarsError):
        return rows
    return pl.DataFrame(series)


def reply_of(row: Mapping[str, Any], *, reused: bool) -> ModelReply:
    """The reply that a ledger row holds; the same for a fresh call as for one found again."""
    return ModelReply(
        call_id=row["call_id"],
        ok=row["status"] == "ok",
        text=row["reply"] or "",
        parsed=None if row["parsed"] is None else json.loads(row["parsed"]),
        reasoning=row["reasoning"],
        error=row["error"],
        detail=row["detail"] or "",
        model=row["served_model"] or row["model"],
        reused=reused,
        cost=row["cost"],
        prompt_tokens=row["prompt_tokens"] or 0,
        completion_tokens=row["completion_tokens"] or 0,
        finish_reason=row["finish_reason"],
    )
