"""Thumbnails: small JPEG copies of image files that people see in metadata and on pages.

Belongs here: making them within bounds, and naming a file that cannot be shown. Does not belong here: several on one
sheet (contact_sheet.py), the HTML around them (evaluation/report). The files are hostile: each is opened in a worker
process of bounded memory, time and pixels (decoding/process.py), never in the process that shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from resources.storage.places import Located
from wethink_assets.decoding.inspect import Inspected, Request, inspect_files
from wethink_assets.presentation.plots import embedded

Readable = Located | Path | Callable[[], bytes]


def look(files: Mapping[str, Readable], side: int) -> dict[str, Inspected]:
    """Thumbnail of each file by its name: `thumbnail` is JPEG of at most `side` pixels a side, or `reason` says why.

    Raises nothing: what cannot be fetched has the reason `unreadable`, and all that is left has `no_decoder` where no
    worker process could be started. A picture for people must not stop the rows of a batch.
    """
    requests = [_request(name, file) for name, file in files.items()]
    looked: dict[str, Inspected] = {}
    try:
        for seen in inspect_files(requests, hashes=False, thumbnail=side, workers=1):
            looked[seen.key] = seen
    except (OSError, RuntimeError) as error:
        looked |= {name: Inspected(name, "no_decoder", str(error)) for name in files if name not in looked}
    return looked


def thumbnails(files: Mapping[str, Readable], side: int) -> dict[str, bytes]:
    """JPEG thumbnails by name, of the files that are pictures."""
    return {name: seen.thumbnail for name, seen in look(files, side).items() if seen.ok}


def thumbnail_markdown(files: Mapping[str, Readable], side: int, *, name_chars: int = 12) -> dict[str, str]:
    """Markdown of each file's thumbnail by name; the name alone, cut to `name_chars`, where there is no thumbnail."""
    return {
        name: embedded(seen.thumbnail, "jpeg", name[:name_chars]) if seen.ok else name[:name_chars]
        for name, seen in look(files, side).items()
    }


def _request(name: str, file: Readable) -> Request:
    if isinstance(file, Path):
        return Request(name, file)
    if isinstance(file, Located):
        return Request(name, file.path, read=file.read)
    return Request(name, read=_fetching(file))


def _fetching(read: Callable[[], bytes]) -> Callable[[], bytes]:
    """`read`, whose failures are all OSError."""

    def fetched() -> bytes:
        try:
            return read()
        except OSError:
            raise
        except Exception as error:  # whatever a store raises: this file alone has no thumbnail
            raise OSError(str(error) or type(error).__name__) from error

    return fetched
