"""Source check: what is there before anything is taken, can it be read, is it annotated, what is missing.

Belongs here: the looking, on a sample where a source is large. Does not belong here: the table (cli/sources.py).

Nothing is written but the index of archives. Of a large source the first COUNTED images are counted, SAMPLED of them
opened, and the first bytes of each annotation file read; the report says where it looked at a part.
"""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, BinaryIO, cast

from resources.storage.names import RefusedFileError
from resources.storage.places import Located, Places, locate
from resources.storage.tree import File, Tree
from wethink_assets.decoding.inspect import Request, inspect_files
from wethink_assets.settings import Settings
from wethink_assets.sources.annotate import annotate
from wethink_assets.sources.annotation_join import AnnotationCollector, Problem
from wethink_assets.sources.ingest import FEW_FAILED
from wethink_assets.sources.listing import SourceMissingError, image_folders, is_image, list_images, source_tree
from wethink_assets.sources.source import Source

COUNTED = 100_000  # images
SAMPLED = 12  # images that are opened
READ = 64 * 1024 * 1024  # bytes of each annotation file
LOST = "unreadable"  # the reason of a file whose place is at fault, not its picture
ARCHIVE = "the image archive that WeThink's authors point to unzips into folders of these names"


@dataclass
class Checked:
    """What was found of one source. `counted_all` is False where there may be more images; `questions` are those of the
    sampled images."""

    source: Source
    place: str
    paused: bool = False
    missing: str = ""
    folders: list[str] = field(default_factory=list)
    images: int = 0
    counted_all: bool = True
    sampled: int = 0
    readable: int = 0
    annotated: int = 0
    questions: int = 0
    files: list[str] = field(default_factory=list)
    in_part: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    elsewhere: dict[str, int] = field(default_factory=dict)
    lost: bool = False

    @property
    def ok(self) -> bool:
        """Whether a growth batch can take its images: paused, or there and some readable.

        A picture that is none costs itself alone. Files that cannot be read at all stop the batch where they are many.
        """
        return self.paused or (not self.missing and self.readable > 0 and not self.lost)

    def advice(self) -> list[str]:
        """What is missing, and how to get it."""
        if self.paused and not self.images:
            return []
        if self.missing:
            return [self.missing]
        lines = []
        if not self.images:
            folders = " or ".join(f"{folder}/" for folder in self.source.folders) or "any folder"
            lines.append(
                f"no image in {self.place}: expected in {folders}; {ARCHIVE}, or see {self.source.home}. "
                f'Without images: [sources] paused = ["{self.source.key}"]'
            )
        elif not self.annotated and self.source.reader != "images":
            read = (
                f"read {', '.join(self.files)}, but nothing in them names a sampled image"
                if self.files
                else "none found"
            )
            lines.append(
                f"annotations ({read}) are optional: {self.source.annotations}, from {self.source.home}, "
                f"below {self.place}"
            )
        if self.elsewhere:
            number = sum(self.elsewhere.values())
            lines.append(
                f"{number:,} {'images lie' if number > 1 else 'image lies'} outside {', '.join(self.folders)} and "
                f"{'are' if number > 1 else 'is'} not taken: "
                + ", ".join(f"{folder or self.place}/ ({n:,})" for folder, n in sorted(self.elsewhere.items()))
            )
        if self.readable < self.sampled and self.ok and not self.paused:
            bad = self.sampled - self.readable
            lines.append(
                f"{bad} of {self.sampled} opened files give no picture: each is set aside, the others are taken"
            )
        return lines + self.problems + self.notes


def check_source(source: Source, settings: Settings, *, full: bool = False, sample: int = SAMPLED) -> Checked:
    """Look at one source. `full` counts every image and reads annotation files to their end."""
    places = Places.of(settings)
    checked = Checked(source, places.described(source.key), paused=source.key in settings.sources.paused)
    try:
        tree = source_tree(source, places)
        checked.place = tree.name
        checked.folders = [folder for folder in image_folders(source, tree) if folder]
        uris = _sample(list_images(source, places), None if full else COUNTED, sample, checked)
    except SourceMissingError as error:
        checked.missing = f"{error} Images: {ARCHIVE}, or see {source.home}."
        return checked
    except OSError as error:
        checked.missing = f"{checked.place}: {error.strerror or error}"
        return checked
    checked.sampled = len(uris)
    _open(uris, settings, checked)
    _elsewhere(tree, checked)
    _annotate(uris, places, tree, None if full else READ, checked)
    return checked


