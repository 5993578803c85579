"""Which names may be followed: a path of a data set never leads out of the place that it belongs to.

Belongs here: rules on names. Does not belong here: opening anything.
"""

from __future__ import annotations


class OutsideRoot(ValueError):
    """A path leads out of the place it must stay in."""


def unsafe(path: str) -> str | None:
    """Why a path from an annotation file, an archive or a table must not be followed; None where it may."""
    if not path or "\0" in path:
        return "is empty or holds a NUL"
    if path.startswith(("/", "\\")) or path[1:3] in (":\\", ":/"):
        return "is absolute"
    if ".." in path.replace("\\", "/").split("/"):
        return "climbs out with '..'"
    return None
