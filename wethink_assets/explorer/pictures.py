"""Pictures on pages: small JPEG copies of images by id, made ahead of the browser and kept on disk (thumbnail cache).

Belongs here: the cache, and making its files in worker processes that stay. Does not belong here: opening hostile files
(decoding/), where images lie (resources/image_files.py). The bytes of an image are never handed to a browser.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from queue import SimpleQueue

from resources.image_files import ImageFiles
from resources.private import private_folder
from wethink_assets.decoding.inspect import Inspected, Request
from wethink_assets.decoding.process import Decoder

SMALL, LARGE = 320, 1280  # pixels of the longer side: in a gallery, on a row's own page
MOST_BYTES = 1 << 30  # of the cache [D]
WORKERS = 2
_ID = re.compile(r"[0-9a-f]{64}")


class PictureError(LookupError):
    """A picture cannot be shown; the message says why."""


class NoPictureError(PictureError):
    """This is no id of an image."""


class Pictures:
    """Copies of at most `side` pixels in `folder`, which may be removed at any time."""

    def __init__(self, images: ImageFiles, folder: Path, side: int, limit_s: float) -> None:
        self._images, self._folder, self._side = images, folder / str(side), side
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix=f"pictures-{side}")
        self._decoders: SimpleQueue[Decoder] = SimpleQueue()
        for _ in range(WORKERS):
            self._decoders.put(Decoder(hashes=False, thumbnail=side, limit_s=limit_s))
        self._making: dict[str, Future[bytes]] = {}
        self._lock = threading.RLock()
        self._bytes: int | None = None

    def get_ready(self) -> None:
        """Begin to start the worker processes, whose imports take longer than a page of pictures."""
        for _ in range(WORKERS):
            self._pool.submit(self._look, Request("nothing", read=lambda: b""))

    def expect(self, image_ids: Iterable[str]) -> None:
        """Begin to make those that are not there, in this order: the browser will ask for them."""
        missing = [i for i in dict.fromkeys(image_ids) if _ID.fullmatch(i) and not self._path(i).is_file()]
        if not missing:
            return
        looked_up = self._pool.submit(self._images.prefetch, missing)
        for image_id in missing:
            self._begin(image_id, looked_up)

    def jpeg(self, image_id: str) -> bytes:
        """The copy of an image.

        Raises:
            NoPictureError: this is no id of an image.
            PictureError: it cannot be shown.
        """
        if not _ID.fullmatch(image_id):
            raise NoPictureError("an image has an id of 64 hexadecimal digits")
        with suppress(OSError):
            return self._path(image_id).read_bytes()
        return self._begin(image_id, None).result()

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)
        while not self._decoders.empty():
            self._decoders.get().close()

    def _begin(self, image_id: str, after: Future[None] | None) -> Future[bytes]:
        with self._lock:
            making = self._making.get(image_id)
            if making is None:
                making = self._pool.submit(self._make, image_id, after)
                self._making[image_id] = making
                making.add_done_callback(partial(self._made, image_id))
            return making

    def _made(self, image_id: str, _: Future[bytes]) -> None:
        with self._lock:
            self._making.pop(image_id, None)

    def _make(self, image_id: str, after: Future[None] | None) -> bytes:
        if after is not None:
            after.exception()  # a look-up that failed is told by the next one
        seen = self._look(Request(image_id, read=partial(self._images.bytes, image_id)))
        if not seen.ok:
            raise PictureError(seen.detail or seen.reason)
        with suppress(OSError):  # a full disk costs speed alone
            self._keep(image_id, seen.thumbnail)
        return seen.thumbnail

    def _look(self, request: Request) -> Inspected:
        decoder = self._decoders.get()  # the one that waits longest
        try:
            return decoder.inspect(request)
        except RuntimeError as error:  # no process could be started
            return Inspected(request.key, "no_decoder", str(error))
        finally:
            self._decoders.put(decoder)

    def _keep(self, image_id: str, data: bytes) -> None:
        path = self._path(image_id)
        private_folder(path.parent)
        part = path.with_name(f"{path.name}.{os.getpid()}.part")
        part.write_bytes(data)
        part.replace(path)
        with self._lock:
            if self._bytes is None:
                self._bytes = sum(size for _, size, _ in self._kept())
            self._bytes += len(data)
            if self._bytes > MOST_BYTES:
                self._bytes = self._swept(MOST_BYTES // 2)

    def _kept(self) -> list[tuple[float, int, Path]]:
        found = [(path.stat(), path) for path in self._folder.glob("*/*.jpg")]
        return [(stat.st_mtime, stat.st_size, path) for stat, path in found]

    def _swept(self, most: int) -> int:
        """Remove the oldest copies until this many bytes are left."""
        left = 0
        for _, size, path in sorted(self._kept(), reverse=True):
            if left + size > most:
                path.unlink(missing_ok=True)
            else:
                left += size
        return left

    def _path(self, image_id: str) -> Path:
        return self._folder / image_id[:2] / f"{image_id}.jpg"
