"""A connection to the lake: DuckDB with one DuckLake attached, retries of what passes, and reading rows.

Belongs here: one attached lake per process, statements read as dictionaries, snapshots, errors of the disk.
Does not belong here: data frames and writing (store.py), which a look-up by key need not import.
"""

from __future__ import annotations

import os
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self, TypeVar

import duckdb

from resources.lake.catalog import create_tables, open_catalog, roll_back, without_password
from resources.lake.commit_lock import commit_lock
from resources.lake.database import Database, LakeError, Memory, out_of_memory
from resources.lake.frozen import watched
from resources.lake.ownership import attach, refuse_where_there_is_none
from resources.lake.parameters import bound
from resources.lake.sql_files import statement

if TYPE_CHECKING:
    from wethink_assets.settings import Settings

T = TypeVar("T")

MAX_ATTEMPTS = 12
GIVE_UP_S = 60.0  # after which a lake that cannot be opened, or whose database is lost, is not asked again
# SQLite rolls back by itself on a full disk; where it did, DuckDB tells of its own ROLLBACK that failed and no more
# of the disk.
_DISK_MARKS = (
    "disk i/o error",
    "disk is full",
    "no space left",
    "unable to open database file",
    "readonly database",
    "cannot rollback - no transaction is active",
)
# PostgreSQL was restarted, or the way to it was cut. What was being written is whole or not there, and writing it again
# leaves it once.
_LOST_MARKS = (
    "server closed the connection",
    "connection to server",
    "terminating connection",
    "no connection to the server",
    "connection has been closed",
    "connection not open",
    "database system is",
    'failed to execute query "rollback"',
)
_RETRY_MARKS = (
    "database is locked",
    "conflict",
    "could not serialize",
    "deadlock",
    "being used by another",
    "duplicate key",
)


class Snapshot:
    """A read transaction: every statement sees the lake as the first one saw it."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def rows(self, name: str, **parameters: Any) -> list[dict[str, Any]]:
        """Run sql/<name>.sql with named parameters; rows as dictionaries of Python's own types, JSON as text."""
        result = self.connection.execute(statement(name), bound(parameters))
        columns = [column[0] for column in result.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in result.fetchall()]

    def arrays(self, name: str, **parameters: Any) -> dict[str, Any]:
        """As `rows`, as a NumPy array for each column: for numbers by the million."""
        return self.connection.execute(statement(name), bound(parameters)).fetchnumpy()


