"""The file tree of one source: a folder or bucket, with its archives read as if they were unpacked there.

Belongs here: laying archives over a folder, finding annotation files, opening by path. Does not belong here:
formats of archives (archives.py), which files are images (wethink_assets/sources/).
"""

from __future__ import annotations

import errno
import fnmatch
import heapq
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import BinaryIO

from resources.storage.archives import Member, open_member
from resources.storage.folder import Folder, Stamp
from resources.storage.index import ArchiveProblem, MemberIndex
from resources.storage.names import OutsideRootError, RefusedFileError, is_archive, is_packed, join, unsafe

DEPTH = 2  # folders below the top in which annotation files and archives are looked for
CROWD = 64  # a folder with more folders than this holds items, not parts of a data set
NAMES = 20_000  # names of a bucket's folder that are looked through for annotation files and archives


@dataclass(frozen=True)
class File:
    """A file of a tree, named by its path in it."""

    tree: Tree
    path: str

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]

    @property
    def stem(self) -> str:
        return self.name.rpartition(".")[0] or self.name

    @property
    def suffix(self) -> str:
        return self.name[len(self.stem) :]

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0]

    def beside(self, name: str) -> File:
        return File(self.tree, join(self.folder, name))

    def open(self) -> BinaryIO:
        return self.tree.open(self.path)

    def read(self, limit: int) -> bytes:
        return self.tree.read(self.path, limit)

    def size(self) -> int:
        return self.tree.stamp(self.path).size


