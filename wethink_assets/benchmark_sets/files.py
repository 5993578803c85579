"""Location of the benchmark files (TSVs): a folder, an archive or a bucket.

Belongs here: opening a set's file there, and telling its versions apart. Does not belong here: how a place of any kind
is read (resources/storage/), what is in a file (tsv.py).
"""

from __future__ import annotations

import errno
from pathlib import Path
from typing import BinaryIO

from resources.storage.folder import Stamp
from resources.storage.names import RefusedFileError, is_archive, is_url
from resources.storage.places import Places
from resources.storage.tree import Tree
from wethink_assets.settings import Settings

_WRAP = "LMUData"  # VLMEvalKit's folder of sets; an archive may hold the files in it or at its top


class SetFiles:
    """Benchmark files below `root`. `indexes` is the folder that remembers what archives hold.

    In a local folder a file may be a link to wherever it lies: its name is a set's, so no other party chose it.
    """

    def __init__(self, root: Path | str, indexes: Path | None = None) -> None:
        self.root = str(root).removeprefix("file://")
        self._places = Places(self.root, {_WRAP: self.root}, indexes)
        self._local = None if is_url(self.root) or is_archive(self.root) else Path(self.root)

    @classmethod
    def of(cls, settings: Settings) -> SetFiles:
        return cls(settings.benchmarks_dir, settings.archive_indexes_dir)

    @property
    def name(self) -> str:
        """The place in words, without credentials."""
        return self._places.described(_WRAP)

    def stamp(self, file_name: str) -> Stamp | None:
        """Size and version of a file; None where it is not there, or is nothing that may be opened.

        Raises:
            OSError: the place cannot be reached, so what it holds is unknown.
        """
        if (path := self._plain(file_name)) is not None:
            stat = path.stat()
            return Stamp(stat.st_size, str(stat.st_mtime_ns))
        try:
            return self._tree().stamp(file_name)
        except (FileNotFoundError, RefusedFileError):
            return None

    def open(self, file_name: str) -> BinaryIO:
        """A stream of the file's bytes.

        Raises:
            FileNotFoundError: it is not there; another OSError: it cannot be read; Refused: it must not be.
        """
        if (path := self._plain(file_name)) is not None:
            return path.open("rb", buffering=0)
        tree = self._tree()
        try:
            return tree.open(file_name)
        except FileNotFoundError:
            for problem in tree.problems():  # it may be in what of an archive cannot be read
                raise OSError(errno.EIO, f"{problem.archive}: {problem.detail}") from None
            raise

    def _plain(self, file_name: str) -> Path | None:
        path = self._local / file_name if self._local is not None else None
        return path if path is not None and path.is_file() else None

    def _tree(self) -> Tree:
        return self._places.tree(_WRAP)


def files_at(place: Path | str | SetFiles) -> SetFiles:
    """Benchmark files at a place, which is a path, a URL or already `SetFiles`."""
    return place if isinstance(place, SetFiles) else SetFiles(place)
