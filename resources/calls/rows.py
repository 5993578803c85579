"""Ledger rows: a call as the ledger keeps it.

Belongs here: the row of one finished call. Does not belong here: how it came to an end (dispatcher.py), storage
(ledger.py).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from resources.calls.endpoint import Endpoint
from resources.calls.ledger import CallContext
from resources.calls.messages import CallFailedError, ModelRequest
from resources.calls.replies import Reading
from resources.calls.structured import storable
from resources.calls.thinking import recorded_parameters

MAX_DETAIL_CHARS = 1_000


@dataclass(slots=True)
class Outcome:
    """How a call ended. `reading` is the last reply that could be read, `first_problem` what a repair was for."""

    endpoint: Endpoint
    reading: Reading | None = None
    failure: CallFailedError | None = None
    first_problem: str | None = None
    attempts: int = 0
    latency_ms: float = 0.0
    images_sent: Sequence[str] = field(default_factory=list)

    @property
    def error(self) -> str | None:
        return self.failure.error if self.failure else self.reading.problem if self.reading else None

    @property
    def lasting(self) -> bool:
        """Whether the ledger keeps it: asking the same again would change nothing."""
        return self.failure is None or self.failure.lasting

    @property
    def refused(self) -> bool:
        """Whether it was refused in a way that may pass."""
        return self.failure is not None and self.failure.refused


_encode = json.JSONEncoder(ensure_ascii=False).encode
_encode_sorted = json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode


def ledger_row(call_id: str, request: ModelRequest, outcome: Outcome, caller: CallContext) -> dict[str, Any]:
    """The ledger row of a call. `call_id` is its identity at the endpoint that answered."""
    endpoint, reading, error = outcome.endpoint, outcome.reading, outcome.error
    settings, redact = endpoint.settings, endpoint.redact
    detail = outcome.failure.detail if outcome.failure else reading.detail if reading else ""
    prompt_tokens = reading.prompt_tokens if reading else None
    completion_tokens = reading.completion_tokens if reading else None
    parsed = None
    if reading is not None and reading.parsed is not None and error is None:
        parsed = redact(_encode(reading.parsed))
    messages = request.messages(max_image_side=settings.max_image_side)
    return {
        "call_id": call_id,
        "role": request.role,
        "model": settings.model,
        "served_model": reading.served_model if reading else None,
        "endpoint": endpoint.name,
        "prompt": request.prompt,
        "prompt_version": request.prompt_version,
        "messages": storable(_encode(messages)),
        "image_ids": list(request.image_ids),
        "images_sent": list(outcome.images_sent),
        "parameters": _encode_sorted(recorded_parameters(request, settings)),
        "status": "failed" if error else "ok",
        "reply": redact(reading.text) if reading else None,
        "reasoning": redact(reading.reasoning) if reading and reading.reasoning else None,
        "parsed": parsed,
        "finish_reason": reading.finish_reason if reading else None,
        "error": error,
        "first_problem": outcome.first_problem,
        "detail": storable(redact(detail))[:MAX_DETAIL_CHARS] if detail else None,
        "attempts": outcome.attempts,
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "tokens_estimated": bool(reading and reading.estimated),
        "cost": ((prompt_tokens or 0) * settings.price_in + (completion_tokens or 0) * settings.price_out) / 1e6,
        "latency_ms": outcome.latency_ms,
        "asset": caller.asset,
        "batch": caller.batch,
        "run_id": caller.run_id,
        "created_at": datetime.now(UTC),
    }
