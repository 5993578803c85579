"""Source documents (grouping key): which image files are pages or variants of one document, by their names.

Belongs here: from an image's URI to the document that its source says it is of. Pure.
Does not belong here: which sources name documents so (catalog.py), what look-alikes are (images/look_alikes.py).

A source's `document` is a pattern with named groups: its group names the collection, what it matches the document. Two
sources of one collection, such as Visual Genome and GQA, name the same document alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import polars as pl

from wethink_assets.settings import Settings
from wethink_assets.sources.catalog import sources_of
from wethink_assets.sources.source import Source


class Documents:
    """The documents of these sources."""

    def __init__(self, sources: Iterable[Source]) -> None:
        self._patterns = {source.key: re.compile(source.document) for source in sources if source.document}

    def of(self, image_uri: str) -> str | None:
        """The document of a file, as `collection:name`; None where its source names none."""
        source, _, path = image_uri.partition("/")
        pattern = self._patterns.get(source)
        match = pattern.search(path) if pattern else None
        named = [(name, text) for name, text in match.groupdict().items() if text] if match else []
        return ":".join(named[0]) if named else None

    def of_files(self, uris: Iterable[str]) -> str | None:
        """The document of an image that lies in these files; the first by name where they are of several."""
        return min(filter(None, map(self.of, uris)), default=None)


def with_documents(images: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """The images with their `document` in place of `files`, the lists of files that each lies in."""
    documents = Documents(sources_of(settings.sources))
    named = [documents.of_files(uris or ()) for uris in images["files"].to_list()]
    return images.drop("files").with_columns(pl.Series("document", named, pl.String))
