"""Decoding pool: many files in worker processes that may die or hang without losing the batch.

Belongs here: the pool of processes on this machine, and which engine looks into files. Does not belong here: what
decoding is (decode.py), one process (process.py), a cluster (on_ray.py).
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from wethink_assets.decoding.process import WORKER, Decoder, Inspected, Request
from wethink_assets.settings import ImageSettings

__all__ = ["Inspected", "Request", "inspect_files", "inspector"]

Inspect = Callable[[Sequence[Request]], Iterator[Inspected]]

FILES_PER_START = 48  # [D] a worker's imports cost the CPU time of 15 photos or 120 drawn pictures


def inspector(settings: ImageSettings, pictures: Path | None = None) -> Inspect:
    """The function that looks into files as configured: same requests, same rows, whatever the engine.

    `pictures` is the folder of normalised copies. A cluster's nodes make none: they need not see it.
    """
    if settings.engine == "ray":
        from wethink_assets.decoding.on_ray import inspect_on_ray  # imports Ray only where it is chosen

        return partial(inspect_on_ray, workers=settings.workers, limit_s=settings.limit_s, address=settings.ray_address)
    return partial(inspect_files, workers=settings.workers, limit_s=settings.limit_s, pictures=pictures)


def inspect_files(
    requests: Sequence[Request],
    *,
    hashes: bool = True,
    thumbnail: int = 0,
    raster: int = 0,
    workers: int = 0,
    limit_s: float = 30.0,
    module: str = WORKER,
    pictures: Path | None = None,
) -> Iterator[Inspected]:
    """Yield one result per request, in any order. `limit_s` is per file; `workers` 0: one per core, and one per
    `FILES_PER_START` files at most.

    Closing the iterator ends the workers, but for one that waits for the next files of this process.
    """
    waiting: queue.SimpleQueue[Request] = queue.SimpleQueue()
    for request in requests:
        waiting.put(request)
    done: queue.SimpleQueue[Inspected | BaseException] = queue.SimpleQueue()
    stop = threading.Event()
    workers = workers or min(len(os.sched_getaffinity(0)), -(-len(requests) // FILES_PER_START))
    how: dict[str, Any] = {"hashes": hashes, "thumbnail": thumbnail, "raster": raster, "limit_s": limit_s}
    decoders = [Decoder(**how, module=module, pictures=pictures) for _ in range(min(workers, len(requests)))]
    threads = [
        threading.Thread(target=_drain, args=(waiting, done, stop, decoder), daemon=True) for decoder in decoders
    ]
    for thread in threads:
        thread.start()
    try:
        for _ in requests:
            result = done.get()
            if isinstance(result, BaseException):
                raise result
            yield result
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _drain(
    waiting: queue.SimpleQueue[Request],
    done: queue.SimpleQueue[Inspected | BaseException],
    stop: threading.Event,
    decoder: Decoder,
) -> None:
    try:
        while not stop.is_set():
            done.put(decoder.inspect(waiting.get_nowait()))
    except queue.Empty:
        pass
    except BaseException as error:  # noqa: BLE001 - the reader must not wait for a result that never comes
        done.put(error)
    finally:
        decoder.close()
