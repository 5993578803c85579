"""Annotation join: joins a source's annotations to the images of a batch by file name or id.

Belongs here: which image an annotation means, collecting what readers tell, and keeping broken annotation files from
stopping images. Does not belong here: any native format (readers/), running a reader (annotate.py).

Annotation files can be gigabytes, so they are streamed, and only what concerns the requested images is kept.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any

from resources.storage.names import RefusedFileError, unsafe
from resources.storage.places import Places
from resources.storage.tree import File, Tree
from wethink_assets.sources.annotations import ImageAnnotations
from wethink_assets.sources.source import Source

SLACK = 1_000  # entries of one image kept before they are cut to the limits
FOREIGN = "other_format"  # the reason of a sound file that only lies beside a source's own


class ForeignFileError(ValueError):
    """A file is sound, but not of its source's format; the message says what was looked for and is not there."""


@dataclass(frozen=True)
class Record:
    """One image and what its source says of it. `image_uri` is relative to the sources root."""

    image_uri: str
    licence: str
    split: str | None
    context: ImageAnnotations


@dataclass(frozen=True)
class Problem:
    """What is wrong with an annotation file, and the cure. `count` entries had it."""

    file: str
    reason: str
    detail: str
    count: int = 1

    @property
    def foreign(self) -> bool:
        """Whether nothing is wrong: the file only lies beside those of the source."""
        return self.reason == FOREIGN

    def __str__(self) -> str:
        if self.foreign:
            return f"{self.file}: {self.detail}"
        return f"{self.file}: {self.reason}: {self.detail}" + (f" ({self.count} times)" if self.count > 1 else "")


class AnnotationCollector:
    """Joins annotations to the requested images: readers ask which images an entry means, and tell what it says."""

    def __init__(self, source: Source, uris: Sequence[str], places: Places | None = None) -> None:
        self.source = source
        self.uris = tuple(uris)
        self._places = places
        self._contexts: dict[str, ImageAnnotations] = {}
        self._splits: dict[str, str] = {}
        self._licences: dict[str, str] = {}
        self._problems: dict[tuple[str, str], Problem] = {}
        self._by_name: dict[str, list[str]] = {}
        self._by_stem: dict[str, list[str]] = {}
        for uri in uris:
            name = _key(uri.rsplit("/", 1)[-1])
            self._by_name.setdefault(name, []).append(uri)
            for stem in {name.rsplit(".", 1)[0], _number(name.rsplit(".", 1)[0])}:
                self._by_stem.setdefault(stem, []).append(uri)

    @cached_property
    def shared(self) -> list[File]:
        """Caption files beside the sources' folders, which may speak of several sources."""
        return shared_captions(self._places) if self._places else []

    # -- which image does an annotation mean? ---------------------------------------------------

    def named(self, path: Any, file: File | None = None) -> list[str]:
        """Requested images that an annotation's path means: equal file names, of those the longest equal path end."""
        if not isinstance(path, str):
            return []
        if why := unsafe(path):
            self.problem(file, "unsafe_path", f"{path[:120]!r} {why}; the entry is left out")
            return []
        parts = _key(path).split("/")
        same_name = self._by_name.get(parts[-1], [])
        if len(same_name) < 2 or len(parts) < 2:
            return same_name
        ends = {uri: _common_end(parts, _key(uri).split("/")) for uri in same_name}
        longest = max(ends.values())
        return [uri for uri in same_name if ends[uri] == longest]

    def numbered(self, image_id: Any) -> list[str]:
        """Requested images whose file name, without its suffix, is this id; leading zeros do not matter."""
        if isinstance(image_id, bool) or not isinstance(image_id, (int, str)):
            return []
        if isinstance(image_id, int) and abs(image_id) >= 10**40:
            return []
        stem = _key(str(image_id))
        return self._by_stem.get(stem) or self._by_stem.get(_number(stem), [])

    # -- what readers tell ----------------------------------------------------------------------

    def add(self, uris: Sequence[str], context: ImageAnnotations) -> None:
        for uri in uris:
            before = self._contexts.get(uri)
            merged = context if before is None else before.plus(context)
            self._contexts[uri] = merged.bounded() if merged.entries > SLACK else merged

    def split(self, uris: Sequence[str], split: str) -> None:
        for uri in uris:
            self._splits.setdefault(uri, split)

    def licence(self, uris: Sequence[str], licence: str) -> None:
        for uri in uris:
            self._licences[uri] = licence

    def problem(self, file: File | None, reason: str, detail: str, count: int = 1) -> None:
        """Note what is wrong; equal problems of a file are counted under the first one's words."""
        name = self._relative(file) if file else self.source.key
        before = self._problems.get((name, reason))
        if before is None:
            self._problems[name, reason] = Problem(name, reason, detail, count)
        else:
            self._problems[name, reason] = Problem(name, reason, before.detail, before.count + count)

    @contextmanager
    def reading(self, file: File) -> Iterator[None]:
        """Whatever goes wrong inside costs the rest of this file and is noted with its cure; images still go."""
        try:
            yield
        except RefusedFileError as error:
            self.problem(file, error.reason, str(error))
        except ForeignFileError as error:
            self.problem(file, FOREIGN, f"not of this source's format ({error}): skipped")
        except OSError as error:
            self.problem(file, "unreadable", f"{error.strerror or error}; make the file readable and run again")
        except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError, OverflowError) as error:
            text = " ".join(str(error).split())[:200]
            self.problem(
                file, "broken", f"{text or type(error).__name__}; what stands before is used. Fetch the file again"
            )

    def has(self, file: File) -> bool:
        """Whether an annotation file is there; one that must not be opened is noted."""
        try:
            file.size()
        except RefusedFileError as error:
            self.problem(file, error.reason, str(error))
            return False
        except OSError:
            return False
        return True

    def _relative(self, file: File) -> str:
        return file.path if file in self.__dict__.get("shared", ()) else f"{self.source.key}/{file.path}"

    # -- the outcome ----------------------------------------------------------------------------

    def records(self) -> list[Record]:
        """One record per requested image, in the order of the request."""
        return [
            Record(
                uri,
                self._licences.get(uri, self.source.licence),
                self._splits.get(uri) or split_of_path(uri),
                self._contexts.get(uri, ImageAnnotations()).bounded(),
            )
            for uri in self.uris
        ]

    def problems(self) -> list[Problem]:
        return list(self._problems.values())


def shared_captions(places: Places) -> list[File]:
    """ShareGPT4V's files as its authors distribute them: one for many sources, beside their folders."""
    root = places.root_folder()
    if root is None or not root.exists():
        return []
    names = [name for name in root.level("", limit=1_000).files if fnmatchcase(name, "*share*.json")]
    tree = Tree(root)
    return [tree.file(name) for name in names]


SPLITS: Mapping[str, str] = {
    "train": "train",
    "train2017": "train",
    "train_images": "train",
    "train_val_images": "train",
    "val": "val",
    "val2017": "val",
    "test": "test",
    "test_images": "test",
}


def split_of_path(uri: str) -> str | None:
    """The split that a folder's name tells, where one does."""
    return next((SPLITS[part] for part in uri.split("/")[1:-1] if part in SPLITS), None)


def _key(path: str) -> str:
    return unicodedata.normalize("NFC", path.replace("\\", "/"))


def _number(stem: str) -> str:
    return (stem.lstrip("0") or "0") if stem.isascii() and stem.isdigit() else stem


def _common_end(a: list[str], b: list[str]) -> int:
    count = 0
    for x, y in zip(reversed(a), reversed(b), strict=False):
        if x != y:
            break
        count += 1
    return count
