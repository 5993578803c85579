"""Listing of a source: its image files, streamed in a stable order.

Belongs here: which names are images, and the order of the catalog's folders. Does not belong here: where files
lie (resources/storage/), what annotations say (readers/), which files a batch takes (ingest.py).

The order is that of the catalog's folders (training split first), then of the path. Files that are added
later sort between the others; since a batch only takes files that were never taken, that changes nothing
for what was. Listing is streamed: ten times the files take ten times as long, and no more memory but for the
names of one folder on a disk.
"""

from __future__ import annotations

from collections.abc import Iterator

from resources.storage.places import PlaceMissingError, Places
from resources.storage.tree import Tree
from wethink_assets.sources.source import Source

DECODED = ".jpg .jpeg .jpe .jfif .png .apng .gif .webp .bmp .tif .tiff .jp2 .j2k .avif .mpo .ppm .pgm .pbm .pnm .ico"
# Listed, so that each gets a row that says why it is no picture here, instead of being passed over in silence.
SET_ASIDE = ".heic .heif .jxl .svg .eps .psd .tga .icns .cur .pcx .exr .hdr .dng"
IMAGE_SUFFIXES = frozenset(f"{DECODED} {SET_ASIDE}".split())


class SourceMissingError(FileNotFoundError):
    """A source is not where it should be; the message names the place and the cure."""

    def __str__(self) -> str:
        return str(self.args[0])


def source_tree(source: Source, places: Places) -> Tree:
    """The source's files.

    Raises:
        SourceMissingError: nothing is there.
        OSError: its bucket cannot be reached.
    """
    try:
        return places.tree(source.key)
    except PlaceMissingError as error:
        raise SourceMissingError(
            f"source {source.key} ({source.title}): {error}. Put the images there, point sources_root "
            f"(WETHINK_SOURCES_ROOT) at the folder that holds {source.key}/, give it a place of its own "
            f'([sources.places] "{source.key}" = …), or pause it: [sources] paused = ["{source.key}"].'
        ) from None


def list_images(source: Source, places: Places) -> Iterator[str]:
    """URIs of the image files: the source's key, then the path below its place, with '/' between parts.

    Raises:
        SourceMissingError: nothing is where the source should be.
    """
    tree = source_tree(source, places)
    for path in image_paths(source, tree):
        yield f"{source.key}/{path}"


def image_folders(source: Source, tree: Tree) -> list[str]:
    """The catalog's folders that are there; the whole place where none is."""
    return [folder for folder in source.folders if tree.is_folder(folder)] or [""]


def image_paths(source: Source, tree: Tree) -> Iterator[str]:
    """Paths of the images below the source's place."""
    seen: list[str] = []
    for folder in image_folders(source, tree):
        inner = tuple(f"{other}/" for other in seen if other.startswith(f"{folder}/"))
        for path in tree.files(folder):
            if (
                is_image(path)
                and (source.only is None or path.endswith(f"/{source.only}"))
                and not path.startswith(inner)
            ):
                yield path
        seen.append(folder)


def is_image(path: str) -> bool:
    name = path.rsplit("/", 1)[-1]
    return "." in name and f".{name.rpartition('.')[2].lower()}" in IMAGE_SUFFIXES
