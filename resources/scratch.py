"""Scratch folders (temporary files of a process): private, gone at the end, and after kill -9 with the next one.

Belongs here: making them, and removing those whose process has ended. Does not belong here: what lies in them.

A folder is held by a lock on a file in it, which the system releases however its process ends: no process id, which
could be given out again, and no time decides.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_LOCK = "lock"


class Scratch:
    """A fresh folder below `root` (mode 0700), held until `remove`.

    Raises:
        OSError: it cannot be made.
    """

    def __init__(self, root: Path, name: str) -> None:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(root / _LOCK):  # no folder is looked at between its making and its lock
            remove_abandoned(root)
            self.folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=root))
            self._lock: int | None = _lock(self.folder / _LOCK)
        self._owner = os.getpid()

    def remove(self) -> None:
        """Remove it with all that is in it. In a forked child it stays: it is the parent's."""
        if self._lock is None or os.getpid() != self._owner:
            return
        shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self._lock)
        self._lock = None


@contextmanager
def scratch_folder(root: Path, name: str) -> Iterator[Path]:
    """A `Scratch` folder for a block of code.

    Raises:
        OSError: it cannot be made.
    """
    scratch = Scratch(root, name)
    try:
        yield scratch.folder
    finally:
        scratch.remove()


def remove_abandoned(root: Path) -> list[str]:
    """Remove the folders of processes that ended without doing so: nobody holds their lock. Their names."""
    removed = []
    for lock in root.glob(f"*/{_LOCK}"):
        try:
            handle = _lock(lock, wait=False)
        except OSError:
            continue
        shutil.rmtree(lock.parent, ignore_errors=True)
        os.close(handle)
        removed.append(lock.parent.name)
    return removed


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    lock = _lock(path)
    try:
        yield
    finally:
        os.close(lock)


def _lock(path: Path, *, wait: bool = True) -> int:
    handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise
    return handle