class LakeConnection:
    """One attached lake. Safe to share between threads; a forked child opens its own.

    `quick` leaves out the check of DuckDB's extensions: for commands that a person waits for and that only read.
    Without `create` a lake that is not there is an error, and none is made. Who writes without making gives `mark`: the
    data folder of a lake of an older version is marked as its own.
    """

    def __init__(
        self,
        catalog: str,
        data_path: str,
        *,
        memory: Memory | None = None,
        quick: bool = False,
        create: bool = True,
        mark: bool = False,
    ) -> None:
        self._quick = quick
        self._create = create
        self._mark = mark or create
        self.memory = memory or Memory()
        self.catalog = catalog
        self.data_path = data_path
        self._lock = threading.RLock()
        self._root: Database | None = None
        self._idle: list[duckdb.DuckDBPyConnection] = []  # cursors of the root, which know their default database
        self._pid = 0

    @classmethod
    def of(cls, settings: Settings, *, quick: bool = False, create: bool = False) -> Self:
        """The installation's lake, within its memory limit. What sets an installation up may `create` it."""
        memory = Memory.of(settings)
        return cls(settings.lake_catalog, settings.lake_data_path, memory=memory, quick=quick, create=create)

    @property
    def is_sqlite(self) -> bool:
        return self.catalog.startswith("sqlite:")

    @contextmanager
    def connection(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection with the lake as its default database. Keep neither it nor a transaction in it.

        It is used again, since `USE lake` costs as much as a small statement; one that ended in an error is closed.
        """
        with self._lock:
            if self._root is None or self._pid != os.getpid():
                self._root, self._pid, self._idle = self.retry(self._open, opening=True), os.getpid(), []
            root = self._root
            cursor = self._idle.pop() if self._idle else None
        if cursor is None:
            cursor = root.connection.cursor()
            cursor.execute("USE lake")
        try:
            yield cursor
        except BaseException:
            cursor.close()
            raise
        with self._lock:
            if root is self._root and self._pid == os.getpid():
                self._idle.append(cursor)
                return
        cursor.close()

    def _let_go(self) -> None:
        """Open anew at the next use. Other threads may be within a statement: the database ends with the last."""
        with self._lock:
            self._root, self._idle = None, []

    def close(self) -> None:
        with self._lock:
            if self._root is not None and self._pid == os.getpid():
                for cursor in self._idle:
                    cursor.close()
                self._root.close()
            self._root, self._idle = None, []

    def in_snapshot(self, read: Callable[[Snapshot], T]) -> T:
        """What `read` returns, which asks several statements of one snapshot; it is called again after a conflict.

        DuckLake looks the snapshot up once per transaction, so that small statements cost a third less than alone.

        Raises:
            LakeError: the catalog or the disk failed.
        """

        def action() -> T:
            with self.connection() as con:
                con.begin()
                try:
                    return read(Snapshot(con))
                finally:
                    roll_back(con)

        return self.reading(action)

    def reading(self, action: Callable[[], T]) -> T:
        """An action that only reads, tried again where the cause passes.

        Raises:
            LakeError: the disk or the database failed, or memory limit and spill folder were not enough; with the place
                and the cure.
        """
        try:
            return self.retry(action)
        except duckdb.OutOfMemoryException as error:
            raise out_of_memory(error, self.memory) from error
        except duckdb.Error as error:
            cure = self.cure(error)
            if cure is None:
                raise
            raise LakeError(f"the lake could not be read: {in_one_line(error)}. {cure}, then run it again.") from error

    def retry(self, action: Callable[[], T], *, opening: bool = False) -> T:
        """Exponential backoff with jitter: the action is tried again while its error is one of a conflict.

        Also where a lake that was open lost its database, to which it then connects anew.
        """
        since: float | None = None
        for attempt in range(1, MAX_ATTEMPTS + 1):
            was_open = self._root is not None
            try:
                with watched(self.catalog):
                    return action()
            except (duckdb.Error, LakeError) as error:
                was_open = was_open or self._root is not None  # the action may have opened it
                lost = not opening and self.lost(error)
                # What opening says was tried again there; twelve times twelve attempts would take many minutes.
                conflict = opening or not isinstance(error, LakeError)
                passing = (conflict and any(mark in str(error).lower() for mark in _RETRY_MARKS)) or (
                    lost and (was_open or attempt > 1)
                )
                if opening or lost:
                    since = since or time.monotonic()
                    passing = passing and time.monotonic() - since < GIVE_UP_S
                if not passing or attempt == MAX_ATTEMPTS:
                    raise
                if lost:
                    self._let_go()
                time.sleep(random.uniform(0, 0.05 * 2 ** min(attempt, 6)))
        raise AssertionError("unreachable")

    def lost(self, error: Exception) -> bool:
        """Whether the database went away. What was being committed then is whole or not there."""
        return not self.is_sqlite and any(mark in str(error).lower() for mark in _LOST_MARKS)

    def cure(self, error: Exception) -> str | None:
        """What to do about an error of the disk or of the database's server; None for any other."""
        if self.lost(error):
            return "Check that the database is running"
        return self.where_to_free_space() if of_the_disk(error) else None

    def where_to_free_space(self) -> str:
        places = dict.fromkeys([self.data_path, *([self.catalog.removeprefix("sqlite:")] if self.is_sqlite else [])])
        return f"Free space or restore access to {' and '.join(places)}"

    def _open(self) -> Database:
        if not self._create:
            refuse_where_there_is_none(self.catalog)
        database, source, options = open_catalog(self.catalog, self.data_path, self.memory, quick=self._quick)
        con = database.connection
        try:
            with commit_lock(self.catalog):
                attach(con, source, self.catalog, self.data_path, options, create=self._create, mark=self._mark)
                con.execute("USE lake")
                create_tables(con)
        except LakeError:
            database.close()
            raise
        except OSError as error:  # the lock
            database.close()
            raise LakeError(
                f"cannot open the lake catalog {without_password(self.catalog)}: {in_one_line(error)}. "
                f"{self.where_to_free_space()}, then run it again."
            ) from error
        except duckdb.Error as error:
            database.close()
            why = without_password(in_one_line(error))
            cure = (
                "WETHINK_LAKE_CATALOG, that the database is running, and PGPASSWORD or ~/.pgpass where it asks for one"
            )
            if "s3://" in why or "bucket" in why.lower():
                cure = f"[lake] data_path ({self.data_path}) and the credentials in the environment"
            raise LakeError(
                f"cannot open the lake catalog {without_password(self.catalog)}: {why}. Check {cure}."
            ) from None  # the database's own error repeats the connection string, password and all
        return database


@contextmanager
def without_pandas() -> Iterator[None]:
    """Within it, pandas counts as not installed (None in sys.modules is Python's own way to say so).

    DuckDB compares every parameter with `pandas.NaT`, and imports all of pandas for it: half the CPU time of a look-up.
    For the main program of a process that has no use for pandas; no other thread may import it meanwhile.
    """
    if "pandas" in sys.modules:
        yield
        return
    sys.modules["pandas"] = None  # ty: ignore[invalid-assignment]
    try:
        yield
    finally:
        del sys.modules["pandas"]


def of_the_disk(error: Exception) -> bool:
    """A full or lost disk, or a bucket out of reach. SQLite says its part as an error of no class of its own."""
    return isinstance(error, duckdb.IOException) or any(mark in str(error).lower() for mark in _DISK_MARKS)


def in_one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:500]
