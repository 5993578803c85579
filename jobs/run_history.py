"""Dagster's history of runs in SQLite, whose databases a run keeps open (the event log's connections).

Belongs here: that. Does not belong here: what is stored (Dagster), other databases than SQLite, which keep a pool.

Dagster opens, sets up and closes a database for every event, of which a run of this graph has over a thousand: a
third of a second run's time. `_connect` is private to Dagster, and tests/jobs/test_run_history.py holds the pinned
version to it. What is committed, and when, stays the same.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import dagster as dg
from dagster._core.storage.event_log import SqliteEventLogStorage
from sqlalchemy import create_engine
from sqlalchemy.engine import Connection
from sqlalchemy.pool import StaticPool

BUSY_S = 30.0  # as Dagster's own, before another writer's lock is an error
MOST_OPEN = 4  # the index, this run, and who looks at others


@contextmanager
def kept_open(instance: dg.DagsterInstance) -> Iterator[None]:
    """Within it this process opens the databases of the event log once. Nested, the outermost counts."""
    storage: Any = instance.event_log_storage
    if type(storage) is not SqliteEventLogStorage or "_connect" in vars(storage):
        yield
        return
    opened: OrderedDict[str, Connection] = OrderedDict()

    @contextmanager
    def connect(shard: str) -> Iterator[Connection]:
        with storage._db_lock:  # one user at a time, whichever its thread
            connection = opened.pop(shard, None) or _open(storage, shard)
            try:
                with connection.begin():
                    yield connection
            except BaseException:
                _close(connection)  # whatever state it is in, the next one is a new one
                raise
            opened[shard] = connection
            while len(opened) > MOST_OPEN:
                _close(opened.popitem(last=False)[1])

    storage._connect = connect
    try:
        yield
    finally:
        with storage._db_lock:
            del storage._connect
            while opened:
                _close(opened.popitem()[1])


def _open(storage: Any, shard: str) -> Connection:
    engine = create_engine(
        storage.conn_string_for_shard(shard),
        poolclass=StaticPool,
        connect_args={"timeout": BUSY_S, "check_same_thread": False},
    )
    if shard not in storage._initialized_dbs:
        storage._initdb(engine)
        storage._initialized_dbs.add(shard)
    return engine.connect()


def _close(connection: Connection) -> None:
    with suppress(Exception):
        connection.close()
    connection.engine.dispose()
