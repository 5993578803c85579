"""The background event loop (asyncio in a thread of its own) of model calls.

Belongs here: running work on it while the caller's thread sleeps, and giving up when the caller is interrupted.
Does not belong here: what the work is.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

# An interrupted caller is back within these two together: calls given up, and what was done written down.
CANCEL_S = 1.0
KEEP_S = 3.0
CLOSE_S = 2.0


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
