"""Images of requests (base64 data: URLs): the picture as it lies, or a deterministic downscale of it.

Belongs here: reading, scaling down, data: URLs and their cache. Does not belong here: where images lie
(image_files.py), what their pixels are (wethink_assets/decoding/: what arrives here is upright and without
transparency), messages (wire.py).
"""

from __future__ import annotations

import asyncio
import builtins
import concurrent.futures
import contextlib
import functools
import hashlib
import io
import queue
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec
import pybase64

from resources.calls.messages import CallsError

CACHED_IMAGE_BYTES = 64 * 1024 * 1024
MAX_PIXELS = 256_000_000
JPEG_QUALITY = 95


class Images(Protocol):
    """What the engine needs of `ImageFiles`.

    `picture_bytes`, where it is offered, gives the picture that every reader sees alike, and its SHA-256.
    """

    def bytes(self, image_id: str) -> builtins.bytes: ...


@dataclass(frozen=True)
class Sent:
    """An image as it goes out: its data: URL as a JSON string, and the SHA-256 of the bytes in it."""

    url: msgspec.Raw
    sha256: str
    size: int


class SentImages:
    """A cache of images as they are sent: encoded once per image and size while they fit, off the event loop."""

    def __init__(self, images: Images | None) -> None:
        self._images = images
        self._readers = _Readers(2)
        self._cache: OrderedDict[tuple[str, int], asyncio.Future[Sent]] = OrderedDict()
        self._cached_bytes = 0

    async def get(self, image_id: str, max_side: int = 0) -> Sent:
        key = (image_id, max_side)
        future = self._cache.get(key)
        if future is not None:
            self._cache.move_to_end(key)
            if future.done():
                return future.result()
            return await asyncio.shield(future)  # a caller that gives up must not take the image from the others
        future = self._readers.submit(self._read, image_id, max_side)
        self._cache[key] = future
        sent = await asyncio.shield(future)
        self._cached_bytes += sent.size
        while self._cached_bytes > CACHED_IMAGE_BYTES and len(self._cache) > 1:
            _, oldest = self._cache.popitem(last=False)
            if oldest.done() and not oldest.cancelled() and oldest.exception() is None:
                self._cached_bytes -= oldest.result().size
        return sent

    def close(self) -> None:
        self._readers.close()

    def _read(self, image_id: str, max_side: int) -> Sent:
        if self._images is None:
            raise CallsError("these model calls carry images, but the engine was built without image files")
        picture_bytes = getattr(self._images, "picture_bytes", None)
        stored, sha256 = picture_bytes(image_id) if picture_bytes else (self._images.bytes(image_id), image_id)
        content = scaled_down(stored, max_side) if max_side else stored
        if content is not stored:  # whose hash is known
            sha256 = hashlib.sha256(content).hexdigest()
        url = b'"data:%b;base64,%b"' % (_media_type(content), pybase64.b64encode(content))  # nothing in it to escape
        return Sent(msgspec.Raw(url), sha256, len(url))


class _Readers:
    """Daemon threads that read images: one that hangs (a bucket that does not answer) does not delay the process's end.

    The threads of `ThreadPoolExecutor` are joined when the interpreter ends.
    """

    def __init__(self, count: int) -> None:
        self._queue: queue.SimpleQueue[tuple[concurrent.futures.Future[Any], Callable[[], Any]] | None] = (
            queue.SimpleQueue()
        )
        self._threads = [threading.Thread(target=self._work, name="sent-images", daemon=True) for _ in range(count)]
        self._started = False

    def submit(self, function: Callable[..., Sent], *arguments: Any) -> asyncio.Future[Sent]:
        if not self._started:
            self._started = True
            for thread in self._threads:
                thread.start()
        future: concurrent.futures.Future[Sent] = concurrent.futures.Future()
        self._queue.put((future, functools.partial(function, *arguments)))
        return asyncio.wrap_future(future)

    def close(self) -> None:
        """What was not begun is given up; the threads end after what they read."""
        with contextlib.suppress(queue.Empty):
            while True:
                if item := self._queue.get_nowait():
                    item[0].cancel()
        for _ in self._threads:
            self._queue.put(None)

    def _work(self) -> None:
        while (item := self._queue.get()) is not None:
            future, function = item
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(function())
                except BaseException as error:  # noqa: BLE001 - handed to the caller that waits for the image
                    future.set_exception(error)


def scaled_down(picture: bytes, max_side: int) -> bytes:
    """`picture` itself where its longer side is at most `max_side`, else a JPEG of that side.

    Lanczos, quality 95, no chroma subsampling: equal bytes in are equal bytes out with the locked versions of Pillow.

    Raises:
        OSError: it is no image that can be read.
        ValueError: it has more than `MAX_PIXELS` pixels.
    """
    from PIL import Image  # here, since a run that scales nothing needs no decoder

    with Image.open(io.BytesIO(picture)) as image:
        if max(image.size) <= max_side:
            return picture
        if image.width * image.height > MAX_PIXELS:
            raise ValueError(f"the image has {image.width} x {image.height} pixels, more than can be scaled down")
        factor = max_side / max(image.size)
        size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
        small = image.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    jpeg = io.BytesIO()
    small.save(jpeg, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    return jpeg.getvalue()


def _media_type(content: bytes) -> bytes:
    if content.startswith(b"\x89PNG"):
        return b"image/png"
    if content.startswith(b"GIF8"):
        return b"image/gif"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return b"image/webp"
    if content.startswith(b"BM"):
        return b"image/bmp"
    if content[:4] in (b"II*\x00", b"MM\x00*"):
        return b"image/tiff"
    return b"image/jpeg"
