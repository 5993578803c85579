"""The commit lock (mutual exclusion between writers): commits to one lake take turns.

Belongs here: the lock of each kind of catalog. Does not belong here: what is done under it.

SQLite answers a second writer with errors: there it is a file lock. On PostgreSQL concurrent deletes from one table
would abort one another again and again: there it is an advisory lock. Both end with the process that holds them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from resources.file_lock import file_lock, told_while_waiting
from resources.lake.catalog import extension
from resources.lake.database import Database, Memory

_ADVISORY_KEY = 0x57_65_54_68  # "WeTh": any constant that other users of the database do not take
_TURN = "the turn to commit to the lake"


@contextmanager
def commit_lock(catalog: str) -> Iterator[None]:
    """Exclusive between processes and threads, for the lake with this catalog; waits for its turn."""
    kind, _, target = catalog.partition(":")
    with file_lock(Path(f"{target}.lock"), _TURN) if kind == "sqlite" else _advisory_lock(target):
        yield


@contextmanager
def _advisory_lock(connection_string: str) -> Iterator[None]:
    """PostgreSQL's transaction-level advisory lock, held on a connection of its own."""
    opened = Database(Memory())
    try:
        locker = opened.connection
        locker.execute(f"LOAD '{extension('postgres_scanner')}'")
        quoted = connection_string.replace("'", "''")
        locker.execute(f"ATTACH '{quoted}' AS pg (TYPE postgres)")
        locker.begin()
        with told_while_waiting(lambda: f"{_TURN}, held by another connection to PostgreSQL"):
            locker.execute(f"CALL postgres_execute('pg', 'SELECT pg_advisory_xact_lock({_ADVISORY_KEY})')")
        yield
        locker.commit()
    finally:
        opened.close()
