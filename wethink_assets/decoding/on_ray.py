"""Decoding over a Ray cluster: the same process for each file, and the same rows, as on one machine.

Belongs here: actors, pieces of work, and what happens when a node or a worker dies. Does not belong here: decoding, or
its time and memory limits, which every actor keeps by a child process of its own (process.py).

Imported only where `[images] engine = "ray"`. Ray sends no usage statistics and starts no dashboard; a cluster of this
process's own listens on loopback only.
"""

from __future__ import annotations

import logging
import os
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from wethink_assets.decoding.process import START_S, WORKER, Decoder, Inspected, Request

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # leaves CUDA_VISIBLE_DEVICES as it is
try:
    import ray
except ImportError:
    raise ImportError(
        '[images] engine = "ray" needs Ray, which is not installed: install the extra `ray`, '
        'or set engine = "processes"'
    ) from None
from ray._private import ray_constants
from ray.exceptions import RayActorError, RayTaskError

PIECE = 16  # files of one call [D]: enough to hide its cost, few enough to lose little when a worker dies
TRIES = 2  # calls that a file may lose its worker in before it counts as the cause
OBJECT_STORE = 100 * 1024 * 1024  # bytes [D]: only results pass through it; the least that Ray takes is 75 MiB


class DecodingActor:
    """One Ray worker; the decoding process below it dies when the worker does."""

    def __init__(self, **how: Any) -> None:
        self._decoder = Decoder(**how)

    def inspect(self, requests: list[Request]) -> list[Inspected]:
        return [self._decoder.inspect(request) for request in requests]


@dataclass
class _Call:
    requests: list[Request]
    actor: Any
    tries: int


def inspect_on_ray(
    requests: Sequence[Request],
    *,
    hashes: bool = True,
    thumbnail: int = 0,
    workers: int = 0,
    limit_s: float = 30.0,
    address: str = "",
    module: str = WORKER,
) -> Iterator[Inspected]:
    """Yield one result per request, in any order, as `inspect_files` does. `workers` 0: one per CPU of the cluster.

    A file whose worker died is tried again with another, by itself; after `TRIES` it counts as `decoder_died`.

    Raises:
        ConnectionError: no cluster answers at `address`.
        RuntimeError: the cluster gave no result for longer than its files may take.
    """
    if not requests:
        return
    how = {"hashes": hashes, "thumbnail": thumbnail, "limit_s": limit_s, "module": module}
    with _cluster(address, workers):
        workers = workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
        pieces = deque((list(requests[i : i + PIECE]), 1) for i in range(0, len(requests), PIECE))
        actor = ray.remote(num_cpus=1, max_restarts=0, max_task_retries=0)(DecodingActor)
        idle: list[Any] = [actor.remote(**how) for _ in range(min(workers, len(pieces)))]
        calls: dict[Any, _Call] = {}
        try:
            while pieces or calls:
                while pieces and idle:
                    piece, tries = pieces.popleft()
                    mine = idle.pop()
                    calls[mine.inspect.remote(piece)] = _Call(piece, mine, tries)
                done, _ = ray.wait(list(calls), timeout=START_S + PIECE * limit_s)
                if not done:
                    raise RuntimeError(
                        f"Ray gave no result for {START_S + PIECE * limit_s:g} s: it needs {workers} free CPUs "
                        '(`ray status` shows them); lower [images] workers, or set engine = "processes"'
                    )
                for ref in done:
                    call = calls.pop(ref)
                    try:
                        results = ray.get(ref)
                    except RayTaskError as error:
                        raise RuntimeError(f"decoding on Ray failed: {error.cause or error}") from error
                    except RayActorError as error:
                        idle.append(actor.remote(**how))
                        results = _again(call, pieces, error)
                    else:
                        idle.append(call.actor)
                    yield from results
        finally:
            for mine in [*idle, *(call.actor for call in calls.values())]:
                ray.kill(mine)


def _again(call: _Call, pieces: deque[tuple[list[Request], int]], error: RayActorError) -> list[Inspected]:
    """Put the files of a lost call back, one by one; or give one up that lost its worker time and again."""
    if len(call.requests) == 1 and call.tries >= TRIES:
        why = " ".join(str(error).split())[:200]
        return [Inspected(call.requests[0].key, "decoder_died", f"its Ray worker died {call.tries} times: {why}")]
    pieces.extend(([request], call.tries + 1) for request in call.requests)
    return []


@contextmanager
def _cluster(address: str, workers: int) -> Iterator[None]:
    """The cluster that this process is connected to already, that at `address`, or one of its own until the end."""
    if ray.is_initialized():
        yield
        return
    common: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.WARNING}
    if address:
        ray.init(address=address, **common)
    else:
        with _on_loopback():
            ray.init(
                address="local",
                num_cpus=workers or len(os.sched_getaffinity(0)),
                object_store_memory=OBJECT_STORE,
                include_dashboard=False,
                **common,
            )
    try:
        yield
    finally:
        ray.shutdown()


@contextmanager
def _on_loopback() -> Iterator[None]:
    """What starts in the block has the node address 127.0.0.1, and so every part of the cluster listens only there.

    Ray replaces a loopback address that it is given by the machine's own, and then listens on all of them, except
    where it may not be a cluster of machines. This is the switch it has for that (RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER);
    as an environment variable it would hold for a cluster that the user names too.
    """
    before = ray_constants.ENABLE_RAY_CLUSTER
    ray_constants.ENABLE_RAY_CLUSTER = False
    try:
        yield
    finally:
        ray_constants.ENABLE_RAY_CLUSTER = before
