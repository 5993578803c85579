"""Ingest of a source: which of its images a growth batch takes, and their rows of source_images.

Belongs here: choosing by quota and order, hashing, and rows with their failures. Pure: no Dagster, no lake.
Does not belong here: listing (listing.py), annotations (annotate.py), what is in a file (decoding/).
"""

from __future__ import annotations

import errno
import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any, BinaryIO

from resources.storage.copies import CHUNK, Copies
from resources.storage.names import RefusedFileError, too_long
from resources.storage.places import MOST, Places
from resources.storage.tree import Tree
from wethink_assets.accounting import StageResult, Stopped
from wethink_assets.settings import SourceSettings
from wethink_assets.sources.annotate import read_source
from wethink_assets.sources.annotation_join import Problem
from wethink_assets.sources.gates import OTHERS, PROBLEMS
from wethink_assets.sources.listing import list_images, source_tree
from wethink_assets.sources.source import Source
from wethink_assets.written_rows import SourceImageRow

PLAN = "growth_plan"  # the asset that says how many images a batch takes of each source
AT_ONCE = 16  # images asked of a bucket at a time
UNREACHABLE = "unreachable_place"  # the reason of files that could be read but for their place: no batch has taken them
WHOLE = 100_000  # images of a source in one batch where no quota is set: the pool holds some 9 KB of each in memory [D]
_LOST = frozenset((UNREACHABLE, "missing_file", "unreadable_file"))  # of a file that may be sound
FEW_FAILED, SURE_FAILED = 5, 50  # failed files from which on their share counts: at the end, and to stop at once [D]
# What a disk or share says that is away, rather than a file that is bad.
_AWAY = frozenset(
    {errno.EIO, errno.ESTALE, errno.ENOTCONN, errno.ETIMEDOUT, errno.EHOSTDOWN, errno.EHOSTUNREACH, errno.ENETDOWN}
    | {errno.ENETUNREACH, errno.ECONNRESET, errno.ENODEV, errno.ENXIO, errno.EREMOTEIO}
)


class TooManyFailedError(RuntimeError):
    """So many files of a source could not be read that the place is at fault; the message names the first."""


@dataclass(frozen=True)
class Taken:
    """A file chosen for a batch. `position` is its place in the source's order when it was first taken."""

    image_uri: str
    position: int


def choose(listing: Iterable[str], earlier: Sequence[Mapping[str, Any]], batch: str, quota: int | None) -> list[Taken]:
    """The files of this batch: those it has taken before, or else the next `quota` that no batch has taken.

    `earlier` are rows of every batch with image_uri, batch and position (None where the file failed).
    The listing is only read as far as needed.
    """
    mine = {row["image_uri"]: row["position"] for row in earlier if row["batch"] == batch}
    if mine:
        places: Mapping[str, int] = {}
        if any(position is None for position in mine.values()):
            places = {uri: place for place, uri in enumerate(listing) if uri in mine}
        known = [Taken(uri, places.get(uri, 0) if position is None else position) for uri, position in mine.items()]
        return sorted(known, key=lambda t: (t.position, t.image_uri))
    others = {row["image_uri"] for row in earlier}
    return list(_next(listing, others, quota))


def _next(listing: Iterable[str], others: set[str], quota: int | None) -> Iterator[Taken]:
    left = quota
    if left == 0:
        return
    for position, uri in enumerate(listing):
        if uri not in others:
            yield Taken(uri, position)
            if left is not None:
                left -= 1
                if left <= 0:
                    return


def quota_of(source: Source, settings: SourceSettings) -> int | None:
    """Quota: images per batch from this source; 0 when paused, None for all."""
    if source.key in settings.paused:
        return 0
    return settings.quotas.get(source.key, settings.quota)


def at_once(quota: int | None) -> int:
    """Images that one batch takes: `WHOLE` where no quota is set."""
    return WHOLE if quota is None else quota


def left_for_later(source: Source, quota: int | None, taken: int) -> str:
    """What to tell of a source that filled its batch although no quota is set; "" otherwise."""
    if quota is not None or taken < WHOLE:
        return ""
    return (
        f"source {source.key}: {taken:,} images are as many as a batch takes where no quota is set; the next batch "
        f"takes what is left. Set [sources.quotas] {source.key} for larger batches"
    )


