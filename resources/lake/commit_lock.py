"""The commit lock (mutual exclusion between writers): commits to one lake take turns.

Belongs here: the lock of each kind of catalog. Does not belong here: what is done under it.

SQLite answers a second writer with errors: there it is a file lock. On PostgreSQL concurrent deletes from one table
would abort one another again and again: there it is an advisory lock. Both end with the process that holds them.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from resources.lake.catalog import extension
from resources.lake.database import Database, Memory

_ADVISORY_KEY = 0x57_65_54_68  # "WeTh": any constant that other users of the database do not take


@contextmanager
def commit_lock(catalog: str) -> Iterator[None]:
    """Exclusive between processes and threads, for the lake with this catalog; waits for its turn."""
    kind, _, target = catalog.partition(":")
    with _file_lock(target) if kind == "sqlite" else _advisory_lock(target):
        yield


@contextmanager
def _file_lock(path: str) -> Iterator[None]:
    handle = os.open(f"{path}.lock", os.O_CREAT | os.O_RDWR, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


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
        locker.execute(f"CALL postgres_execute('pg', 'SELECT pg_advisory_xact_lock({_ADVISORY_KEY})')")
        yield
        locker.commit()
    finally:
        opened.close()
