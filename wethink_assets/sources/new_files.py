"""New files: images per source that no growth batch has taken, which is why a growth step could begin.

Belongs here: counting, for the growth sensor and for people. Does not belong here: opening a batch (jobs/).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from resources.storage.places import Places
from wethink_assets.settings import Settings
from wethink_assets.sources.catalog import SOURCES, Source, sources_of
from wethink_assets.sources.ingest import quota_of
from wethink_assets.sources.listing import SourceMissingError, list_images

STRIDE = 1000  # files; as many as an object store names in one request


class Reads(Protocol):
    """The lake, as far as it is needed here."""

    def read(self, name: str, **parameters: Any) -> Any: ...


@dataclass
class Look:
    """New files per source.

    `untaken`: files in no batch, of each source that was listed to its end; `missing` could not be read; `unlisted`
    were not reached in time, the one that took too long first.
    """

    untaken: dict[str, int] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    unlisted: list[str] = field(default_factory=list)


def count_new_files(
    places: Places,
    taken: Callable[[str], Collection[str]],
    sources: Sequence[Source] = SOURCES,
    late: Callable[[], bool] = lambda: False,
) -> Look:
    """Lists the sources in this order until it is `late`, which is asked every `STRIDE` files.

    `taken` gives the files of a source that batches took: those of one source are in memory at a time.
    """
    look = Look()
    for number, source in enumerate(sources):
        count, known = 0, None
        try:
            for place, uri in enumerate(list_images(source, places)):
                if place % STRIDE == 0 and late():
                    look.unlisted = [s.key for s in sources[number:]]
                    return look
                known = taken(source.key) if known is None else known
                count += uri not in known
        except (SourceMissingError, OSError):
            look.missing.append(source.key)
        else:
            look.untaken[source.key] = count
    return look


def new_files(lake: Reads, settings: Settings, first: str = "", late: Callable[[], bool] = lambda: False) -> Look:
    """Files per source that no batch of this lake has taken, from source `first` on and around, without paused ones."""
    active = [s for s in sources_of(settings.sources) if quota_of(s, settings.sources) != 0]
    start = next((i for i, s in enumerate(active) if s.key == first), 0)

    def taken(source: str) -> set[str]:
        return set(lake.read("sources/select_taken_of_source", source=source)["image_uri"])

    return count_new_files(Places.of(settings), taken, active[start:] + active[:start], late)
