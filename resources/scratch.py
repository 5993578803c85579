"""Scratch folders (temporary files of a process): private, gone at the end, and after kill -9 with the next one.

Belongs here: making them, and removing those whose process has ended. Does not belong here: what lies in them.

A folder is held by a lock on a file in it, which the system releases however its process ends: no process id, which
could be given out again, and no time decides.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import stat
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from resources.private import private_folder

_LOCK = ".wethink-scratch"


class ScratchError(RuntimeError):
    """No scratch folder can be made; the message names the place and the cure."""


class Scratch:
    """A fresh folder below `root` (mode 0700), held until `remove`.

    Raises:
        OSError: it cannot be made.
    """

    def __init__(self, root: Path, name: str) -> None:
        private_folder(root)
        with _making(root):
            _remove_abandoned(root)
            self.folder = Path(tempfile.mkdtemp(prefix=f"{_host()}-{name[:60]}-", dir=root))
            self._lock: int | None = _lock(self.folder / _LOCK)
        self._owner = os.getpid()

    def remove(self) -> None:
        """Remove it with all that is in it. In a forked child it stays: it is the parent's."""
        if self._lock is None or os.getpid() != self._owner:
            return
        _remove(self.folder)
        os.close(self._lock)
        self._lock = None


@contextmanager
def scratch_folder(root: Path, name: str) -> Iterator[Path]:
    """A `Scratch` folder for a block of code.

    Raises:
        ScratchError: it cannot be made.
    """
    try:
        scratch = Scratch(root, name)
    except OSError as error:
        raise ScratchError(
            f"no folder for what a run puts aside can be made in {root}: {error.strerror or error}. It needs space, "
            "write access and file locks: point WETHINK_HOME to a local disk"
        ) from error
    try:
        yield scratch.folder
    finally:
        scratch.remove()


def remove_abandoned(root: Path) -> list[str]:
    """Remove the folders of processes that ended without doing so; their names. Killed, the next call goes on."""
    with _making(root):
        return _remove_abandoned(root)


def _remove_abandoned(root: Path) -> list[str]:
    removed = []
    for folder, handle in _abandoned(root):
        _remove(folder)
        if handle is not None:
            os.close(handle)
        removed.append(folder.name)
    return removed


def _remove(folder: Path) -> None:
    """The lock goes last, by which a folder is known whose removal was cut off."""
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        elif path.name != _LOCK:
            with suppress(OSError):
                path.unlink()
    shutil.rmtree(folder, ignore_errors=True)


def abandoned(root: Path) -> list[Path]:
    """The folders that `remove_abandoned` would remove."""
    found = []
    for folder, handle in _abandoned(root):
        if handle is not None:
            os.close(handle)
        found.append(folder)
    return found


def _abandoned(root: Path) -> Iterator[tuple[Path, int | None]]:
    """Folders whose lock nobody holds, with the lock, which is held now; and empty ones that have no lock.

    Only what was made here: by this user, on this host (others may not see its locks), under our own name for a lock.
    """
    for folder in root.glob(f"{_host()}-*"):
        if folder.is_dir() and not folder.is_symlink() and _own(folder) and not any(folder.iterdir()):
            yield folder, None
    for lock in root.glob(f"*/{_LOCK}"):
        if not lock.parent.name.startswith(f"{_host()}-") or lock.parent.is_symlink() or not _own(lock.parent):
            continue
        try:
            handle = _lock(lock, wait=False)
        except OSError:
            continue
        yield lock.parent, handle


def _host() -> str:
    return "".join(c if c.isalnum() else "_" for c in socket.gethostname())[:60]


def _own(folder: Path) -> bool:
    try:
        status = folder.stat()
    except OSError:
        return False
    return status.st_uid == os.getuid() and stat.S_IMODE(status.st_mode) == 0o700


def _making(root: Path) -> AbstractContextManager[None]:
    """A block within which no other process is between the making of a folder and its lock."""
    return _locked(root / f"{_LOCK}.{os.getuid()}")


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
