"""File locks (flock) between processes, which end with their holder, and the word to whoever waits for one.

Belongs here: taking a lock, saying for whom one waits. Does not belong here: what is done under it.
"""

from __future__ import annotations

import fcntl
import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from resources.workers.process_identity import ProcessIdentity

FIRST_WORD_S, NEXT_WORD_S = 5.0, 60.0
Say = Callable[[str], object]
_log = logging.getLogger("wethink")


@contextmanager
def told_while_waiting(what: Callable[[], str], say: Say | None = None) -> Iterator[None]:
    """Say what the block waits for after 5 s, and then each minute. `say` is called in a thread of its own."""
    done = threading.Event()

    def tell() -> None:
        pause = FIRST_WORD_S
        while not done.wait(pause):
            with suppress(Exception):  # a word that cannot be said must not end anything
                (say or _log.warning)(f"waiting for {what()}")
            pause = NEXT_WORD_S

    thread = threading.Thread(target=tell, name="waiting", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


@contextmanager
def file_lock(path: Path, what: str, say: Say | None = None) -> Iterator[int]:
    """Hold the lock at `path`; its descriptor. Waits for its turn, and says after 5 s for whom.

    A process that inherits the descriptor holds the lock too, for as long as it lives. The file stays, with the name of
    the last holder in it.

    Raises:
        OSError: the file cannot be opened, or its file system has no locks.
    """
    handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with told_while_waiting(lambda: f"{what}, held by {_holder(handle)}", say):
                fcntl.flock(handle, fcntl.LOCK_EX)
        with suppress(OSError):  # a full disk takes no name, but the lock is held
            os.ftruncate(handle, 0)
            os.pwrite(handle, str(ProcessIdentity.here()).encode(), 0)
        yield handle
    finally:
        os.close(handle)


def _holder(handle: int) -> str:
    noted = ProcessIdentity.parse(os.pread(handle, 1_000, 0).decode("utf-8", "replace"))
    if noted is None:
        return "another process"
    return noted.in_words + (" (gone; what it had started is ending)" if noted.state() == "gone" else "")
