"""The locks of a lake (mutual exclusion between writers): commits take turns, and so do runs of one step.

Belongs here: the locks of each kind of catalog. Does not belong here: what is done under them.

SQLite answers a second writer with errors: there it is a file lock. On PostgreSQL concurrent deletes from one table
would abort one another again and again: there it is an advisory lock. Both end with the process that holds them.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from resources.file_lock import Say, file_lock, told_while_waiting
from resources.lake.catalog import roll_back, with_extensions
from resources.lake.database import Memory
from resources.lake.frozen import watched
from resources.private import private_folder

_ADVISORY_KEY = 0x57_65_54_68  # "WeTh": any constant that other users of the database do not take
_ADVISORY_CLASS = 0x57_65_54_68  # of locks by name, whose keys are pairs: PostgreSQL keeps the two kinds apart
_NEVER_TOO_IDLE = "SELECT set_config(name, '0', false) FROM pg_settings WHERE name LIKE 'idle%session_timeout'"
_TURN = "the turn to commit to the lake"


@contextmanager
def commit_lock(catalog: str) -> Iterator[None]:
    """Exclusive between processes and threads, for the lake with this catalog; waits for its turn."""
    kind, _, target = catalog.partition(":")
    with (
        file_lock(Path(f"{target}.lock"), _TURN)
        if kind == "sqlite"
        else _advisory_lock(target, str(_ADVISORY_KEY), _TURN)
    ):
        yield


@contextmanager
def step_lock(catalog: str, name: str, say: Say | None = None) -> Iterator[None]:
    """Exclusive between processes and threads, for what has this name in the lake with this catalog.

    Held for as long as a step takes. Whoever waits tells `say` for whom.
    """
    kind, _, target = catalog.partition(":")
    what = f"another run of {name}"
    if kind == "sqlite":
        folder = Path(target).parent / "locks"
        private_folder(folder)
        readable = "".join(c if c.isalnum() and c.isascii() else "-" for c in name)[:80]
        with file_lock(folder / f"{readable}.{zlib.crc32(name.encode()):08x}.lock", what, say):
            yield
    else:
        with _session_lock(target, f"{_ADVISORY_CLASS}, {_signed(zlib.crc32(name.encode()))}", what, say):
            yield


def _signed(number: int) -> int:
    return number - (1 << 32) if number >= 1 << 31 else number


@contextmanager
def _session_lock(connection_string: str, key: str, what: str, say: Say | None) -> Iterator[None]:
    """PostgreSQL's session-level advisory lock, for hours: a transaction would keep the server from cleaning tables.

    DuckDB keeps a connection to itself only within a transaction, and else resets it, which gives locks back: so there
    is one for DuckDB that is none for the server. The lock ends with the connection.
    """
    with _connected(connection_string) as locker:
        locker.begin()
        locker.execute("CALL postgres_execute('pg', 'COMMIT')")
        locker.execute("CALL postgres_execute('pg', $sql)", {"sql": _NEVER_TOO_IDLE})
        with watched(f"postgres:{connection_string}"), told_while_waiting(lambda: _held_elsewhere(what), say):
            locker.execute(f"CALL postgres_execute('pg', 'SELECT pg_advisory_lock({key})')")
        yield


@contextmanager
def _advisory_lock(connection_string: str, key: str, what: str) -> Iterator[None]:
    """PostgreSQL's transaction-level advisory lock, held on a connection of its own."""
    with _connected(connection_string) as locker:
        locker.begin()
        with told_while_waiting(lambda: _held_elsewhere(what)):
            locker.execute(f"CALL postgres_execute('pg', 'SELECT pg_advisory_xact_lock({key})')")
        yield
        locker.commit()


def _held_elsewhere(what: str) -> str:
    return f"{what}, held by another connection to PostgreSQL"


@contextmanager
def _connected(connection_string: str) -> Iterator[duckdb.DuckDBPyConnection]:
    opened = with_extensions(["postgres_scanner"], Memory())
    try:
        locker = opened.connection
        quoted = connection_string.replace("'", "''")
        locker.execute(f"ATTACH '{quoted}' AS pg (TYPE postgres)")
        yield locker
    finally:
        roll_back(opened.connection)  # closed within a transaction whose server is gone, DuckDB ends the process
        opened.close()
