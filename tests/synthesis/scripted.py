"""Scripted models (stubs) that reply as a test says, for stages that are tested without any endpoint."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from resources.calls.messages import ModelReply, ModelRequest, call_id

FAIL = object()


class Script:
    """An `ask` that answers by prompt name. A value may be a reply's object, `FAIL`, or a function of the request."""

    def __init__(self, **replies: Any) -> None:
        self.replies = replies
        self.batches: list[list[ModelRequest]] = []

    def __call__(self, requests: list[ModelRequest]) -> list[ModelReply]:
        self.batches.append(list(requests))
        return [self._reply(r) for r in requests]

    def _reply(self, request: ModelRequest) -> ModelReply:
        content = self.replies[request.prompt]
        if isinstance(content, Callable):
            content = content(request)
        identity = call_id(request, "scripted")
        if content is FAIL:
            return ModelReply(identity, False, "", None, None, "refusal", "I can't", "scripted", False, 0.0, 1, 1)
        return ModelReply(identity, True, json.dumps(content), content, None, None, "", "scripted", False, 0.0, 1, 1)

    def asked(self, prompt: str) -> int:
        return sum(r.prompt == prompt for batch in self.batches for r in batch)
