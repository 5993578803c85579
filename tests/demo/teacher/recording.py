"""The real sample teacher in a thread of the test, with a record of what reached it."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.resources.calls.stub_endpoint import completion, image_hashes
from wethink_assets.demo.teacher.faults import PLANTED_FILE, Faults, Rates
from wethink_assets.demo.teacher.scenes import SceneIndex
from wethink_assets.demo.teacher.server import ROLES, TeacherApp
from wethink_assets.settings import EndpointSettings


class RecordingTeacher:
    """`received` holds (model, messages as text without images, SHA-256 of every image that arrived) of every request.

    Within `refusing` all that asks for one schema is refused, and counted in `refused`, and nothing else is.
    """

    def __init__(self, truth: Path) -> None:
        self.received: list[tuple[str, str, list[str]]] = []
        self.refused = 0
        self._refused_schema = ""
        self._app = TeacherApp(SceneIndex(truth), Faults(Rates(), 0, truth / PLANTED_FILE))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._runner, self.port = asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(30)

    async def _start(self) -> tuple[web.AppRunner, int]:
        @web.middleware
        async def record(request: web.Request, handler: Any) -> web.StreamResponse:
            if request.path.endswith("/chat/completions"):
                body = json.loads(await request.read())
                self.received.append((body["model"], prompt_text(body["messages"]), image_hashes(body)))
                if (
                    self._refused_schema
                    and body.get("response_format", {}).get("json_schema", {}).get("name") == self._refused_schema
                ):
                    self.refused += 1
                    return web.json_response(completion(None, refusal="I will not."))
            return await handler(request)

        app = self._app.application()
        app.middlewares.append(record)
        runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return runner, runner.addresses[0][1]

    def endpoints(self, **values: Any) -> dict[str, EndpointSettings]:
        """All roles at this server, as the embedded teacher would be."""
        given = {"base_url": f"http://127.0.0.1:{self.port}/v1", "price_in": 0.10, "price_out": 0.40, **values}
        return {role: EndpointSettings(model=f"sample-teacher-{role}", **given) for role in ROLES}

    @contextmanager
    def refusing(self, schema: str) -> Iterator[None]:
        faults, rates = self._app.faults, self._app.faults.rates
        self.refused, self._refused_schema, faults.rates = 0, schema, replace(rates, refusal=0.0)
        try:
            yield
        finally:
            self._refused_schema, faults.rates = "", rates

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


def prompt_text(messages: list[dict[str, Any]]) -> str:
    """All texts of a conversation up to the first user message, by which a request and its repair are one."""
    texts = []
    for message in messages:
        content = message["content"]
        texts += [content] if isinstance(content, str) else [p["text"] for p in content if p["type"] == "text"]
        if message["role"] == "user":
            break
    return "\n".join(texts)
