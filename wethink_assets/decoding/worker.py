"""Decode worker, the sandboxed process that opens hostile files: `python -m wethink_assets.decoding.worker`.

Belongs here: one request per line on stdin, followed by the file's bytes where it names no path, one JSON reply per
line on stdout, followed by the bytes of a raster, and the memory limit, which the kernel holds the process to. The
first line says that it is ready.
It ends when stdin closes, so it never outlives its parent. Does not belong here: retries and time limits (inspect.py).
"""

from __future__ import annotations

import base64
import io
import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

from wethink_assets.decoding.decode import MAX_FILE_BYTES, Decoded, UndecodableError, decode, raster, thumbnail
from wethink_assets.decoding.hashing import perceptual_hashes, sha256_of
from wethink_assets.decoding.pictures import PictureCopies

# Above the process after its imports, which takes about 70 MiB: file, picture and copies. Together at most 512 MiB.
MEMORY = 432 * 1024 * 1024
LARGE = 16_000_000  # pixels from which on a failure may be for want of memory [D]


def answer(request: dict[str, Any], data: bytes = b"") -> dict[str, Any]:
    """Reply to one request.

    It holds `path` (else `data` are the bytes), `sha256` (empty: not checked), `hash` (both), `thumbnail` (side or 0),
    `raster` (pixels or 0), `pictures` (the folder of normalised copies, for files whose `sha256` is given, or empty).
    """
    if "path" in request:
        try:
            with Path(request["path"]).open("rb") as handle:
                data = handle.read(MAX_FILE_BYTES + 1)
        except OSError as error:
            return {"reason": "unreadable", "detail": error.strerror or str(error)}
    if request.get("sha256") and sha256_of(data) != request["sha256"]:
        return {"reason": "changed_since_taken", "detail": "the file's bytes are no longer those that were taken"}
    stream = io.BytesIO(data)
    del data
    try:
        decoded = decode(stream)
        reply: dict[str, Any] = {"format": decoded.format, "width": decoded.size[0], "height": decoded.size[1]}
        if request.get("hash"):
            reply["phash"], reply["phash256"] = perceptual_hashes(decoded.image)
        if request.get("thumbnail"):
            reply["thumbnail"] = base64.b64encode(thumbnail(decoded.image, request["thumbnail"])).decode("ascii")
        if request.get("raster"):
            small = raster(decoded.image, request["raster"])
            reply["raster"], reply["raster_size"] = small.tobytes(), small.size
        if request.get("pictures"):
            reply["picture_id"] = _picture_id(decoded, request["sha256"], PictureCopies(Path(request["pictures"])))
        return reply
    except UndecodableError as error:
        # C decoders call a refused malloc a broken file.
        if error.reason == "corrupt" and error.pixels > LARGE and peak_memory() > MEMORY // 2:
            return {"reason": "out_of_memory", "detail": f"{error}; or it needs more than {MEMORY >> 20} MiB"}
        return {"reason": error.reason, "detail": str(error)}
    except MemoryError:
        return {"reason": "out_of_memory", "detail": f"more than {MEMORY >> 20} MiB were needed"}


def _picture_id(decoded: Decoded, image_id: str, copies: PictureCopies) -> str:
    """SHA-256 of the file that holds the picture: the image, or the copy that is made now where there is none.

    Empty where the copy cannot be written, which is no fault of the image: it is made at its first use.
    """
    if decoded.plain:
        return image_id
    try:
        return (copies.find(image_id) or copies.keep(image_id, decoded.image)).sha256
    except (OSError, MemoryError):
        return ""


_before = 0  # bytes of address space after the imports


def limit_memory() -> None:
    """Allocations beyond `MEMORY` fail from now on: in Python as MemoryError, in a C decoder as it likes."""
    global _before
    pages = Path("/proc/self/statm").read_text("ascii").split()[0]
    _before = int(pages) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (_before + MEMORY, _before + MEMORY))


def peak_memory() -> int:
    """The most bytes of address space that the process ever had above its start; 0 where no limit was set."""
    if not _before:
        return 0
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    peak = next(int(line.split()[1]) for line in lines if line.startswith("VmPeak:"))
    return peak * 1024 - _before


def main() -> None:
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a decoder prints must not pass for a reply
    if "--hash" in sys.argv:
        import imagehash  # noqa: F401  before the memory limit counts
        import scipy.fftpack  # noqa: F401

        from wethink_assets.decoding.lanczos import as_expected

        as_expected()  # which also takes the memory that products of matrices keep
    if Path("/proc/self/statm").exists():
        limit_memory()
    replies.write(b"ready\n")
    replies.flush()
    while line := sys.stdin.buffer.readline():
        request = json.loads(line)
        try:
            data = sys.stdin.buffer.read(request.get("bytes", 0))
        except MemoryError:  # the rest of the bytes stands in the pipe: only a new worker can go on
            sys.exit(f"no room for {request['bytes']} bytes")
        reply = answer(request, data)
        pixels = reply.pop("raster", b"")
        replies.write(json.dumps({**reply, "bytes": len(pixels)}).encode() + b"\n")
        replies.write(pixels)
        replies.flush()


if __name__ == "__main__":
    main()
