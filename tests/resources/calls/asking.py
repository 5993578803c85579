"""Requests, pictures and ledger rows that the tests of model calls share."""

from __future__ import annotations

import hashlib
import io
import socket
from datetime import UTC, datetime
from typing import Any

from PIL import Image

from resources.calls.engine import CallEngine
from resources.calls.ledger import CallContext
from resources.calls.messages import ModelRequest

SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "string"}, "score": {"type": "integer"}},
    "required": ["answer", "score"],
    "additionalProperties": False,
}
GOOD = '{"answer": "red", "score": 3}'  # a reply that SCHEMA takes
CALLER = CallContext("a", "b", "r")


class FakeImages:
    """Images by content, as `ImageFiles` gives them."""

    def __init__(self) -> None:
        self.content: dict[str, bytes] = {}
        self.read: list[str] = []

    def add(self, colour: int, form: str = "PNG") -> str:
        buffer = io.BytesIO()
        Image.new("RGB", (8, 8), (colour, 0, 0)).save(buffer, form)
        return self.put(buffer.getvalue())

    def add_noise(self, size: tuple[int, int], mode: str = "RGB", form: str = "PNG", **save: Any) -> str:
        """An image that no codec makes small, `size` wide and high."""
        buffer = io.BytesIO()
        Image.effect_noise(size, 90).convert(mode).save(buffer, form, **save)
        return self.put(buffer.getvalue())

    def put(self, content: bytes) -> str:
        image_id = hashlib.sha256(content).hexdigest()
        self.content[image_id] = content
        return image_id

    def bytes(self, image_id: str) -> bytes:
        self.read.append(image_id)
        return self.content[image_id]


def ask(text: str = "hello", role: str = "vlm", **fields: Any) -> ModelRequest:
    return ModelRequest(
        role=role, subject_id="s", prompt="p", prompt_version="v1", system="be brief", text=text, **fields
    )


def run(engine: CallEngine, requests: list[ModelRequest], run_id: str = "run1", **fields: Any):
    return engine.run(requests, asset="descriptions", batch="b1", run_id=run_id, **fields)


def ledger(lake) -> list[dict[str, Any]]:
    return lake.store.sql("SELECT * FROM calls ORDER BY call_id").to_dicts()


def ledger_row(n: int, **values: Any) -> dict[str, Any]:
    """A row of `calls`, as the engine hands it to the ledger."""
    return {
        "call_id": f"id{n:06d}",
        "role": "vlm",
        "model": "m",
        "served_model": None,
        "prompt": "p",
        "prompt_version": "v",
        "messages": "[]",
        "image_ids": [],
        "parameters": "{}",
        "status": "ok",
        "reply": f"reply {n}",
        "reasoning": None,
        "parsed": None,
        "finish_reason": "stop",
        "error": None,
        "detail": None,
        "attempts": 1,
        "prompt_tokens": 1,
        "completion_tokens": 1,
        "cost": 0.5,
        "latency_ms": 1.0,
        "asset": "a",
        "batch": "b",
        "run_id": "r",
        "created_at": datetime.now(UTC),
        **values,
    }


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
