"""A PostgreSQL that freezes (watchdog): whoever waits for its answer says so, and waits a bounded time.

Belongs here: looking whether the server still answers while a statement is under way, cutting the connections to one
that does not. Does not belong here: what is tried again after that (connection.py), a server that is down (the kernel
tells of that).

A stopped process keeps its connections, and the kernel acknowledges in its name, so libpq waits for ever. A query may
take hours, too. So nothing goes by the time of a query: a new connection is begun beside it, to which a server that
lives answers one byte. One that gave none for `LONGEST_S` has its connections closed from this side, and the statement
ends as it does where a server was lost. A server that answers again before that is simply waited for.
"""

from __future__ import annotations

import logging
import os
import re
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

import psutil

FIRST_LOOK_S, PAUSE_S, ANSWER_S = 10.0, 5.0, 10.0
LONGEST_S = 60.0  # that a server may say nothing
_SSL_REQUEST = struct.pack("!II", 8, 80877103)  # of PostgreSQL's protocol; answered by one byte, before anybody logs in
_PART = re.compile(r"(\w+)\s*=\s*('(?:[^'\\]|\\.)*'|\S+)")
_log = logging.getLogger("wethink")


@contextmanager
def watched(catalog: str) -> Iterator[None]:
    """A block that waits for the server of this catalog; SQLite has none, and a server known by a service name or a
    socket file is not looked at."""
    kind, _, target = catalog.partition(":")
    at = address_of(target) if kind == "postgres" else None
    if at is None:
        yield
        return
    done = threading.Event()
    watch = threading.Thread(target=_watch, args=(at, done), name="database", daemon=True)
    watch.start()
    try:
        yield
    finally:
        done.set()


def address_of(connection_string: str) -> tuple[str, int] | None:
    """Host and port of a libpq string or URL; None where it is not reached over TCP, or does not say so itself."""
    if "://" in connection_string:
        url = urlsplit(connection_string)
        host, port = url.hostname or "", str(url.port or "")
    else:
        parts = {name: value.strip("'") for name, value in _PART.findall(connection_string)}
        if "service" in parts:
            return None
        host, port = parts.get("hostaddr") or parts.get("host", ""), parts.get("port", "")
    host, port = host or os.environ.get("PGHOST", ""), port or os.environ.get("PGPORT") or "5432"
    if not host or host.startswith("/") or "," in host or not port.isdigit():
        return None
    return host, int(port)


def answers(at: tuple[str, int], wait_s: float) -> bool:
    """Whether a server lives there. One that refuses, or hangs up, is none that is frozen."""
    try:
        with socket.create_connection(at, timeout=wait_s) as asked:
            asked.sendall(_SSL_REQUEST)
            asked.recv(1)
            return True
    except TimeoutError:
        return False
    except OSError:
        return True


def cut(at: tuple[str, int]) -> int:
    """Close this process's connections to a server, from this side; how many there were."""
    hosts = {info[4][0] for info in socket.getaddrinfo(at[0], at[1], type=socket.SOCK_STREAM)}
    number = 0
    for one in psutil.Process().net_connections(kind="tcp"):
        if one.raddr and one.raddr.port == at[1] and one.raddr.ip.removeprefix("::ffff:") in hosts and one.fd >= 0:
            with suppress(OSError), socket.socket(fileno=os.dup(one.fd)) as held:
                held.shutdown(socket.SHUT_RDWR)
                number += 1
    return number


def _watch(at: tuple[str, int], done: threading.Event) -> None:
    pause, since = FIRST_LOOK_S, 0.0
    while not done.wait(pause):
        began, pause = time.monotonic(), PAUSE_S
        if answers(at, ANSWER_S):
            since = 0.0
            continue
        if done.is_set():
            return
        if not since:
            since = began
            _log.warning(
                f"waiting for PostgreSQL at {at[0]}:{at[1]}, which takes connections and does not answer: "
                f"{LONGEST_S:g} s at most"
            )
        if time.monotonic() - since >= LONGEST_S:
            cut(at)
            since = 0.0
