"""The files of the Batch API (JSON Lines): one request per line up, one reply per line down.

Belongs here: writing and reading them, within the API's limits. Does not belong here: sending them (batch_api.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from resources.calls.dispatcher import Job
from resources.calls.images import SentImages
from resources.calls.messages import CallFailedError
from resources.calls.rows import Outcome
from resources.calls.wire import body_of

# The API's limits are 50,000 requests and 200 MB per file.
MAX_REQUESTS = 50_000
MAX_BYTES = 190_000_000
MAX_LINE = 32 * 1024 * 1024


@dataclass(frozen=True)
class Line:
    """A line of replies. `status` is 0 where there was no reply; `detail` says why one failed."""

    call_id: str
    status: int
    body: Any
    detail: str
    images_sent: Sequence[str] = field(default_factory=list)


async def write_file(
    path: Path, jobs: Sequence[Job], images: SentImages, *, max_bytes: int = MAX_BYTES, max_requests: int = MAX_REQUESTS
) -> tuple[list[Job], list[tuple[Job, Outcome]]]:
    """Write as many of the jobs, from the front, as a file takes: those, and those whose images cannot be read."""
    sent: list[Job] = []
    unreadable: list[tuple[Job, Outcome]] = []
    size = 0
    with path.open("wb") as file:
        for job in jobs:
            endpoint = job.route.endpoints[0]
            try:
                body, _ = await body_of(job.request, endpoint.settings, images)
            except Exception as error:  # noqa: BLE001 - whatever is wrong with one image stops one row
                failure = CallFailedError("image_missing", f"{type(error).__name__}: {error}", 0)
                unreadable.append((job, Outcome(endpoint, failure=failure)))
                continue
            head = json.dumps({"custom_id": job.call_id, "method": "POST", "url": "/v1/chat/completions"})
            content = b'%b, "body": %b}\n' % (head.removesuffix("}").encode(), body)
            if sent and (size + len(content) > max_bytes or len(sent) >= max_requests):
                break
            file.write(content)
            size += len(content)
            sent.append(job)
    return sent, unreadable


def read_lines(path: Path) -> Iterator[Line]:
    """Replies of an output or error file; lines that are none are passed over: their calls show up without a reply."""
    with path.open("rb") as file:
        for raw in iter(lambda: file.readline(MAX_LINE), b""):
            try:
                given = json.loads(raw)
            except (ValueError, RecursionError):
                continue
            if isinstance(given, Mapping) and isinstance(given.get("custom_id"), str):
                yield _line(given)


def _line(given: Mapping[str, Any]) -> Line:
    response, error = given.get("response"), given.get("error")
    if isinstance(response, Mapping) and isinstance(response.get("status_code"), int):
        body = response.get("body")
        body_error = body.get("error") if isinstance(body, Mapping) else None
        detail = body_error.get("message") if isinstance(body_error, Mapping) else body_error
        return Line(given["custom_id"], response["status_code"], body, str(detail or ""))
    detail = error.get("message") or error.get("code") if isinstance(error, Mapping) else error
    return Line(given["custom_id"], 0, None, str(detail or "no response"))
