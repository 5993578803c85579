"""Image files by id (content-addressed): from an id to the file and its bytes, wherever the file lies.

Belongs here: resolving ids through the lake, and checking that a file still is what it was. Does not belong
here: opening places (storage/), decoding (wethink_assets/decoding/), or any rule on which images are used.
"""

from __future__ import annotations

import builtins
import hashlib
import io
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from dagster import ConfigurableResource
from pydantic import PrivateAttr

from resources.lake.resource import Lake
from resources.settings import SettingsResource
from resources.storage.copies import Cache
from resources.storage.folder import LocalFolder
from resources.storage.places import Located, copies_of, described, locate

AT_ONCE = 16  # images fetched at a time
LOOK_AGAIN_S = 1.0


class ImageMissingError(FileNotFoundError):
    """No readable file has this id; the message names the image, where it was looked for, and the cure."""

    def __str__(self) -> str:
        return str(self.args[0])


class _Place(NamedTuple):
    """Below the sources' places, or in the store of benchmark images."""

    kind: str
    uri: str


class ImageFiles(ConfigurableResource):
    """Image files by id, as a Dagster resource. Safe to share between threads.

    An image that lies in a bucket or an archive is copied into a bounded cache where a file is needed; a file that
    was handed out stays until the run is over.
    """

    lake: Lake
    settings: SettingsResource
    _places: dict[str, list[_Place]] = PrivateAttr(default_factory=dict)
    _looked_again: float = PrivateAttr(default=float("-inf"))
    _lock: threading.Lock = PrivateAttr(default_factory=threading.Lock)

    def prefetch(self, image_ids: Iterable[str], *, files: bool = False) -> None:
        """Look up where these images lie, in one query; ids that are known cost nothing.

        With `files`, those of buckets and archives are fetched too, several at a time, so that `path` has them.
        """
        ids = list(dict.fromkeys(image_ids))
        with self._lock:
            unknown_ids = [image_id for image_id in ids if image_id not in self._places]
            places: dict[str, list[_Place]] = {}
            for row in self.lake.rows("images/select_image_places", ids=unknown_ids) if unknown_ids else ():
                places.setdefault(row["image_id"], []).append(_Place(row["place"], row["image_uri"]))
            self._places.update(places)
        if files:
            with ThreadPoolExecutor(AT_ONCE) as pool:
                for _ in pool.map(self._held, ids):
                    pass

    def path(self, image_id: str) -> Path:
        """The image's file on this machine. A plain file is there, but its bytes were not looked at.

        Raises:
            ImageMissingError: no stored place of this id has a file, or a bucket or archive holds other bytes.
        """
        self.prefetch([image_id])
        file = self._held(image_id) or self._held(image_id)  # again: a copy may go just before it is held
        if file is None and self._has_moved(image_id):
            file = self._held(image_id)
        if file is None:
            raise self._missing(image_id)
        return file

    def _held(self, image_id: str) -> Path | None:
        for located in self._located(image_id):
            if located.path is None:
                if self._fetched(image_id, located) is None:
                    continue
            elif not located.path.is_relative_to(self._cache.folder):
                if located.path.is_file():
                    return located.path
                continue
            if (held := self._cache.hold(image_id)) is not None:
                return held
        return None

    def bytes(self, image_id: str) -> builtins.bytes:
        """The image's bytes, whose SHA-256 is the id.

        Raises:
            ImageMissingError: no stored place of this id has a file with these bytes.
        """
        self.prefetch([image_id])
        data = self._intact(image_id)
        if data is None and self._has_moved(image_id):
            data = self._intact(image_id)
        if data is None:
            raise self._missing(image_id)
        return data

    def _intact(self, image_id: str) -> builtins.bytes | None:
        for located in self._located(image_id):
            try:
                if located.path is not None:
                    data = located.path.read_bytes()
                elif located.remote:
                    data = self._fetched(image_id, located) or b""
                else:
                    data = located.read() if located.read else b""
            except OSError:
                continue
            if hashlib.sha256(data).hexdigest() == image_id:
                return data
        return None

    def _has_moved(self, image_id: str) -> bool:
        """Look an image up again whose places hold it no more: a later batch may have found it elsewhere.

        At most once in `LOOK_AGAIN_S`, so that a share that is away costs no statement for each of its images.
        """
        with self._lock:
            if image_id not in self._places or time.monotonic() - self._looked_again < LOOK_AGAIN_S:
                return False
            self._looked_again = time.monotonic()
            before = self._places.pop(image_id)
        self.prefetch([image_id])
        return self._places.get(image_id) != before

    def teardown_after_execution(self, context: Any) -> None:
        self._cache.release()

    @property
    def _cache(self) -> Cache:
        return copies_of(self.settings.get())[1]

    def _located(self, image_id: str) -> Iterator[Located]:
        """Places of an image that was looked up, in turn."""
        settings = self.settings.get()
        for place in self._places.get(image_id, ()):
            try:
                if place.kind == "source":
                    yield locate(settings, place.uri, image_id)
                else:
                    yield Located(LocalFolder(settings.image_store_dir).local(place.uri))
            except (OSError, ValueError):  # gone, or leads out of its root
                continue

    def _fetched(self, image_id: str, located: Located) -> builtins.bytes | None:
        """The bytes from their bucket or archive, kept in the cache; None where they are not to be had."""
        try:
            data = located.read() if located.read else b""
            self._cache.keep(io.BytesIO(data), image_id)
            return data
        except OSError:
            return None

    def _missing(self, image_id: str) -> ImageMissingError:
        places = self._places.get(image_id, ())
        if not places:
            return ImageMissingError(
                f"image {image_id[:16]} is in no table: materialise its source and the image pool first"
            )
        settings = self.settings.get()
        named = ", ".join(
            described(settings, place.uri) if place.kind == "source" else str(settings.image_store_dir / place.uri)
            for place in places
        )
        return ImageMissingError(
            f"image {image_id[:16]}: {named} is gone or holds other bytes than were taken; "
            "put the file back, or materialise its source again"
        )
