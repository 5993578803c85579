"""What lies on disk and was never taken: why a growth step could begin.

Belongs here: counting, for the growth sensor and for people. Does not belong here: opening a batch (jobs/).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

from resources.storage.places import Places
from wethink_assets.settings import Settings
from wethink_assets.sources.catalog import SOURCES, Source, sources_of
from wethink_assets.sources.listing import SourceMissing, list_images


class Reads(Protocol):
    """The lake, as far as it is needed here."""

    def rows(self, name: str, **parameters: Any) -> list[dict[str, Any]]: ...


def count_new_files(
    places: Places, taken: Mapping[str, Collection[str]], paused: Collection[str] = (), sources: Sequence[Source] = SOURCES
) -> dict[str, int]:
    """Files per source that are in no batch; sources without any, paused or missing ones are left out."""
    found = {}
    for source in sources:
        if source.key in paused:
            continue
        known = taken.get(source.key, ())
        try:
            count = sum(uri not in known for uri in list_images(source, places))
        except (SourceMissing, OSError):
            continue
        if count:
            found[source.key] = count
    return found


def new_files(lake: Reads, settings: Settings) -> dict[str, int]:
    """Files per source that no batch of this lake has taken."""
    taken: dict[str, set[str]] = {}
    for row in lake.rows("sources/select_all_taken"):
        taken.setdefault(row["source"], set()).add(row["image_uri"])
    return count_new_files(Places.of(settings), taken, settings.sources.paused, sources_of(settings.sources))
