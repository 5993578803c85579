"""Places of sources (URI resolution): where each source is kept, and from a stored URI to the file.

Belongs here: what settings say of places. Does not belong here: how a folder, archive or bucket is read.

A stored URI is `<source key>/<path>`; it names no root, no bucket and no archive, so it stays true when a
source moves, is unpacked, or goes into a bucket.
"""

from __future__ import annotations

import errno
import hashlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from resources.storage.bucket import BucketFolder, plain_url
from resources.storage.copies import Cache, Copies
from resources.storage.folder import Folder, LocalFolder
from resources.storage.names import ARCHIVES, OutsideRootError, is_archive, is_packed, is_url, unsafe
from resources.storage.tree import Tree
from wethink_assets.settings import Settings

MOST = 128 * 1024 * 1024 + 1  # bytes of an image; what is larger is refused by its size

PlacesKey = tuple[str, tuple[tuple[str, str], ...], str | None]


class PlaceMissingError(FileNotFoundError):
    """Nothing is where a source should be; the message names the place."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True)
class Places:
    """Where all sources are kept.

    `root` is a folder, a bucket's folder or an archive that holds the sources' folders; `own` are places of single
    sources: a folder, an archive or a URL. `indexes` is the folder that remembers archives' members.

    One object sees archives as they are at its first look at each source. Safe to share between threads.
    """

    root: str
    own: Mapping[str, str] = field(default_factory=dict)
    indexes: Path | None = None
    _trees: dict[str, Tree] = field(default_factory=dict, compare=False, repr=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, compare=False, repr=False)

    @classmethod
    def at(cls, root: Path | str) -> Places:
        return cls(str(root))

    @classmethod
    def of(cls, settings: Settings) -> Places:
        return cls(str(settings.sources_dir), dict(settings.sources.places), settings.archive_indexes_dir)

    @property
    def key(self) -> PlacesKey:
        """What makes the same places again, in another process too."""
        return self.root, tuple(sorted(self.own.items())), str(self.indexes) if self.indexes else None

    def described(self, key: str) -> str:
        """The place where a source is looked for, without credentials."""
        place = self.own.get(key) or self._below_root(key)
        return plain_url(place) if is_url(place) else place

    def tree(self, key: str) -> Tree:
        """All files of a source.

        Raises:
            PlaceMissingError: nothing is there.
            OSError: its bucket cannot be reached.
        """
        with self._lock:
            if key not in self._trees:
                self._trees[key] = self._open(key)
            return self._trees[key]

    def root_folder(self) -> Folder | None:
        """The folder that holds the sources' folders; None where it is an archive."""
        return None if is_archive(self.root) else _folder(self.root)

    def _below_root(self, key: str) -> str:
        return f"{self.root.rstrip('/')}/{key}"

    def _open(self, key: str) -> Tree:
        if problem := unsafe(key):
            raise OutsideRootError(f"source {key!r} {problem}")
        if place := self.own.get(key):
            if is_archive(place):
                return self._archive(place, strip=key)
            if is_packed(place):
                raise PlaceMissingError(
                    f"{place} can only be read from its beginning: unpack it, or pack it again as .zip or plain .tar"
                )
            return self._plain(place)
        if is_archive(self.root):
            tree = self._archive(self.root, below=key)
            if not tree.exists():
                raise PlaceMissingError(f"no folder {key}/ in {tree.name}")
            return tree
        try:
            return self._plain(self._below_root(key))
        except PlaceMissingError as error:
            for suffix in ARCHIVES:
                try:
                    return self._archive(self._below_root(key) + suffix, strip=key)
                except PlaceMissingError:
                    continue
            raise PlaceMissingError(f"{error}, and no {key}.zip or {key}.tar beside it") from None

    def _plain(self, place: str) -> Tree:
        folder = _folder(place)
        try:
            there = folder.exists()
        except FileNotFoundError:
            there = False
        if not there:
            raise PlaceMissingError(f"no {'files below' if folder.remote else 'folder'} {folder.name}")
        return Tree(folder, self._index_file(place))

    def _archive(self, place: str, *, below: str = "", strip: str = "") -> Tree:
        parent, _, name = place.rpartition("/")
        folder = _folder(parent or "/")
        try:
            folder.stamp(name)
        except FileNotFoundError:
            raise PlaceMissingError(f"no archive {folder.name}/{name}") from None
        return Tree(folder, self._index_file(place), archive=name, below=below, strip=strip)

    def _index_file(self, place: str) -> Path | None:
        if self.indexes is None:
            return None
        return self.indexes / f"{hashlib.sha256(place.encode()).hexdigest()[:24]}.sqlite"


def _folder(place: str) -> Folder:
    place = place.removeprefix("file://")
    return BucketFolder(place) if is_url(place) else LocalFolder(Path(place))


@lru_cache(maxsize=8)
def _shared(root: str, own: tuple[tuple[str, str], ...], indexes: str | None) -> Places:
    return Places(root, dict(own), Path(indexes) if indexes else None)


def places_of(settings: Settings) -> Places:
    """Places for opening what was listed before; shared by all of this process."""
    return _shared(*Places.of(settings).key)


@dataclass(frozen=True)
class ReadImage:
    """A picklable reader of one file: its bytes, up to the size that an image may have. Raises OSError."""

    places: PlacesKey
    uri: str

    def __call__(self) -> bytes:
        key, _, path = self.uri.partition("/")
        try:
            return _shared(*self.places).tree(key).read(path, MOST)
        except ValueError as error:  # refused
            raise OSError(errno.EPERM, str(error)) from None


@dataclass(frozen=True)
class Located:
    """A file: its local path, or where there is none, `read`, which gives its bytes and can be pickled.

    `read` raises OSError where the file cannot be had. `remote`: it asks a server.
    """

    path: Path | None = None
    read: Callable[[], bytes] | None = None
    remote: bool = False


def locate(settings: Settings, uri: str, sha256: str = "") -> Located:
    """Where a source's file can be read. `sha256` of its bytes, if known, finds a copy that is already here.

    Raises:
        OutsideRootError: the URI is absolute, climbs with '..', or a link on it leads out of the source's folder.
    """
    if problem := unsafe(uri):
        raise OutsideRootError(f"{uri!r} {problem}")
    key, _, path = uri.partition("/")
    places = places_of(settings)
    remote = False
    try:
        tree = places.tree(key)
        remote = tree.remote
        if (local := tree.local(path)) is not None:
            return Located(local)
    except OutsideRootError:
        raise
    except (OSError, ValueError):  # gone or refused: a copy may be here, else reading it says so
        pass
    for copies in copies_of(settings):
        if sha256 and (copy := copies.find(sha256)) is not None:
            return Located(copy)
    return Located(read=ReadImage(places.key, uri), remote=remote)


def described(settings: Settings, uri: str) -> str:
    """Where a stored URI points now, in words and without credentials."""
    key, _, path = uri.partition("/")
    return f"{places_of(settings).described(key)}/{path}"


def copies_of(settings: Settings) -> tuple[Copies, Cache]:
    """The image store's copies and the cache."""
    return Copies(settings.image_store_dir), _cache(settings.image_cache_dir, settings.sources.cache_bytes)


@lru_cache(maxsize=8)
def _cache(folder: Path, limit: int) -> Cache:
    return Cache(folder, limit)
