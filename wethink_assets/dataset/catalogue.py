"""The catalogue of releases: which there are, by which names people call them, and tags that can be moved.

Belongs here: finding a release by its id, the beginning of it, or a tag. Does not belong here: making one (release.py),
comparing two (difference.py), printing (cli/releases.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from resources.lake.writes import Commit, Write

LATEST = "latest"  # always the release that the asset wrote last: never a tag in the lake
_TAG = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,63}")
_ID = re.compile(r"[0-9a-f]{4,16}")

Row = dict[str, Any]


class Rows(Protocol):
    """The lake, as far as it is needed here."""

    def rows(self, name: str, **parameters: Any) -> list[Row]: ...

    def write(self, commit: Commit, writes: Sequence[Write]) -> int: ...


class UnknownReleaseError(LookupError):
    """No release, or several, go by this name; the message lists what there is."""

    def __str__(self) -> str:
        return str(self.args[0])


class TagError(ValueError):
    """No such tag may be given; the message says which may."""


def releases(lake: Rows) -> list[Row]:
    """All releases, the oldest first, each with its tags (`latest` among them) and policies."""
    found = lake.rows("dataset/select_releases")
    latest = {row["release_id"] for row in lake.rows("dataset/select_latest_release")}
    for row in found:
        row["tags"] = [*([LATEST] if row["release_id"] in latest else []), *row["tags"]]
    return found


def release_named(lake: Rows, name: str) -> Row:
    """The release of a tag, of an id, or of the beginning of an id that no other shares.

    Raises:
        UnknownReleaseError: none or several.
    """
    known = releases(lake)
    if not known:
        raise UnknownReleaseError("there is no release yet: materialise the asset release")
    found = [row for row in known if name == row["release_id"] or name in row["tags"]]
    if not found and _ID.fullmatch(name):
        found = [row for row in known if row["release_id"].startswith(name)]
    if len(found) == 1:
        return found[0]
    names = ", ".join(
        f"{row['release_id']}{' (' + ', '.join(row['tags']) + ')' if row['tags'] else ''}" for row in known
    )
    which = "no release is" if not found else f"{len(found)} releases are"
    raise UnknownReleaseError(f"{which} named {name!r}; there are: {names}")


def check_tag(name: str) -> None:
    """Whether a tag may have this name.

    Raises:
        TagError: it could be taken for an id, is reserved, or holds other characters.
    """
    if not _TAG.fullmatch(name) or _ID.fullmatch(name) or name == LATEST:
        raise TagError(
            f"a tag is a letter and up to 63 letters, digits, dots, dashes or underscores, neither {LATEST!r} nor an "
            f"id of hex digits; got {name!r}"
        )


def tag(lake: Rows, name: str, release_id: str, by: str) -> str:
    """Give or move a tag; says from where.

    Raises:
        TagError: the name could be taken for an id, is reserved, or holds other characters.
    """
    check_tag(name)
    before = [row["release_id"] for row in releases(lake) if name in row["tags"]]
    row = {"tag": name, "release_id": release_id, "moved_at": datetime.now(UTC), "moved_by": by}
    lake.write(Commit("release_tags"), [Write("release_tags", [row], mode="upsert")])
    return f"{name} is {release_id} now" + (f", and was {before[0]}" if before and before[0] != release_id else "")


def untag(lake: Rows, name: str) -> str:
    """Take a tag away; the release stays.

    Raises:
        UnknownReleaseError: there is no such tag.
    """
    before = [row["release_id"] for row in releases(lake) if name in row["tags"] and name != LATEST]
    if not before:
        raise UnknownReleaseError(f"there is no tag {name!r}")
    lake.write(Commit("release_tags"), [Write("release_tags", [], replace={"tag": name})])
    return f"{name} is gone; it was {before[0]}"
