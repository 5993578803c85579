"""A judge that says what the test told it to, and remembers what it was asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from resources.calls.messages import ModelReply, ModelRequest


class Judge:
    """`answers` maps a schema's name to its reply object, or to a function of the request; None is a failed call."""

    def __init__(self, **answers: dict[str, Any] | Callable[[ModelRequest], Any] | None) -> None:
        self.answers = answers
        self.asked: list[ModelRequest] = []

    def __call__(self, requests: Sequence[ModelRequest]) -> list[ModelReply]:
        self.asked += requests
        return [self._reply(request) for request in requests]

    def _reply(self, request: ModelRequest) -> ModelReply:
        answer = self.answers[request.schema_name or ""]
        parsed = answer(request) if callable(answer) else answer
        return ModelReply(
            call_id=f"call-{request.subject_id}",
            ok=parsed is not None,
            text=str(parsed),
            parsed=parsed,
            reasoning=None,
            error=None if parsed is not None else "invalid_reply",
            detail="",
            model="judge",
            reused=False,
            cost=0.0,
            prompt_tokens=1,
            completion_tokens=1,
        )
