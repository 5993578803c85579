"""A real HTTP server that speaks chat completions and misbehaves on request.

Run as a script it serves alone (for tests that kill the client), answers after a delay, and appends the text of every
request it answered to a file.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from wethink_assets.demo.teacher.batches import BatchApi


@dataclass
class Call:
    """A request as it arrived. `nth` counts equal last user texts, from 1."""

    body: dict[str, Any]
    headers: dict[str, str]
    text: str
    images: list[str]
    nth: int


@dataclass
class Act:
    """What to do: a status with a body, with a delay or until a gate opens before it, or a connection that is cut."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    gate: threading.Event | None = None
    reset: bool = False
    drip: bytes = b""  # sent again and again, for ever
    cut_body: bool = False
    raw: bytes | None = None


def completion(content: Any = "ok", *, usage: bool = True, finish: str = "stop", **message: Any) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": "c",
        "object": "chat.completion",
        "created": 0,
        "model": "stub-served",
        "choices": [
            {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": content, **message}}
        ],
    }
    if usage:
        body["usage"] = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
    return body


def last_user_text(body: dict[str, Any]) -> str:
    content = [m for m in body["messages"] if m["role"] == "user"][-1]["content"]
    return content if isinstance(content, str) else "".join(p["text"] for p in content if p["type"] == "text")


def image_hashes(body: dict[str, Any]) -> list[str]:
    """SHA-256 of the bytes of every image that really arrived."""
    hashes = []
    for message in body["messages"]:
        for part in message["content"] if isinstance(message["content"], list) else ():
            if part["type"] == "image_url":
                head, _, data = part["image_url"]["url"].partition(";base64,")
                assert head.startswith("data:image/"), head
                hashes.append(hashlib.sha256(base64.b64decode(data, validate=True)).hexdigest())
    return hashes


class StubEndpoint:
    """`behave` maps a call to an `Act`; default: answers "ok". `calls` holds every request, in order.

    `replied`: (text, monotonic time) of every reply that left whole, when it had left.
    """

    def __init__(self, behave: Callable[[Call], Act] | None = None) -> None:
        self.behave = behave or (lambda call: Act(completion()))
        self.calls: list[Call] = []
        self.replied: list[tuple[str, float]] = []
        self.in_flight = self.most_in_flight = 0
        self.seen: Counter[str] = Counter()
        self._loop = asyncio.new_event_loop()
        self._started = threading.Event()
        self._runner: web.AppRunner | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self.port = 0

    def __enter__(self) -> StubEndpoint:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self.start(), self._loop).result(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self.stop(), self._loop).result(10)
        asyncio.run_coroutine_threadsafe(_cancel_all(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    async def start(self, port: int = 0) -> None:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_post("/v1/chat/completions", self._answer)
        BatchApi(self.answer_line).add_to(app)
        self._runner = web.AppRunner(app, handle_signals=False, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    def restart(self) -> None:
        """Stop answering at the port, then answer again."""
        port = self.port
        asyncio.run_coroutine_threadsafe(self.stop(), self._loop).result(10)
        asyncio.run_coroutine_threadsafe(self.start(port), self._loop).result(10)

    def _call(self, body: dict[str, Any], headers: dict[str, str]) -> Call:
        text = last_user_text(body)
        self.seen[text] += 1
        call = Call(body, headers, text, image_hashes(body), self.seen[text])
        self.calls.append(call)
        return call

    async def answer_line(self, raw: bytes) -> web.Response:
        """One line of a batch; `headers` of its call say so."""
        act = self.behave(self._call(json.loads(raw), {"batch": "line"}))
        if act.delay_s:
            await asyncio.sleep(act.delay_s)
        return web.json_response(act.body, status=act.status)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        call = self._call(await request.json(), dict(request.headers))
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            act = self.behave(call)
            if act.delay_s:
                await asyncio.sleep(act.delay_s)
            if act.gate is not None:
                await asyncio.to_thread(act.gate.wait, 60)
            if act.reset:
                assert request.transport is not None
                request.transport.abort()
            if act.cut_body:
                response = web.StreamResponse(headers={"Content-Length": "1000", "Content-Type": "application/json"})
                await response.prepare(request)
                await response.write(b'{"choices": [')
                request.transport.abort()
                return response
            if act.drip:
                response = web.StreamResponse(status=act.status, headers={"Content-Type": "application/json"})
                with contextlib.suppress(ConnectionResetError):
                    await response.prepare(request)
                    while True:
                        await response.write(act.drip)
                        await asyncio.sleep(0.01)
                return response
            if act.raw is not None:
                return web.Response(body=act.raw, status=act.status, headers=act.headers)
            response = web.json_response(act.body, status=act.status, headers=act.headers)
            with contextlib.suppress(ConnectionResetError):  # the client is gone: the reply reaches none
                await response.prepare(request)
                await response.write_eof()
                self.replied.append((call.text, time.monotonic()))
            return response
        finally:
            self.in_flight -= 1


async def _cancel_all() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _serve(log_path: str, delay_s: float) -> None:
    with Path(log_path).open("a", buffering=1, encoding="utf-8") as log:

        def behave(call: Call) -> Act:
            log.write(call.text + "\n")
            return Act(completion(f"reply to {call.text}"), delay_s=delay_s)

        stub = StubEndpoint(behave)
        await stub.start()
        sys.stdout.write(f"READY {stub.port}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], float(sys.argv[2])))
