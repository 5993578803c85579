"""The file system protocol of places: what every kind must be able to do, and the plainest one, a local disk.

Belongs here: the protocol `Folder` and local disks. Does not belong here: buckets (bucket.py), archives (archives.py).

All listings are in the order of the whole path's UTF-8 bytes, whatever the place, so that files keep their
order when a source moves from a folder to a bucket or into an archive.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol

from resources.storage.names import OutsideRootError, RefusedFileError, is_text, join, unsafe


class Stamp(NamedTuple):
    """What tells one version of a file from another: bytes, and a time or tag."""

    size: int
    version: str


class Level(NamedTuple):
    """Names directly in a folder, sorted. `whole` is False where reading stopped at the limit."""

    files: list[str]
    folders: list[str]
    whole: bool = True


class Folder(Protocol):
    """A tree of files. Paths are relative, with '/' between parts; '' is the folder itself.

    Methods raise FileNotFoundError for what is not there, another OSError for what cannot be read, and
    RefusedFileError for what must not be.
    """

    name: str
    remote: bool

    @property
    def too_long(self) -> Collection[str]: ...
    def exists(self) -> bool: ...
    def files(self, below: str = "") -> Iterator[str]: ...
    def level(self, folder: str, limit: int | None = None) -> Level: ...
    def is_folder(self, path: str) -> bool: ...
    def stamp(self, path: str) -> Stamp: ...
    def open(self, path: str, expect: int | None = None) -> BinaryIO: ...
    def read(self, path: str, limit: int) -> bytes: ...
    def local(self, path: str) -> Path | None: ...


class LocalFolder:
    """A folder on this machine, which may itself be a link; links inside may not lead out of it."""

    remote = False

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = str(path)
        self.too_long: set[str] = set()
        self._top: Path | None = None

    def exists(self) -> bool:
        return self.path.is_dir()

    def files(self, below: str = "") -> Iterator[str]:
        """Walks one folder at a time, whose names are held; links to folders are not entered, so no walk is endless.

        Without recursion, since a thousand nested folders are no reason to fail. A path that the system takes for too
        long ends the walk there, and is one of `too_long`.
        """
        waiting = [(below, iter(self._names(below)))]
        while waiting:
            folder, names = waiting[-1]
            name = next(names, None)
            if name is None:
                waiting.pop()
            elif not name.endswith("/"):
                yield join(folder, name)
            else:
                inner = join(folder, name[:-1])
                try:
                    waiting.append((inner, iter(self._names(inner))))
                except OSError as error:
                    if error.errno != errno.ENAMETOOLONG:
                        raise
                    self.too_long.add(inner)

    def _names(self, folder: str) -> list[str]:
        """What is in a folder, sorted as paths are; folders end with a '/'."""
        with os.scandir(self.path / folder) as entries:
            return sorted(
                entry.name + "/" if entry.is_dir(follow_symlinks=False) else entry.name
                for entry in entries
                if not entry.name.startswith(".") and is_text(entry.name)
            )

    def level(self, folder: str, limit: int | None = None) -> Level:
        """Reads the whole folder: on a disk that is cheap."""
        files, folders = [], []
        with os.scandir(self.path / folder) as entries:
            for entry in entries:
                if not entry.name.startswith(".") and is_text(entry.name):
                    (folders if entry.is_dir(follow_symlinks=False) else files).append(entry.name)
        return Level(sorted(files), sorted(folders))

    def is_folder(self, path: str) -> bool:
        return not unsafe(path) and (self.path / path).is_dir()

    def stamp(self, path: str) -> Stamp:
        status = self._resolved(path).stat()
        return Stamp(status.st_size, str(status.st_mtime_ns))

    def open(self, path: str, expect: int | None = None) -> BinaryIO:
        return self.local(path).open("rb")

    def read(self, path: str, limit: int) -> bytes:
        """The file's first bytes, `limit` at most."""
        with self.open(path) as handle:
            return handle.read(limit)

    def local(self, path: str) -> Path:
        file = self._resolved(path)
        if not stat.S_ISREG(file.stat().st_mode):  # a pipe or device would hang or never end
            raise RefusedFileError("not_a_file", f"{path!r} is no plain file: remove it")
        return file

    def _resolved(self, path: str) -> Path:
        if problem := unsafe(path):
            raise OutsideRootError(f"{path!r} {problem}")
        self._top = self._top or self.path.resolve()
        try:
            resolved = (self.path / path).resolve()
        except RuntimeError:
            raise RefusedFileError("not_a_file", f"{path!r} is a link that leads back to itself: remove it") from None
        if not resolved.is_relative_to(self._top):
            raise OutsideRootError(
                f"{path!r} is a link that leads out of {self.path.name}/: copy the file, or link the whole folder"
            )
        return resolved
