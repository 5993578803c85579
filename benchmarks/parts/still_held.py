"""What a killed run may leave beside processes: ports that something still listens on, and locks that are still held.

Belongs here: looking. Does not belong here: which run was killed (crashes.py), processes (small_run.py).
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import psutil

from resources.lake.catalog import with_extensions
from resources.lake.database import Memory

_ADVISORY = """
SELECT classid::text, objid::text FROM pg_locks
WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
LOCKS = ("**/*.lock", ".work/**/.wethink-scratch")  # below a home


def ports_of(processes: Iterable[psutil.Process]) -> set[int]:
    """The TCP ports that these processes listen on now."""
    ports: set[int] = set()
    for process in processes:
        with suppress(psutil.Error):
            ports |= {c.laddr.port for c in process.net_connections("tcp") if c.status == psutil.CONN_LISTEN}
    return ports


def still_listening(ports: Iterable[int]) -> list[int]:
    """Those of the ports that anything on this machine listens on."""
    open_now = {c.laddr.port for c in psutil.net_connections("tcp") if c.status == psutil.CONN_LISTEN}
    return sorted(open_now & set(ports))


def held_locks(home: Path) -> list[str]:
    """Lock files below a home that a process holds."""
    return sorted(
        path.relative_to(home).as_posix() for pattern in LOCKS for path in home.glob(pattern) if _is_held(path)
    )


def held_advisory_locks(catalog: str) -> list[str]:
    """Advisory locks of the database of this catalog, which sessions of killed processes would go on to hold."""
    kind, _, target = catalog.partition(":")
    if kind != "postgres":
        return []
    opened = with_extensions(["postgres_scanner"], Memory())
    try:
        quoted = target.replace("'", "''")
        opened.connection.execute(f"ATTACH '{quoted}' AS pg (TYPE postgres)")
        rows = opened.connection.execute("FROM postgres_query('pg', $held)", {"held": _ADVISORY}).fetchall()
        return [f"advisory {group} {number}" for group, number in rows]
    finally:
        opened.close()


def _is_held(path: Path) -> bool:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
