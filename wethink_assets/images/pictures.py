"""Pictures by image id: the pixels of files that were taken or that evaluation sets show, a few of them in memory.

Belongs here: from an id to a picture of bounded size, through the lake and the isolated decoder. Does not belong here:
what is compared (same_picture.py), where places are (resources/storage/), decoding (decoding/).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol

from PIL import Image

from resources.storage.names import OutsideRootError
from resources.storage.places import Located, locate
from wethink_assets.decoding.process import Decoder, Request
from wethink_assets.settings import Settings

HELD = 96  # pictures in memory [D]: about 60 MB at 448x448


class Rows(Protocol):
    """The part of the lake that is needed: reading by statement."""

    def rows(self, name: str, **parameters: Any) -> list[dict[str, Any]]: ...


@dataclass(frozen=True)
class Unseen:
    """Why there is no picture: a reason of the decoder, or `unreadable`."""

    reason: str
    detail: str


class Pictures:
    """Reads pictures of at most `pixels`. A context; its decoder ends with it.

    An image whose first file is gone is read from another one of the same bytes. Nothing is raised for a file.
    """

    def __init__(self, lake: Rows, settings: Settings, pixels: int) -> None:
        self._lake = lake
        self._settings = settings
        self._decoder = Decoder(hashes=False, raster=pixels, limit_s=settings.images.limit_s)
        self._places: dict[str, list[tuple[str, str]]] = {}
        self._held: OrderedDict[str, Image.Image | Unseen] = OrderedDict()

    def __enter__(self) -> Pictures:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._held.clear()
        self._decoder.close()

    @property
    def decoder_pid(self) -> int | None:
        return self._decoder.pid

    def expect(self, image_ids: Iterable[str]) -> None:
        """Look up where these images lie, in one query; those that are known cost nothing."""
        unknown = [image_id for image_id in dict.fromkeys(image_ids) if image_id not in self._places]
        if not unknown:
            return
        self._places.update((image_id, []) for image_id in unknown)
        for row in self._lake.rows("images/select_image_places", ids=unknown):
            self._places[row["image_id"]].append((row["place"], row["image_uri"]))

    def get(self, image_id: str) -> Image.Image | Unseen:
        """The picture of an image, or why there is none."""
        if image_id in self._held:
            self._held.move_to_end(image_id)
            return self._held[image_id]
        self.expect([image_id])
        found = self._held[image_id] = self._read(image_id)
        if len(self._held) > HELD:
            self._held.popitem(last=False)
        return found

    def _read(self, image_id: str) -> Image.Image | Unseen:
        unseen = Unseen("unreadable", "no file of this image is known")
        for located in self._located(image_id):
            if isinstance(located, Unseen):
                unseen = located
                continue
            seen = self._decoder.inspect(Request(image_id, located.path, image_id, located.read))
            if seen.ok:
                return Image.frombytes("RGB", seen.raster_size, seen.raster)
            unseen = Unseen(seen.reason, seen.detail)
        return unseen

    def _located(self, image_id: str) -> Iterator[Located | Unseen]:
        for place, uri in self._places[image_id]:
            try:
                if place == "benchmark":
                    yield Located(self._settings.image_store_dir / uri)
                else:
                    yield locate(self._settings, uri, image_id)
            except OutsideRootError as error:
                yield Unseen("outside_root", str(error))
            except OSError as error:
                yield Unseen("unreadable", error.strerror or str(error))
