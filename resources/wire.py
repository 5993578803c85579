"""A request as an endpoint takes it: messages with the images' bytes in them, and the turns that ask for a repair.

Belongs here: data: URLs and what else is only seen on the wire; none of it is stored.
Does not belong here: sending (endpoints.py), the stored form of a message (requests.py).
"""

from __future__ import annotations

import asyncio
import base64
import concurrent.futures
from collections import OrderedDict
from typing import Any, Protocol

from resources.replies import Reading
from resources.requests import CallsError, ModelRequest

CACHED_IMAGE_BYTES = 64 * 1024 * 1024
MAX_SHOWN = 16_000  # characters of an invalid reply that its repair shows again


class Images(Protocol):
    """What the engine needs of `ImageFiles`."""

    def bytes(self, image_id: str) -> bytes: ...


class ImageUrls:
    """data: URLs, made once per image and run as long as they fit the cache, off the loop."""

    def __init__(self, images: Images | None) -> None:
        self._images = images
        self._pool = concurrent.futures.ThreadPoolExecutor(2, thread_name_prefix="image-urls")
        self._cache: OrderedDict[str, asyncio.Future[str]] = OrderedDict()
        self._cached_bytes = 0

    async def get(self, image_id: str) -> str:
        future = self._cache.get(image_id)
        if future is not None:
            self._cache.move_to_end(image_id)
            return await asyncio.shield(future)  # a caller that gives up must not take the image from the others
        future = asyncio.get_running_loop().run_in_executor(self._pool, self._read, image_id)
        self._cache[image_id] = future
        url = await asyncio.shield(future)
        self._cached_bytes += len(url)
        while self._cached_bytes > CACHED_IMAGE_BYTES and len(self._cache) > 1:
            _, oldest = self._cache.popitem(last=False)
            if oldest.done() and not oldest.cancelled() and oldest.exception() is None:
                self._cached_bytes -= len(oldest.result())
        return url

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _read(self, image_id: str) -> str:
        if self._images is None:
            raise CallsError("these model calls carry images, but the engine was built without image files")
        content = self._images.bytes(image_id)
        return f"data:{_media_type(content)};base64,{base64.b64encode(content).decode('ascii')}"


async def on_the_wire(request: ModelRequest, urls: ImageUrls) -> list[dict[str, Any]]:
    """Messages as the endpoint takes them: image ids replaced by the images' bytes."""
    messages = request.messages()
    for message in messages:
        if isinstance(message["content"], list):
            message["content"] = [
                {"type": "image_url", "image_url": {"url": await urls.get(part["image_id"])}}
                if part["type"] == "image"
                else part
                for part in message["content"]
            ]
    return messages


def _media_type(content: bytes) -> str:
    if content.startswith(b"\x89PNG"):
        return "image/png"
    if content.startswith(b"GIF8"):
        return "image/gif"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content.startswith(b"BM"):
        return "image/bmp"
    if content[:4] in (b"II*\x00", b"MM\x00*"):
        return "image/tiff"
    return "image/jpeg"


def repair(reading: Reading) -> list[dict[str, str]]:
    """The turns that show a model what was wrong with its reply."""
    return [
        {"role": "assistant", "content": reading.text[:MAX_SHOWN] or "(empty)"},
        {
            "role": "user",
            "content": f"This reply cannot be used: {reading.detail}. "
            "Answer the request above again, in exactly the form that it asks for, and write nothing else.",
        },
    ]
