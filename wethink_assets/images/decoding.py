"""Decoding many files in worker processes that may die or hang without losing the batch.

Belongs here: the pool, its time limit, and the typed result of a file. Does not belong here: what decoding
is (decode.py). A file that kills or stalls its worker costs that one file; the worker is replaced.
"""

from __future__ import annotations

import base64
import json
import os
import queue
import select
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from wethink_assets.images.decode import MAX_FILE_BYTES

PROJECT_ROOT = Path(__file__).resolve().parent.parent.parent
WORKER = "wethink_assets.images.decode_worker"
START_S = 120.0  # for a worker's imports, which no file is charged with


@dataclass(frozen=True)
class Request:
    """A file by `path`, or `read` where it has none here: that gives the bytes, can be pickled, and raises OSError.

    `key` names the file in the result; `sha256`, if given, must be that of the bytes.
    """

    key: str
    path: Path | None = None
    sha256: str = ""
    read: Callable[[], bytes] | None = None


@dataclass(frozen=True)
class Inspected:
    """What is in a file, or the `reason` why nothing is known of it. `thumbnail` is JPEG."""

    key: str
    reason: str = ""
    detail: str = ""
    format: str = ""
    width: int = 0
    height: int = 0
    phash: str = ""
    phash256: str = ""
    thumbnail: bytes = b""

    @property
    def ok(self) -> bool:
        return not self.reason


def inspect_files(
    requests: Sequence[Request],
    *,
    hashes: bool = True,
    thumbnail: int = 0,
    workers: int = 2,
    limit_s: float = 30.0,
    module: str = WORKER,
) -> Iterator[Inspected]:
    """Yield one result per request, in any order. `limit_s` is per file.

    Closing the iterator ends the workers.
    """
    waiting: queue.SimpleQueue[Request] = queue.SimpleQueue()
    for request in requests:
        waiting.put(request)
    done: queue.SimpleQueue[Inspected | BaseException] = queue.SimpleQueue()
    stop = threading.Event()
    threads = [
        threading.Thread(
            target=_drain, args=(waiting, done, stop, hashes, thumbnail, limit_s, module), daemon=True
        )
        for _ in range(min(workers, len(requests)))
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
    hashes: bool,
    thumbnail: int,
    limit_s: float,
    module: str,
) -> None:
    worker: _Worker | None = None
    try:
        while not stop.is_set():
            try:
                request = waiting.get_nowait()
            except queue.Empty:
                return
            worker = worker or _Worker(hashes, module)
            message = {"sha256": request.sha256, "hash": hashes, "thumbnail": thumbnail}
            data = b""
            if request.path is not None:
                message["path"] = str(request.path)
            elif request.read is not None:
                try:
                    data = request.read()
                except OSError as error:
                    done.put(Inspected(request.key, "unreadable", error.strerror or str(error)))
                    continue
                if len(data) > MAX_FILE_BYTES:
                    detail = f"{len(data)} bytes; at most {MAX_FILE_BYTES} are read"
                    done.put(Inspected(request.key, "too_large_file", detail))
                    continue
            try:
                done.put(_inspected(request.key, worker.ask(message, limit_s, data)))
            except TimeoutError:
                done.put(Inspected(request.key, "decoding_timed_out", f"no picture within {limit_s:g} s"))
                worker = worker.replace()
            except EOFError as error:
                done.put(Inspected(request.key, "decoder_died", str(error)))
                worker = worker.replace()
    except BaseException as error:  # the reader must not wait for a result that never comes
        done.put(error)
    finally:
        if worker is not None:
            worker.end()


def _inspected(key: str, reply: dict) -> Inspected:
    picture = base64.b64decode(reply.pop("thumbnail", ""))
    return Inspected(key, thumbnail=picture, **reply)


class _Worker:
    """One child process; requests and replies are lines of JSON."""

    def __init__(self, hashes: bool, module: str) -> None:
        self._how = (hashes, module)
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(PROJECT_ROOT), os.environ.get("PYTHONPATH")]))
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *(["--hash"] if hashes else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        self._buffer = b""
        try:
            self._line(START_S)
        except (TimeoutError, EOFError) as error:
            self._process.kill()
            self.end()
            raise RuntimeError(f"the decode worker {module} did not start: {str(error) or 'no answer'}") from None

    def ask(self, message: dict, limit_s: float, data: bytes = b"") -> dict:
        """Where the message names no path, `data` are the file's bytes.

        Raises TimeoutError after `limit_s`, EOFError when the worker died.
        """
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps({**message, "bytes": len(data)}).encode() + b"\n")
            self._process.stdin.write(data)
            self._process.stdin.flush()
        except OSError:
            raise EOFError(self._how_it_ended()) from None
        return json.loads(self._line(limit_s))

    def _line(self, limit_s: float) -> bytes:
        assert self._process.stdout is not None
        handle = self._process.stdout.fileno()
        poller = select.poll()
        poller.register(handle, select.POLLIN | select.POLLHUP)
        while b"\n" not in self._buffer:
            if not poller.poll(limit_s * 1000):
                raise TimeoutError
            piece = os.read(handle, 1 << 16)
            if not piece:
                raise EOFError(self._how_it_ended())
            self._buffer += piece
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line

    def _how_it_ended(self) -> str:
        code = self._process.wait()
        return f"the decoder was ended by signal {-code}" if code < 0 else f"the decoder exited with code {code}"

    def replace(self) -> _Worker:
        self._process.kill()
        self.end()
        return _Worker(*self._how)

    def end(self) -> None:
        """Close stdin, which ends an idle worker; a busy one is killed."""
        for stream in (self._process.stdin, self._process.stdout):
            try:
                if stream is not None:
                    stream.close()
            except OSError:
                pass
        try:
            self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
