"""Sandboxed decoding process, and the handle that asks it, ends it when it hangs and starts the next when it died.

Belongs here: the typed request and result of a file, the time limit, the child process. Does not belong here: what
decoding is (decode.py), many files at once (inspect.py, on_ray.py).
"""

from __future__ import annotations

import atexit
import base64
import json
import os
import select
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from resources.workers.environment import child_environment
from wethink_assets.decoding.decode import MAX_FILE_BYTES

PROJECT_ROOT = Path(__file__).resolve().parent.parent.parent
WORKER = "wethink_assets.decoding.worker"
NO_NETWORK = "resources.workers.no_network"
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
    """What is in a file, or the `reason` why nothing is known of it.

    `thumbnail` is JPEG; `raster` are RGB bytes, row by row, of a copy of `raster_size` (width, height).
    `picture_id` is the SHA-256 of what is sent of it: its own, or that of the copy that was made; empty where copies
    were not asked for.
    """

    key: str
    reason: str = ""
    detail: str = ""
    format: str = ""
    width: int = 0
    height: int = 0
    phash: str = ""
    phash256: str = ""
    thumbnail: bytes = b""
    picture_id: str | None = ""
    raster: bytes = b""
    raster_size: tuple[int, int] = (0, 0)

    @property
    def ok(self) -> bool:
        return not self.reason


class Decoder:
    """Looks into files one after the other. A file that kills or stalls the process costs that one file.

    `thumbnail` is the side, `raster` the number of pixels of the copy that is wanted; 0: none.
    """

    def __init__(
        self,
        *,
        hashes: bool = True,
        thumbnail: int = 0,
        raster: int = 0,
        limit_s: float = 30.0,
        module: str = WORKER,
        pictures: Path | None = None,
    ) -> None:
        """`pictures` is the folder in which copies of what is no picture as it lies are made (pictures.py)."""
        folder = str(pictures) if pictures else ""
        self._message = {"hash": hashes, "thumbnail": thumbnail, "raster": raster, "pictures": folder}
        self._limit_s = limit_s
        self._how = (hashes, module)
        self._worker: _Worker | None = None

    @property
    def pid(self) -> int | None:
        """Of the process, once it was started by the first file."""
        return self._worker.pid if self._worker else None

    def inspect(self, request: Request) -> Inspected:
        message = {**self._message, "sha256": request.sha256}
        data = b""
        if request.path is not None:
            message["path"] = str(request.path)
        elif request.read is not None:
            try:
                data = request.read()
            except OSError as error:
                return Inspected(request.key, "unreadable", error.strerror or str(error))
            if len(data) > MAX_FILE_BYTES:
                return Inspected(request.key, "too_large_file", f"{len(data)} bytes; at most {MAX_FILE_BYTES} are read")
        for attempt in (1, 2):  # what kills one process may have come from outside; what kills two is the file
            self._worker = self._worker or _Worker.idle(self._how) or _Worker(*self._how)
            try:
                reply = self._worker.ask(message, self._limit_s, data)
            except TimeoutError:
                self.close(kill=True)
                return Inspected(request.key, "decoding_timed_out", f"no picture within {self._limit_s:g} s")
            except EOFError as error:
                self.close(kill=True)
                if attempt == 2:
                    return Inspected(request.key, "decoder_died", f"{error}, twice")
            else:
                picture = base64.b64decode(reply.pop("thumbnail", ""))
                width, height = reply.pop("raster_size", (0, 0))
                return Inspected(request.key, thumbnail=picture, raster_size=(width, height), **reply)
        raise AssertionError("unreachable")

    def close(self, kill: bool = False) -> None:
        """Let go of the process: it waits for the next decoder of its kind, if none does yet, or ends."""
        if self._worker is not None:
            if kill or not self._worker.wait_idle(self._how):
                self._worker.end(kill)
            self._worker = None


class _Worker:
    """One child process; requests and replies are lines of JSON, which bytes may follow.

    One of each kind waits when it is let go: its imports take longer than the few files of a contact sheet. It ends
    with the process that started it, whose end closes its stdin.
    """

    _waiting: ClassVar[dict[tuple[bool, str], _Worker]] = {}

    @classmethod
    def idle(cls, kind: tuple[bool, str]) -> _Worker | None:
        """One that waits and lives."""
        worker = cls._waiting.pop(kind, None)
        if worker is not None and worker._process.poll() is not None:
            worker.end()
            return None
        return worker

    def wait_idle(self, kind: tuple[bool, str]) -> bool:
        """Whether it waits now; False where another does."""
        return self._waiting.setdefault(kind, self) is self

    @classmethod
    def end_all(cls) -> None:
        while cls._waiting:
            cls._waiting.popitem()[1].end()

    @classmethod
    def forget_all(cls) -> None:
        """In a forked child: they are the parent's, and must see its end."""
        for worker in cls._waiting.values():
            for stream in (worker._process.stdin, worker._process.stdout):
                if stream is not None:
                    stream.close()
        cls._waiting.clear()

    def __init__(self, hashes: bool, module: str) -> None:
        environment = {
            **child_environment(),
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "PYTHONUNBUFFERED": "1",
        }
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(PROJECT_ROOT), os.environ.get("PYTHONPATH")]))
        self._process = subprocess.Popen(
            [sys.executable, "-m", NO_NETWORK, module, *(["--hash"] if hashes else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        self._buffer = bytearray()
        try:
            self._line(START_S)
        except (TimeoutError, EOFError) as error:
            self._process.kill()
            self.end()
            raise RuntimeError(f"the decode worker {module} did not start: {str(error) or 'no answer'}") from None

    @property
    def pid(self) -> int:
        return self._process.pid

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
        reply = json.loads(self._line(limit_s))
        size = reply.pop("bytes")
        while len(self._buffer) < size:
            self._read(limit_s)
        reply["raster"], self._buffer = bytes(self._buffer[:size]), self._buffer[size:]
        return reply

    def _line(self, limit_s: float) -> bytes:
        while b"\n" not in self._buffer:
            self._read(limit_s)
        line, _, self._buffer = self._buffer.partition(b"\n")
        return bytes(line)

    def _read(self, limit_s: float) -> None:
        """More of what the worker writes, into the buffer."""
        assert self._process.stdout is not None
        handle = self._process.stdout.fileno()
        poller = select.poll()
        poller.register(handle, select.POLLIN | select.POLLHUP)
        if not poller.poll(limit_s * 1000):
            raise TimeoutError
        piece = os.read(handle, 1 << 16)
        if not piece:
            raise EOFError(self._how_it_ended())
        self._buffer += piece

    def _how_it_ended(self) -> str:
        code = self._process.wait()
        return f"the decoder was ended by signal {-code}" if code < 0 else f"the decoder exited with code {code}"

    def end(self, kill: bool = False) -> None:
        """Close stdin, which ends an idle worker; a busy one is killed."""
        if kill:
            self._process.kill()
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


atexit.register(_Worker.end_all)
os.register_at_fork(after_in_child=_Worker.forget_all)
