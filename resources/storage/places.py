"""From a stored URI to the file, wherever its source is kept.

Belongs here: what settings say of places. Does not belong here: how a folder, archive or bucket is read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from resources.storage.names import OutsideRoot, unsafe
from wethink_assets.settings import Settings


@dataclass(frozen=True)
class Located:
    """A file: its local path, or where there is none, `read`, which gives its bytes and can be pickled.

    `read` raises OSError where the file cannot be had.
    """

    path: Path | None = None
    read: Callable[[], bytes] | None = None


def locate(settings: Settings, uri: str, sha256: str = "") -> Located:
    """Where a source's file lies now. `sha256` of its bytes, if known, finds a copy that is already here.

    Raises:
        OutsideRoot: the URI is absolute, climbs with '..', or a link on it leads out of the source's folder.
    """
    return Located(inside(uri, settings.sources_dir))


def inside(uri: str, root: Path) -> Path:
    """The file that a stored path names.

    Raises:
        OutsideRoot: the path is absolute, climbs with '..', or a link on it leads out of the source's folder.
    """
    if problem := unsafe(uri):
        raise OutsideRoot(f"{uri!r} {problem}")
    top = (root / uri.split("/", 1)[0]).resolve()
    path = (root / uri).resolve()
    if not path.is_relative_to(top):
        raise OutsideRoot(f"{uri!r} is a link that leads out of {top.name}/: copy the file, or link the whole folder")
    return path