class Tree:
    """The files below one place. `index_file` remembers members of archives between runs; None forgets them.

    `archive` names the archive where the place is one itself. `below` is the folder that is the top, as in an archive
    that holds all sources; `strip` is a folder in which the top may be wrapped.
    Where a folder and an archive hold the same path, it is listed once, and the folder's file is read.
    """

    def __init__(
        self, folder: Folder, index_file: Path | None = None, *, archive: str = "", below: str = "", strip: str = ""
    ) -> None:
        self.folder = folder
        self.name = join(folder.name, archive) if archive else folder.name
        self.remote = folder.remote
        self._archive, self._below, self._strip = archive, below, strip
        self._index_file = index_file
        self._lock = threading.RLock()
        self._index: MemberIndex | None = None
        self._looked = False
        self._loose: list[str] | None = None
        self._packed: list[str] = []
        self._wrapped: str | None = None

    # -- listing ----------------------------------------------------------------------------------

    def exists(self) -> bool:
        if not self._archive:
            return self.folder.exists()
        return not self._below or (self._members is not None and self._members.is_folder(self._below))

    def files(self, below: str = "") -> Iterator[str]:
        """Paths of all files below a folder, in the order of their UTF-8 bytes, each once.

        Nothing is held but names of one folder of a disk, one page of a bucket, or some rows of the index.
        """
        streams: list[Iterator[str]] = []
        if not self._archive and (not below or self.folder.is_folder(below)):
            streams.append(path for path in self.folder.files(below) if not is_archive(path))
        if (members := self._members) is not None:
            cut = len(self._top) + 1 if self._top else 0
            streams.append(path[cut:] for path in members.files(join(self._top, below) if below else self._top))
        if len(streams) == 1:
            return streams[0]
        return (path for path, _ in groupby(heapq.merge(*streams, key=_bytes)))

    def is_folder(self, path: str) -> bool:
        if not self._archive and self.folder.is_folder(path):
            return True
        return self._members is not None and not unsafe(path) and self._members.is_folder(join(self._top, path))

    def find(self, *patterns: str) -> list[File]:
        """Files whose names match, in the order of the patterns, then of depth, then of the path.

        Looks in the top folder, one level below, and two where a folder holds few folders.
        """
        loose = self._survey()
        matches: dict[str, None] = {}
        for pattern in patterns:
            matching = (p for p in loose if fnmatch.fnmatchcase(p.rsplit("/", 1)[-1], pattern))
            matches.update(dict.fromkeys(sorted(matching, key=lambda p: (p.count("/"), _bytes(p)))))
        return [File(self, path) for path in matches]

    def file(self, path: str) -> File:
        return File(self, path)

    def has(self, path: str) -> bool:
        """Whether a plain file is there, and may be opened."""
        try:
            self.stamp(path)
        except (OSError, RefusedFileError):
            return False
        return True

    def problems(self) -> list[ArchiveProblem]:
        """What is wrong with archives: broken, with members that are refused, or of a kind that cannot be read here.

        And folders that were listed and lie too deep.
        """
        members = self._members
        cure = "it can only be read from its beginning: unpack it, or pack it again as .zip or plain .tar"
        return [
            *(members.problems() if members else []),
            *(ArchiveProblem(p, "packed_archive", cure) for p in self._packed),
            *(
                ArchiveProblem(f"{path[:80]}…", "path_too_long", "what is below it cannot be opened: move it up")
                for path in sorted(self.folder.too_long)
            ),
        ]

    # -- opening ----------------------------------------------------------------------------------

    def stamp(self, path: str) -> Stamp:
        """The version stamp of a file. Raises FileNotFoundError, another OSError, or RefusedFileError."""
        if not self._archive:
            try:
                return self.folder.stamp(path)
            except FileNotFoundError:
                pass
        archive, member = self._member(path)
        return Stamp(member.size, f"{archive} {member.start}")

    def open(self, path: str, expect: int | None = None) -> BinaryIO:
        """A seekable stream of the file. Raises FileNotFoundError, another OSError, or RefusedFileError."""
        if self._plain_first(path):
            try:
                return self.folder.open(path, expect)
            except FileNotFoundError:
                pass
        archive, member = self._member(path)
        handle = self.folder.open(archive, min(member.packed + 1024, expect or member.packed + 1024))
        return open_member(handle, member, "zip" if archive.lower().endswith(".zip") else "tar")

    def read(self, path: str, limit: int) -> bytes:
        """The file's first bytes, `limit` at most. Raises as `open` does."""
        if self._plain_first(path):
            try:
                return self.folder.read(path, limit)
            except FileNotFoundError:
                pass
        with self.open(path, limit) as handle:
            return handle.read(limit)

    def local(self, path: str) -> Path | None:
        """The file itself, where it lies on this machine outside any archive. Raises as `open` does."""
        if self._archive or self.remote:
            return None
        try:
            return self.folder.local(path)
        except FileNotFoundError:
            self._member(path)
            return None

    def _plain_first(self, path: str) -> bool:
        """In a bucket, a request for a file that is known to be in an archive is spared."""
        return not self._archive and not (self.remote and self._index is not None and self._index.get(path) is not None)

    # -- archives ---------------------------------------------------------------------------------

    @property
    def _top(self) -> str:
        """Where in the archives this tree begins."""
        if self._wrapped is None:
            wrap = join(self._below, self._strip)
            members = self._members if self._strip else None
            self._wrapped = wrap if members is not None and members.is_folder(wrap) else self._below
        return self._wrapped

    @property
    def _members(self) -> MemberIndex | None:
        """The index, up to date as of this tree's first use; None where there is no archive."""
        with self._lock:
            if self._index is None:
                late = self._looked
                archives = [] if late else self._archives()
                if archives or (self._index_file is not None and self._index_file.is_file()):
                    self._index = MemberIndex(self._index_file)
                    if not late:  # else another tree has read archives that came since, and its index is newer
                        self._index.refresh(self.folder, archives)
                self._looked = True
            return self._index

    def _archives(self) -> list[str]:
        return [self._archive] if self._archive else [path for path in self._look() if is_archive(path)]

    def _member(self, path: str) -> tuple[str, Member]:
        if problem := unsafe(path):
            raise OutsideRootError(f"{path!r} {problem}")
        entry = self._members.get(join(self._top, path)) if self._members is not None else None
        if entry is None:
            raise FileNotFoundError(errno.ENOENT, "No such file", join(self.name, path))
        if entry[1].refused:
            raise RefusedFileError(*entry[1].refused)
        return entry

    def _survey(self) -> list[str]:
        """Files in the upper folders that could be annotations: those of the folder, then those of archives."""
        with self._lock:
            loose = [] if self._archive else [p for p in self._look() if not is_archive(p)]
            if (members := self._members) is not None:
                cut = len(self._top) + 1 if self._top else 0
                loose += (p[cut:] for p in members.files(self._top) if p[cut:].count("/") <= DEPTH)
            return loose

    def _look(self) -> list[str]:
        """Names in the upper folders but those of images, which are many; looked at once."""
        with self._lock:
            if self._loose is None:
                self._loose = []
                self._look_into("", 0, self._loose)
            return self._loose

    def _look_into(self, folder: str, depth: int, loose: list[str]) -> None:
        level = self.folder.level(folder, NAMES if depth else None)
        for name in level.files:
            if is_packed(name):
                self._packed.append(join(folder, name))
            elif name.rpartition(".")[2].lower() in _WORTH:
                loose.append(join(folder, name))
        if depth < DEPTH and (depth == 0 or len(level.folders) <= CROWD):
            for name in level.folders:
                self._look_into(join(folder, name), depth + 1, loose)


_WORTH = frozenset("json jsonl csv tsv txt pk pkl pickle tar zip".split())


def _bytes(path: str) -> bytes:
    return path.encode("utf-8")