def _sample(listing: Iterator[str], most: int | None, size: int, checked: Checked) -> list[str]:
    """Some of the first `most` URIs, each as likely, the same every time, in order (reservoir sampling)."""
    dice = random.Random(0)
    kept: list[tuple[int, str]] = []
    for number, uri in enumerate(listing):
        if most is not None and number >= most:
            checked.counted_all = False
            break
        checked.images = number + 1
        if number < size:
            kept.append((number, uri))
        elif (place := dice.randrange(number + 1)) < size:
            kept[place] = number, uri
    return [uri for _, uri in sorted(kept)]


def _open(uris: list[str], settings: Settings, checked: Checked) -> None:
    requests, refused, lost = [], set(), 0
    for uri in uris:
        try:
            at = locate(settings, uri)
        except RefusedFileError as error:
            refused.add(uri)
            at = Located(read=_raising(error))
        requests.append(Request(uri, at.path, read=at.read))
    for seen in inspect_files(requests, hashes=False):
        if seen.ok:
            checked.readable += 1
        else:
            lost += seen.reason == LOST and seen.key not in refused
            checked.problems.append(f"{seen.key}: {seen.reason}: {seen.detail}")
    checked.lost = lost >= FEW_FAILED and lost > settings.sources.max_failed_share * len(uris)


def _raising(error: RefusedFileError):
    def read() -> bytes:
        raise OSError(str(error))

    return read


def _elsewhere(tree: Tree, checked: Checked) -> None:
    """Count images beside the catalog's folders, which no batch takes: of the first COUNTED files of a disk."""
    if not checked.folders or tree.remote:
        return
    taken = tuple(f"{folder}/" for folder in checked.folders)
    for path in islice(tree.files(), COUNTED):
        if (
            is_image(path)
            and not path.startswith(taken)
            and (checked.source.only is None or path.endswith(f"/{checked.source.only}"))
        ):
            folder = path.rpartition("/")[0]
            checked.elsewhere[folder] = checked.elsewhere.get(folder, 0) + 1


def _annotate(uris: list[str], places: Places, tree: Tree, most: int | None, checked: Checked) -> None:
    collector = AnnotationCollector(checked.source, uris, places)
    watched = Watched(tree, most)
    if uris:
        annotate(cast(Tree, watched), collector)
    records = collector.records()
    checked.annotated = sum(not record.context.empty for record in records)
    checked.questions = sum(len(record.context.qa) for record in records)
    checked.files = [path for path in watched.opened if path not in watched.own] + (
        [f"{len(watched.own)} files of single images"] if watched.own else []
    )
    for problem in collector.problems():
        if problem.reason == READ_IN_PART:
            checked.in_part.append(problem.file.partition("/")[2] or problem.file)
        elif problem.foreign:
            checked.notes.append(_line(problem))
        else:
            checked.problems.append(_line(problem))
    foreign = {problem.file.partition("/")[2] for problem in collector.problems() if problem.foreign}
    checked.files = [path for path in checked.files if path not in foreign]


def _line(problem: Problem) -> str:
    return " ".join(str(problem).split())[:300]


READ_IN_PART = "read_in_part"


class Watched:
    """A tree that remembers which files were read, and ends each after `most` bytes."""

    def __init__(self, tree: Tree, most: int | None) -> None:
        self._tree, self._most = tree, most
        self.opened: dict[str, None] = {}
        self.own: dict[str, None] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tree, name)

    def find(self, *patterns: str) -> list[File]:
        return [self.file(file.path) for file in self._tree.find(*patterns)]

    def file(self, path: str) -> File:
        return File(cast(Tree, self), path)

    def open(self, path: str, expect: int | None = None) -> BinaryIO:
        handle = self._tree.open(path, expect)
        self.opened[path] = None
        return handle if self._most is None else io.BufferedReader(_First(handle, self._most))  # type: ignore[arg-type]

    def read(self, path: str, limit: int) -> bytes:
        data = self._tree.read(path, limit)
        self.own[path] = None
        return data


class _First(io.RawIOBase):
    """The first bytes of a stream; reading on is refused."""

    def __init__(self, handle: BinaryIO, most: int) -> None:
        self._handle, self._most = handle, most

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._handle.seek(offset, whence)

    def tell(self) -> int:
        return self._handle.tell()

    def readinto(self, buffer: Any) -> int:
        if self._handle.tell() >= self._most:
            raise RefusedFileError(READ_IN_PART, f"only the first {self._most >> 20} MiB were read")
        data = self._handle.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._handle.close()
        super().close()
