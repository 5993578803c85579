"""The process that opens hostile files: `python -m wethink_assets.images.decode_worker`.

Belongs here: one request a line on stdin, followed by the file's bytes where it names no path, one JSON reply a line on stdout, within a memory limit.
The first line says that it is ready. It ends when stdin closes, so it never outlives its parent.
Does not belong here: retries and time limits (decoding.py).
"""

from __future__ import annotations

import base64
import json
import os
import resource
import sys
from typing import Any

from wethink_assets.images.decode import MAX_FILE_BYTES, Undecodable, decode, thumbnail
from wethink_assets.images.hashing import perceptual_hashes, sha256_of

MEMORY = 640 * 1024 * 1024  # above what the process has after its imports: file, picture and copies


def answer(request: dict[str, Any], data: bytes = b"") -> dict[str, Any]:
    """Reply to one request: `path` (else `data`), `sha256` (empty: not checked), `hash` (both) and `thumbnail` (side or 0)."""
    if "path" in request:
        try:
            with open(request["path"], "rb") as handle:
                data = handle.read(MAX_FILE_BYTES + 1)
        except OSError as error:
            return {"reason": "unreadable", "detail": error.strerror or str(error)}
    if request.get("sha256") and sha256_of(data) != request["sha256"]:
        return {"reason": "changed_since_taken", "detail": "the file's bytes are no longer those that were taken"}
    try:
        made = decode(data)
        del data
        reply: dict[str, Any] = {"format": made.format, "width": made.size[0], "height": made.size[1]}
        if request.get("hash"):
            reply["phash"], reply["phash256"] = perceptual_hashes(made.image)
        if request.get("thumbnail"):
            reply["thumbnail"] = base64.b64encode(thumbnail(made.image, request["thumbnail"])).decode("ascii")
        return reply
    except Undecodable as error:
        return {"reason": error.reason, "detail": str(error)}
    except MemoryError:
        return {"reason": "out_of_memory", "detail": f"more than {MEMORY >> 20} MiB were needed"}


def limit_memory() -> None:
    with open("/proc/self/statm", encoding="ascii") as handle:
        now = int(handle.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + MEMORY, now + MEMORY))


def main() -> None:
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a decoder prints must not pass for a reply
    if "--hash" in sys.argv:
        import imagehash  # noqa: F401  before the memory limit counts
        import scipy.fftpack  # noqa: F401
    if os.path.exists("/proc/self/statm"):
        limit_memory()
    replies.write("ready\n")
    replies.flush()
    while line := sys.stdin.buffer.readline():
        request = json.loads(line)
        data = sys.stdin.buffer.read(request.get("bytes", 0))
        replies.write(json.dumps(answer(request, data)) + "\n")
        replies.flush()


if __name__ == "__main__":
    main()
