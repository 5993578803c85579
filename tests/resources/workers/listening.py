"""Which addresses the processes that a test starts listen on, sampled while they run."""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil


def listening_now(*, itself: bool = False) -> set[tuple[str, str]]:
    """(process name, address) of every listening TCP socket of this process's descendants, and of `itself`."""
    seen: set[tuple[str, str]] = set()
    me = psutil.Process()
    for process in [*([me] if itself else []), *me.children(recursive=True)]:
        with suppress(psutil.Error):
            found = [c.laddr.ip for c in process.net_connections("tcp") if c.status == psutil.CONN_LISTEN]
            command = f"{process.name()} {' '.join(process.cmdline()).strip()[-80:]}"
            name = "this process" if process == me else command
            seen.update((name, address) for address in found)
    return seen


@contextmanager
def listening_sockets() -> Iterator[set[tuple[str, str]]]:
    """What `listening_now` sees of the descendants, again and again while the block runs."""
    seen: set[tuple[str, str]] = set()
    done = threading.Event()

    def sample() -> None:
        while not done.wait(0.25):
            seen.update(listening_now())

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()


def not_loopback(seen: set[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those that other machines could reach."""
    return sorted(one for one in seen if not _is_loopback(one[1]))


def _is_loopback(text: str) -> bool:
    address = ipaddress.ip_address(text)
    # gRPC listens on 127.0.0.1 by an IPv6 socket
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback
