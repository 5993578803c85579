"""The background event loop (asyncio in a thread of its own) of model calls.

Belongs here: running work on it while the caller's thread sleeps, giving up when the caller is interrupted, and how
often garbage is looked for meanwhile.
Does not belong here: what the work is.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import gc
import threading
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager, suppress
from typing import Any

# An interrupted caller is back within these two together: calls given up, and what was done written down.
CANCEL_S = 1.0
KEEP_S = 3.0
CLOSE_S = 2.0
# A wave of 256 requests makes and frees 25,000 objects and leaves no cycles. At the usual 700 the collector looked
# through them every 16 requests, which was a fifth of all CPU [D].
YOUNG_OBJECTS = 50_000


class _FewCollections(AbstractContextManager[None]):
    """A higher threshold of the garbage collector while any run is under way; the process's own afterwards."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs = 0
        self._usual = (0, 0, 0)

    def __enter__(self) -> None:
        with self._lock:
            self._runs += 1
            if self._runs == 1:
                self._usual = gc.get_threshold()
                if self._usual[0]:  # 0: the process wants none
                    gc.set_threshold(max(self._usual[0], YOUNG_OBJECTS), *self._usual[1:])

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._runs -= 1
            if self._runs == 0:
                gc.set_threshold(*self._usual)


_few_collections = _FewCollections()


class BackgroundLoop:
    """An event loop in a background thread: starts with the first work, lives until `close`, and may be used again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def run(self, work: Coroutine[Any, Any, Any], tick: Callable[[], None], interval_s: float) -> Any:
        """The work's result. The caller's thread sleeps and wakes for `tick`; interrupting it cancels the work."""
        ended = threading.Event()

        async def watched() -> Any:
            try:
                return await work
            finally:
                ended.set()

        with _few_collections:
            future = asyncio.run_coroutine_threadsafe(watched(), self._running())
            try:
                while True:
                    try:
                        return future.result(interval_s)
                    except concurrent.futures.TimeoutError:
                        if future.done():
                            raise
                        tick()
            except BaseException:
                future.cancel()
                ended.wait(CANCEL_S)
                raise

    def close(self, last: Coroutine[Any, Any, Any] | None = None) -> None:
        """Run `last` for at most `CLOSE_S` and end the thread."""
        with self._lock:
            loop, thread, self._loop, self._thread = self._loop, self._thread, None, None
        if loop is None or thread is None or not thread.is_alive():
            if last is not None:
                last.close()
            return
        if last is not None:
            with suppress(Exception):  # a connection that does not close must not keep the process
                asyncio.run_coroutine_threadsafe(last, loop).result(CLOSE_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(CLOSE_S)
        if not thread.is_alive():
            loop.close()

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None or self._thread is None or not self._thread.is_alive():
                self._loop = _new_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="model-calls", daemon=True)
                self._thread.start()
            return self._loop


def _new_loop() -> asyncio.AbstractEventLoop:
    import uvloop  # here, since a run that pays for nothing needs no loop

    return uvloop.new_event_loop()
