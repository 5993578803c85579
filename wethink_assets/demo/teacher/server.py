"""Mock OpenAI-compatible server: chat completions, models and errors over HTTP, on the loopback interface only.

Belongs here: the protocol and the errors of transport. Does not belong here: the content of replies (replies.py).
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from wethink_assets.demo.pack.scene import Scene
from wethink_assets.demo.teacher import cards
from wethink_assets.demo.teacher.batches import BatchApi
from wethink_assets.demo.teacher.errors import error
from wethink_assets.demo.teacher.faults import Faults
from wethink_assets.demo.teacher.replies import Teacher, TeacherRequest, UnknownSceneError
from wethink_assets.demo.teacher.scenes import SceneIndex
from wethink_assets.demo.teacher.temper import Asked, Temper

MODEL_PREFIX = "sample-teacher-"
ROLES = ("vlm", "reasoner", "adjudicator", "adjudicator_2", "rewriter", "judge")
MAX_BODY_BYTES = 64 * 1024 * 1024
RETRY_AFTER_S = 0.05
_IMAGE_TOKENS = 256
_REPAIR = "An earlier reply to this request "  # a repair within one turn (resources/calls/wire.py)


class BadRequestError(ValueError):
    """A request that OpenAI would refuse too; `code` as in its error objects."""

    def __init__(self, message: str, *, code: str | None = None, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


@dataclass(frozen=True)
class Chat:
    """A parsed chat completion request. `key` stands for its content, `subject` for its messages."""

    role: str
    text: str
    images: list[bytes]
    schema_name: str
    schema: Mapping[str, Any] | None
    is_repair: bool
    key: str
    subject: str
    max_tokens: int | None
    seed: int = 0


class TeacherApp:
    """Handlers over one scene index."""

    def __init__(self, index: SceneIndex, faults: Faults) -> None:
        self.index = index
        self.faults = faults
        self.teacher = Teacher(faults)
        self.temper = Temper(faults)
        self._attempts: Counter[str] = Counter()
        self._created = 1_700_000_000  # fixed: equal requests get equal replies

    def application(self) -> web.Application:
        app = web.Application(client_max_size=MAX_BODY_BYTES)
        app.router.add_post("/v1/chat/completions", self.complete)
        app.router.add_get("/v1/models", self.models)
        BatchApi(self.answer).add_to(app)
        app.router.add_get("/health", self.health)
        app.router.add_route("*", "/{rest:.*}", self.nowhere)
        return app

    async def health(self, _: web.Request) -> web.Response:
        return web.json_response(
            {"scenes": len(self.index), "planted": dict(self.faults.counts), "quirks": dict(self.temper.seen)}
        )

    async def models(self, _: web.Request) -> web.Response:
        rows = [
            {"id": MODEL_PREFIX + r, "object": "model", "created": self._created, "owned_by": "sample"} for r in ROLES
        ]
        return web.json_response({"object": "list", "data": rows})

    async def nowhere(self, request: web.Request) -> web.Response:
        return error(404, f"there is no {request.method} {request.path}", code="not_found")

    async def complete(self, request: web.Request) -> web.Response:
        return await self.answer(await request.read())

    async def answer(self, raw: bytes) -> web.Response:
        """A chat completion, or an error in OpenAI's shape, for the body of one request."""
        try:
            chat = parse(raw)
            if problem := await self._transport_fault(chat):
                return problem
            asked = Asked(chat.key, chat.subject, chat.max_tokens, chat.schema is not None)
            if interruption := self.temper.interrupts(asked):
                return web.json_response(interruption)
            message, tokens = self._message(chat)
        except BadRequestError as bad:
            return error(bad.status, str(bad), code=bad.code)
        prompt_tokens = len(chat.text) // 4 + _IMAGE_TOKENS * len(chat.images) + 1
        return web.json_response(
            {
                "id": f"chatcmpl-{chat.key[:24]}",
                "object": "chat.completion",
                "created": self._created,
                "model": MODEL_PREFIX + chat.role,
                **self.temper.applied(asked, message, tokens, prompt_tokens),
            }
        )

    async def _transport_fault(self, chat: Chat) -> web.Response | None:
        """Rate limits and server errors hit the first attempt only; slowness hits whenever it hits."""
        rates = self.faults.rates
        limited = self.faults.hits(rates.http_429, "429", chat.key)
        broken = self.faults.hits(rates.http_500, "500", chat.key)
        if limited or broken:
            self._attempts[chat.key] += 1
            if self._attempts[chat.key] == 1:
                self.faults.counts["http_429" if limited else "http_500"] += 1
                if limited:
                    headers = {"Retry-After": str(RETRY_AFTER_S)}
                    return error(429, "Rate limit reached, please retry.", code="rate_limit_exceeded", headers=headers)
                return error(500, "The server had an error while processing your request.", code="server_error")
        if self.faults.hits(rates.slow, "slow", chat.key):
            self.faults.counts["slow"] += 1
            await asyncio.sleep(rates.slow_seconds)
        return None

    def _message(self, chat: Chat) -> tuple[dict[str, Any], int]:
        rates = self.faults.rates
        if self.faults.hits(rates.refusal, "refusal", chat.key):
            self.faults.plant("refusal", request=chat.key, role=chat.role)
            refusal = "I'm sorry, but I can't help with that."
            return {"role": "assistant", "content": None, "refusal": refusal}, len(refusal) // 4
        try:
            text = self._text(chat)
        except UnknownSceneError as unknown:
            raise BadRequestError(str(unknown), code="unknown_image") from None
        # A request that quotes an earlier reply asks for a repair, and a repair succeeds.
        if chat.schema is not None and not chat.is_repair and self.faults.hits(rates.malformed, "json", chat.key):
            self.faults.plant("malformed_json", request=chat.key, role=chat.role)
            text = text[: max(1, len(text) * 2 // 3)]
        return {"role": "assistant", "content": text, "refusal": None}, len(text) // 4 + 1

    def _text(self, chat: Chat) -> str:
        if chat.schema_name == cards.SCHEMA_NAME and chat.images:
            try:
                return json.dumps(cards.read(chat.images[-1]))
            except ValueError as unreadable:
                raise BadRequestError(str(unreadable), code="invalid_image") from None
        asking = TeacherRequest(chat.role, chat.text, chat.schema_name, chat.schema or {}, self._scene(chat), chat.seed)
        if chat.schema is None:
            return self.teacher.speak(asking)
        return json.dumps(self.teacher.reply(asking), ensure_ascii=False)

    def _scene(self, chat: Chat) -> tuple[str, Scene] | None:
        if chat.images:
            return self.index.by_bytes(chat.images[-1])
        return self.index.by_text(chat.text)


def parse(raw: bytes) -> Chat:
    """A request body as a `Chat`.

    Raises:
        BadRequestError: it is not what OpenAI's endpoint takes.
    """
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise BadRequestError("We could not parse the JSON body of your request.") from None
    if not isinstance(body, dict):
        raise BadRequestError("The body must be a JSON object.")
    model = body.get("model")
    role = model.removeprefix(MODEL_PREFIX) if isinstance(model, str) else None
    if role not in ROLES:
        raise BadRequestError(f"The model {model!r} does not exist.", code="model_not_found", status=404)
    if body.get("stream"):
        raise BadRequestError("Streaming is not supported.", code="unsupported_parameter")
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise BadRequestError("'messages' must be a list with at least one message.")
    texts: list[str] = []
    images: list[bytes] = []
    for message in messages:
        if not isinstance(message, dict):
            raise BadRequestError("Each message must be an object.")
        if message.get("role") == "user":
            _read_content(message.get("content"), texts, images)
    schema_name, schema = _read_format(body.get("response_format"))
    text = "\n".join(texts)
    repair = any(m.get("role") == "assistant" for m in messages) or _REPAIR in text
    limit = body.get("max_completion_tokens") or body.get("max_tokens")
    subject = hashlib.sha256(json.dumps(messages, sort_keys=True).encode()).hexdigest()
    return Chat(
        role,
        text,
        images,
        schema_name,
        schema,
        repair,
        hashlib.sha256(raw).hexdigest(),
        subject,
        limit if isinstance(limit, int) else None,
        seed if isinstance(seed := body.get("seed"), int) else 0,
    )


def _read_content(content: Any, texts: list[str], images: list[bytes]) -> None:
    if isinstance(content, str):
        texts.append(content)
        return
    if not isinstance(content, list):
        raise BadRequestError("'content' must be text or a list of parts.")
    for part in content:
        kind = part.get("type") if isinstance(part, dict) else None
        if kind == "text" and isinstance(part.get("text"), str):
            texts.append(part["text"])
        elif kind == "image_url":
            url = part["image_url"].get("url") if isinstance(part.get("image_url"), dict) else None
            images.append(_decode(url))
        else:
            raise BadRequestError(f"A content part of type {kind!r} is not supported.")


def _decode(url: Any) -> bytes:
    header, comma, data = url.partition(",") if isinstance(url, str) else ("", "", "")
    if not comma or not header.startswith("data:image/") or not header.endswith(";base64"):
        raise BadRequestError("Images must be data: URLs in base64.", code="invalid_image_url")
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise BadRequestError("The image's base64 cannot be decoded.", code="invalid_image_url") from None


def _read_format(given: Any) -> tuple[str, Mapping[str, Any] | None]:
    if given is None or given == {"type": "text"}:
        return "", None
    json_schema = given.get("json_schema") if isinstance(given, dict) and given.get("type") == "json_schema" else None
    if not isinstance(json_schema, dict) or not isinstance(json_schema.get("schema"), dict):
        raise BadRequestError("'response_format' must be text or a json_schema.", code="invalid_response_format")
    return str(json_schema.get("name", "")), json_schema["schema"]


async def serve(app: TeacherApp, port: int) -> None:
    """Serve on 127.0.0.1 until cancelled. Prints `READY <port>` once requests are taken."""
    runner = web.AppRunner(app.application(), access_log=None, handle_signals=False)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port, backlog=512)
    await site.start()
    bound = runner.addresses[0][1]
    print(f"READY {bound}", flush=True)  # noqa: T201 - the process that started it waits for this line
    try:
        while True:
            await asyncio.sleep(3600)
    finally:
        await runner.cleanup()
