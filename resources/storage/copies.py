"""Content-addressed copies of images on this machine (SHA-256), and a bounded LRU cache of them.

Belongs here: the image store's copies, which stay, and the cache, which is bounded. Does not belong here: where
originals lie (places.py).
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import threading
import time
import uuid
from pathlib import Path
from typing import BinaryIO

from resources.private import private_folder

CHUNK = 1 << 20
STALE_S = 24 * 3600.0  # a part file that old was left by a process that died


class OtherBytesError(OSError):
    """The file holds other bytes than were asked for."""


class Copies:
    """Content-addressed files, `ab/<sha256>` below a folder. Safe to share between threads.

    A file is there whole or not at all.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find(self, image_id: str) -> Path | None:
        path = self._path(image_id)
        return path if path.is_file() else None

    def keep(self, handle: BinaryIO, image_id: str = "") -> tuple[str, int, Path]:
        """Copy a stream; returns SHA-256, bytes and the copy.

        Raises:
            OtherBytesError: `image_id` is given, and the bytes are not those.
        """
        private_folder(self.folder)
        part = self.folder / f"{os.getpid()}-{uuid.uuid4().hex}.part"
        digest, size = hashlib.sha256(), 0
        try:
            with part.open("wb") as out:
                while piece := handle.read(CHUNK):
                    digest.update(piece)
                    size += len(piece)
                    out.write(piece)
            sha256 = digest.hexdigest()
            if image_id and sha256 != image_id:
                raise OtherBytesError(f"holds other bytes than were taken ({sha256[:16]} instead of {image_id[:16]})")
            path = self._path(sha256)
            path.parent.mkdir(exist_ok=True)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        self._added(path, size)
        return sha256, size, path

    def _path(self, image_id: str) -> Path:
        return self.folder / image_id[:2] / image_id

    def _added(self, path: Path, size: int) -> None:
        pass


class Cache(Copies):
    """An LRU cache of what lies in buckets and archives: over `limit` bytes the least recently used copies go.

    A path from `hold` stays until `release`, or until this process ends: it is a second name of the copy, so what
    is held may pass the limit.
    """

    def __init__(self, folder: Path, limit: int) -> None:
        super().__init__(folder)
        self.limit = limit
        self._lock = threading.Lock()
        self._total: int | None = None
        self._held: Path | None = None
        self._held_lock: BinaryIO | None = None

    def find(self, image_id: str) -> Path | None:
        path = super().find(image_id)
        if path is not None:
            try:
                os.utime(path)
            except OSError:
                return path if path.is_file() else None
        return path

    def hold(self, image_id: str) -> Path | None:
        """A path that no clearing of the cache takes away; None where there is no copy."""
        with self._lock:
            if self._held is None:
                self._held = self._hold_folder()
            held = self._held / image_id
        if held.is_file():
            return held
        path = self.find(image_id)
        if path is None:
            return None
        try:
            os.link(path, held)
        except FileExistsError:
            pass
        except FileNotFoundError:
            return None
        return held

    def release(self) -> None:
        """Give up all held paths of this object."""
        with self._lock:
            if self._held is not None:
                shutil.rmtree(self._held, ignore_errors=True)
            if self._held_lock is not None:
                self._held_lock.close()
            self._held = self._held_lock = None

    def _hold_folder(self) -> Path:
        """A folder of this process, with a lock that ends with it; those of dead processes are removed."""
        top = self.folder / "held"
        private_folder(top)
        with (top / ".lock").open("wb") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            for lock in top.glob("*.lock"):
                if lock.name != ".lock":
                    with lock.open("rb") as other:
                        try:
                            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
                        except OSError:
                            continue
                        shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
                        lock.unlink(missing_ok=True)
            name = uuid.uuid4().hex
            self._held_lock = (top / f"{name}.lock").open("wb")
            fcntl.flock(self._held_lock, fcntl.LOCK_EX)
            (top / name).mkdir()
        return top / name

    def _added(self, path: Path, size: int) -> None:
        with self._lock:
            if self._total is None:
                self._total = sum(size for _, size, _ in self._copies())
                for part in self.folder.glob("*.part"):
                    if part.stat().st_mtime < time.time() - STALE_S:
                        part.unlink(missing_ok=True)
            else:
                self._total += size
            if self._total > self.limit:
                self._clear(keep=path)

    def _clear(self, keep: Path) -> None:
        """Down to nine tenths of the limit, so that not every new copy costs a look at all."""
        copies = sorted(self._copies())
        self._total = sum(size for _, size, _ in copies)
        for _, size, path in copies:
            if self._total <= self.limit * 0.9:
                break
            if path != keep:
                path.unlink(missing_ok=True)
                self._total -= size

    def _copies(self) -> list[tuple[float, int, Path]]:
        copies = []
        for path in self.folder.glob("[0-9a-f][0-9a-f]/*"):
            try:
                seen = path.stat()
            except OSError:
                continue
            copies.append((seen.st_mtime, seen.st_size, path))
        return copies