def take(
    source: Source,
    places: Places,
    batch: str,
    earlier: Sequence[Mapping[str, Any]],
    quota: int | None,
    *,
    keep: Copies | None = None,
    cache: Copies | None = None,
    max_failed_share: float = 1.0,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[StageResult, list[Problem]]:
    """Rows of `source_images` for this batch, and what was wrong with annotation files and archives.

    `keep` is where every image is copied to; `cache` where those of a bucket are, so that they cross the network once.

    Raises:
        SourceMissingError: nothing is where the source should be.
        TooManyFailedError: more than this share of the files could not be read.
    """
    taken = choose(list_images(source, places), earlier, batch, quota)
    tree = source_tree(source, places)
    copies = keep or (cache if tree.remote else None)
    failed: list[Stopped] = []
    lost: list[Stopped] = []
    hashed: dict[str, tuple[str, int]] = {}
    for number, (file, outcome) in enumerate(_looked(taken, tree, copies), 1):
        progress(number, len(taken))
        if isinstance(outcome, Stopped):
            failed.append(outcome)
            if outcome.reason in _LOST:
                lost.append(outcome)
                _stop_where_the_place_is_lost(source, lost, number, SURE_FAILED, max_failed_share)
        else:
            hashed[file.image_uri] = outcome
    _stop_where_the_place_is_lost(source, lost, len(taken), FEW_FAILED, max_failed_share)
    positions = {file.image_uri: file.position for file in taken}
    records, problems = read_source(source, places, list(hashed))
    rows: list[SourceImageRow] = [
        {
            "source": source.key,
            "batch": batch,
            "image_uri": record.image_uri,
            "image_id": hashed[record.image_uri][0],
            "file_bytes": hashed[record.image_uri][1],
            "position": positions[record.image_uri],
            "licence": record.licence,
            "split": record.split,
            "context": record.context.to_json(),
        }
        for record in records
    ]
    annotated = sum(row["context"] != "{}" for row in rows)
    details = {
        "place": tree.name,
        "annotated_share": round(annotated / len(rows), 4) if rows else 0.0,
        PROBLEMS: [str(problem) for problem in problems if not problem.foreign],
        OTHERS: [str(problem) for problem in problems if problem.foreign],
    }
    return StageResult(len(taken), len(rows), {"source_images": rows}, failed=failed, details=details), problems


def _stop_where_the_place_is_lost(
    source: Source, lost: Sequence[Stopped], looked: int, enough: int, share: float
) -> None:
    if len(lost) >= enough and len(lost) > share * looked:
        raise TooManyFailedError(
            f"source {source.key}: {len(lost)} of {looked} files could not be read, the first: {lost[0].detail}. "
            f"Nothing was taken. Make the place readable and run this batch again; if so many are bad for good, raise "
            f"[sources] max_failed_share (now {share:g})"
        )


def _looked(
    taken: Sequence[Taken], tree: Tree, copies: Copies | None
) -> Iterator[tuple[Taken, tuple[str, int] | Stopped]]:
    """Hash and size of each file in turn, or why not. Of a bucket, several are read at a time."""

    def look(file: Taken) -> tuple[Taken, tuple[str, int] | Stopped]:
        return file, _hashed(file.image_uri, tree, copies)

    if not tree.remote:
        yield from map(look, taken)
        return
    with ThreadPoolExecutor(AT_ONCE) as pool:
        files = iter(taken)
        while some := list(islice(files, 4 * AT_ONCE)):
            yield from pool.map(look, some)


def _hashed(uri: str, tree: Tree, copies: Copies | None) -> tuple[str, int] | Stopped:
    if problem := too_long(uri):
        return Stopped(uri, "name_too_long", f"{uri[:80]}… {problem}: shorten it")
    try:
        with _opened(tree, uri.partition("/")[2]) as handle:
            if copies is not None:
                return copies.keep(handle)[:2]
            digest, size = hashlib.sha256(), 0
            while piece := handle.read(CHUNK):
                digest.update(piece)
                size += len(piece)
            return digest.hexdigest(), size
    except RefusedFileError as error:
        return Stopped(uri, error.reason, str(error))
    except FileNotFoundError:
        return Stopped(uri, "missing_file", f"{uri} is gone; put it back and run this batch again")
    except OSError as error:
        why = error.strerror or str(error)
        if tree.remote or error.errno in _AWAY:
            return Stopped(uri, UNREACHABLE, f"{uri}: {why}; its place is at fault, and the next batch takes it")
        return Stopped(uri, "unreadable_file", f"{uri}: {why}; make it readable and run this batch again")


def _opened(tree: Tree, path: str) -> BinaryIO:
    """Of a bucket, the whole file in one request unless it is huge."""
    if tree.remote and len(data := tree.read(path, MOST)) < MOST:
        return io.BytesIO(data)
    return tree.open(path)
