"""Which image files a source holds, in a stable order.

Belongs here: walking folders, and the rule that no path leaves the root. Does not belong here: what
annotations say (readers/) or which files a batch takes (take.py).

The order is that of the catalog's folders (training split first), then of the path. Files that are added
later sort between the others; since a batch only takes files that were never taken, that changes nothing
for what was.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from resources.storage.names import OutsideRoot, unsafe
from resources.storage.places import inside
from wethink_assets.sources.catalog import Source

__all__ = ["IMAGE_SUFFIXES", "OutsideRoot", "SourceMissing", "inside", "list_images", "source_folder", "unsafe"]
IMAGE_SUFFIXES = frozenset(
    ".jpg .jpeg .jpe .jfif .png .gif .webp .bmp .tif .tiff .jp2 .avif .mpo .ppm .pgm".split()
)


class SourceMissing(FileNotFoundError):
    """A source's folder is not there; the message names it and the cure."""

    def __str__(self) -> str:
        return str(self.args[0])


def source_folder(source: Source, root: Path) -> Path:
    """The source's folder, which may itself be a link to where the data lies.

    Raises:
        SourceMissing: it is not there.
    """
    folder = root / source.key
    if not folder.is_dir():
        raise SourceMissing(
            f"source {source.key} ({source.title}): no folder {folder}. Put the images there, point sources_root "
            f"(WETHINK_SOURCES_ROOT) at the folder that holds {source.key}/, or pause the source: "
            f'[sources] paused = ["{source.key}"].'
        )
    return folder


def list_images(source: Source, root: Path) -> Iterator[str]:
    """Paths of the image files, relative to `root`, with '/' between parts. Folders are read one at a time.

    Raises:
        SourceMissing: the source's folder is not there.
    """
    folder = source_folder(source, root)
    present = [folder / part for part in source.folders if (folder / part).is_dir()] or [folder]
    seen: set[Path] = set()
    for top in present:
        for path in _walk(top, seen):
            if source.only is None or path.name == source.only:
                yield path.relative_to(root).as_posix()
        seen.add(top)


def _walk(folder: Path, skip: set[Path]) -> Iterator[Path]:
    """Image files below a folder, sorted; folders that are links are not entered, so no walk is endless."""
    with os.scandir(folder) as entries:
        found = sorted((e for e in entries if not e.name.startswith(".")), key=lambda e: e.name)
    for entry in found:
        path = folder / entry.name
        if entry.is_dir(follow_symlinks=False):
            if path not in skip:
                yield from _walk(path, skip)
        elif path.suffix.lower() in IMAGE_SUFFIXES and _is_text(entry.name):
            yield path


def _is_text(name: str) -> bool:
    """Names that are not UTF-8 cannot be stored as text, so such files cannot be referred to."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
