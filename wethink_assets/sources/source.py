"""Source: one typed row of the catalog, a data set of images with annotations in a native format.

Belongs here: what is known of a source before it is read. Does not belong here: which sources there are (catalog.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Group = Literal["general", "text", "scientific", "added"]


@dataclass(frozen=True)
class Source:
    """A data set of images: what it is called, where its images lie, where it is published and under which terms.

    `key` names its folder and begins its images' URIs; `asset` names its asset, by default the key in lower case with
    `_` for what is no word character. `share`: rows of 120,000 that it is meant to give [D]. `folders`: where images
    lie below the source's folder, training split first; those that exist are read, the whole folder where none does.
    `reader`: the registered reader of its native annotations; `annotations` tells people which files these are. `only`:
    the one file name that counts as an image, where a folder holds others too. `document`: a pattern in the path below
    the folder, whose named group tells files of one document (`documents.py`).

    Raises:
        ValueError: the key is no folder name, the licence is empty, or `document` is no pattern with a named group.
    """

    key: str
    title: str
    group: Group = "added"
    share: int = 0
    licence: str = ""
    home: str = ""
    folders: tuple[str, ...] = ()
    reader: str = "images"
    annotations: str = ""
    only: str | None = None
    asset: str = ""
    document: str = ""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[\w+-][\w.+-]*", self.key):
            raise ValueError(f"source {self.key!r}: the key names a folder: letters, digits, '_', '+', '-', '.'")
        if not self.licence.strip():
            raise ValueError(
                f"source {self.key!r}: say the licence of its images, also where the publisher states none"
            )
        if self.document and not _groups(self.document):
            raise ValueError(
                f"source {self.key!r}: document {self.document!r} is no pattern with a named group, such as "
                r"(?P<report>\w+)_\d+\.png"
            )
        if not self.asset:
            object.__setattr__(self, "asset", re.sub(r"\W", "_", self.key).lower())


def _groups(pattern: str) -> bool:
    """Whether it is a pattern with named groups."""
    try:
        return bool(re.compile(pattern).groupindex)
    except re.error:
        return False
