"""Which addresses the processes that a test starts listen on, sampled while they run."""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil


@contextmanager
def listening_sockets() -> Iterator[set[tuple[str, str]]]:
    """(process name, address) of every listening TCP socket of this process's descendants in the block."""
    seen: set[tuple[str, str]] = set()
    done = threading.Event()

    def sample() -> None:
        while not done.wait(0.25):
            for process in psutil.Process().children(recursive=True):
                with suppress(psutil.Error):
                    found = [c.laddr.ip for c in process.net_connections("tcp") if c.status == psutil.CONN_LISTEN]
                    seen.update((" ".join(process.cmdline())[-80:], address) for address in found)

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()


def not_loopback(seen: set[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those that other machines could reach."""
    return sorted(one for one in seen if not ipaddress.ip_address(one[1]).is_loopback)
