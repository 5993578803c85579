"""Which images of a source a growth batch takes, and the rows that come of them.

Belongs here: choosing by quota and order, hashing, and rows with their failures. Pure: no Dagster, no lake.
Does not belong here: listing (listing.py), annotations (readers/), what is in a file (images/).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wethink_assets.accounting import StageResult, Stopped
from wethink_assets.images.hashing import sha256_of_file
from wethink_assets.settings import SourceSettings
from wethink_assets.sources.catalog import Source
from wethink_assets.sources.listing import OutsideRoot, inside, list_images
from wethink_assets.sources.reading import Problem, read_source


@dataclass(frozen=True)
class Taken:
    """A file chosen for a batch. `position` is its place in the source's order when it was first taken."""

    image_uri: str
    position: int


def choose(
    listing: Iterable[str], earlier: Sequence[Mapping[str, Any]], batch: str, quota: int | None
) -> list[Taken]:
    """The files of this batch: those it has taken before, or else the next `quota` that no batch has taken.

    `earlier` are rows of every batch with image_uri, batch and position (None where the file failed).
    The listing is only read as far as needed.
    """
    mine = {row["image_uri"]: row["position"] for row in earlier if row["batch"] == batch}
    if mine:
        places: Mapping[str, int] = {}
        if any(position is None for position in mine.values()):
            places = {uri: place for place, uri in enumerate(listing) if uri in mine}
        known = [
            Taken(uri, places.get(uri, 0) if position is None else position) for uri, position in mine.items()
        ]
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
    """Images a batch takes from this source: 0 when paused, None for all."""
    if source.key in settings.paused:
        return 0
    return settings.quotas.get(source.key, settings.quota)


def take(
    source: Source,
    root: Path,
    batch: str,
    earlier: Sequence[Mapping[str, Any]],
    quota: int | None,
) -> tuple[StageResult, list[Problem]]:
    """Rows of `source_images` for this batch, and what was wrong with annotation files.

    Raises:
        SourceMissing: the source's folder is not there.
    """
    chosen = choose(list_images(source, root), earlier, batch, quota)
    failed: list[Stopped] = []
    hashed: dict[str, tuple[str, int]] = {}
    for file in chosen:
        try:
            hashed[file.image_uri] = sha256_of_file(inside(file.image_uri, root))
        except OutsideRoot as error:
            failed.append(Stopped(file.image_uri, "outside_root", str(error)))
        except FileNotFoundError:
            detail = f"{file.image_uri} is gone; put it back and run this batch again"
            failed.append(Stopped(file.image_uri, "missing_file", detail))
        except OSError as error:
            why = error.strerror or str(error)
            detail = f"{file.image_uri}: {why}; make it readable and run this batch again"
            failed.append(Stopped(file.image_uri, "unreadable_file", detail))
    positions = {file.image_uri: file.position for file in chosen}
    records, problems = read_source(source, root, list(hashed))
    rows = [
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
        "annotated_share": round(annotated / len(rows), 4) if rows else 0.0,
        "annotation_problems": [str(p) for p in problems],
    }
    return StageResult(len(chosen), len(rows), {"source_images": rows}, failed=failed, details=details), problems
