"""Mock Batch API: OpenAI's /v1/files and /v1/batches over the teacher's chat completions.

Belongs here: files in and out, the states of a batch. Does not belong here: what is answered (server.py).

Files lie in a temporary folder and go with the process, as batches do.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aiohttp import BodyPartReader, web

from wethink_assets.demo.teacher.errors import error

MAX_FILE_BYTES = 200 * 1024 * 1024
MAX_REQUESTS = 50_000
MAX_FILES = 1_000
AT_ONCE = 16
_ENDPOINT = "/v1/chat/completions"
_CREATED = 1_700_000_000  # fixed, as all the teacher's times are


class BatchApi:
    """Handlers. `answer` gives the response to the body of one chat completion."""

    def __init__(self, answer: Callable[[bytes], Awaitable[web.Response]]) -> None:
        self._answer = answer
        self._folder = TemporaryDirectory(prefix="sample-teacher-")
        self._files: dict[str, dict[str, Any]] = {}
        self._batches: dict[str, dict[str, Any]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def add_to(self, app: web.Application) -> None:
        app.router.add_post("/v1/files", self.upload)
        app.router.add_get("/v1/files/{id}", self.file)
        app.router.add_get("/v1/files/{id}/content", self.content)
        app.router.add_post("/v1/batches", self.create)
        app.router.add_get("/v1/batches", self.list)
        app.router.add_get("/v1/batches/{id}", self.batch)
        app.router.add_post("/v1/batches/{id}/cancel", self.cancel)

    async def upload(self, request: web.Request) -> web.Response:
        if len(self._files) >= MAX_FILES:
            return error(400, "There are too many files.", code="too_many_files")
        purpose, file = "", None
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                continue
            if part.name == "purpose":
                purpose = await part.text()
            elif part.name == "file":
                file = self._new_file(part.filename or "file.jsonl")
                with self._path(file["id"]).open("wb") as out:
                    while chunk := await part.read_chunk(1 << 20):
                        file["bytes"] += len(chunk)
                        if file["bytes"] > MAX_FILE_BYTES:
                            return error(413, "The file is larger than 200 MB.", code="file_too_large")
                        out.write(chunk)
        if file is None or purpose != "batch":
            return error(400, "A file with the purpose 'batch' is needed.", code="invalid_file")
        return web.json_response(file)

    async def file(self, request: web.Request) -> web.Response:
        file = self._files.get(request.match_info["id"])
        return web.json_response(file) if file else error(404, "No such file.", code="not_found")

    async def content(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["id"] not in self._files:
            return error(404, "No such file.", code="not_found")
        return web.FileResponse(self._path(request.match_info["id"]))

    async def create(self, request: web.Request) -> web.Response:
        try:
            given = await request.json()
            file_id = given["input_file_id"]
            metadata = given.get("metadata")
        except (ValueError, KeyError, TypeError, AttributeError):
            return error(400, "'input_file_id' is missing.")
        if file_id not in self._files or given.get("endpoint") != _ENDPOINT or given.get("completion_window") != "24h":
            return error(400, f"A known input_file_id, the endpoint {_ENDPOINT} and the window 24h are needed.")
        batch = {
            "id": f"batch_{len(self._batches):06d}",
            "object": "batch",
            "endpoint": _ENDPOINT,
            "errors": None,
            "input_file_id": file_id,
            "completion_window": "24h",
            "status": "validating",
            "output_file_id": None,
            "error_file_id": None,
            "created_at": _CREATED,
            "metadata": metadata,
            "request_counts": {"total": 0, "completed": 0, "failed": 0},
        }
        self._batches[batch["id"]] = batch
        task = asyncio.create_task(self._work(batch))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return web.json_response(batch)

    async def list(self, request: web.Request) -> web.Response:
        """Newest first, by pages of `limit` after the id `after`."""
        newest = list(self._batches.values())[::-1]
        after, limit = request.query.get("after"), request.query.get("limit", "20")
        if after is not None:
            newest = newest[next((i for i, b in enumerate(newest) if b["id"] == after), len(newest)) + 1 :]
        page = newest[: int(limit) if limit.isdigit() else 20]
        ids = {"first_id": page[0]["id"], "last_id": page[-1]["id"]} if page else {}
        return web.json_response({"object": "list", "data": page, "has_more": len(page) < len(newest), **ids})

    async def batch(self, request: web.Request) -> web.Response:
        batch = self._batches.get(request.match_info["id"])
        return web.json_response(batch) if batch else error(404, "No such batch.", code="not_found")

    async def cancel(self, request: web.Request) -> web.Response:
        batch = self._batches.get(request.match_info["id"])
        if batch is None:
            return error(404, "No such batch.", code="not_found")
        if batch["status"] in ("validating", "in_progress"):
            batch["status"] = "cancelling"
        return web.json_response(batch)

    # -- the work --------------------------------------------------------------------------------

    async def _work(self, batch: dict[str, Any]) -> None:
        lines = self._path(batch["input_file_id"]).read_bytes().splitlines()
        requests = [_parsed(line) for line in lines if line.strip()]
        ids = [r["custom_id"] for r in requests if r]
        if not requests or len(requests) > MAX_REQUESTS or not all(requests) or len(set(ids)) != len(ids):
            problem = {
                "code": "invalid_file",
                "message": "A line is no request, or a custom_id is there twice.",
                "line": None,
                "param": None,
            }
            batch |= {"status": "failed", "errors": {"object": "list", "data": [problem]}}
            return
        batch["status"] = "in_progress"
        counts = batch["request_counts"]
        counts["total"] = len(requests)
        results: dict[str, list[bytes]] = {"output_file_id": [], "error_file_id": []}
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(number: int, asked: dict[str, Any]) -> None:
            async with gate:
                if batch["status"] == "cancelling":
                    return
                response = await self._answer(json.dumps(asked["body"]).encode())
            good = response.status == 200
            body = json.loads(response.body) if isinstance(response.body, bytes) else None
            line = {
                "id": f"batch_req_{number}",
                "custom_id": asked["custom_id"],
                "error": None,
                "response": {"status_code": response.status, "request_id": str(number), "body": body},
            }
            results["output_file_id" if good else "error_file_id"].append(json.dumps(line).encode())
            counts["completed" if good else "failed"] += 1

        await asyncio.gather(*(one(number, asked) for number, asked in enumerate(requests) if asked))
        for name, answers in results.items():
            if answers:
                file = self._new_file(f"{batch['id']}_{name}.jsonl")
                file["bytes"] = self._path(file["id"]).write_bytes(b"\n".join(answers) + b"\n")
                batch[name] = file["id"]
        batch["status"] = "cancelled" if batch["status"] == "cancelling" else "completed"

    def _new_file(self, name: str) -> dict[str, Any]:
        file_id = f"file-{len(self._files):06d}"
        file = {
            "id": file_id,
            "object": "file",
            "bytes": 0,
            "created_at": _CREATED,
            "filename": name,
            "purpose": "batch",
            "status": "processed",
        }
        self._files[file_id] = file
        return file

    def _path(self, file_id: str) -> Path:
        """Of an id that `_new_file` gave; nothing a client says becomes part of a path."""
        return Path(self._folder.name) / file_id


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        given = json.loads(line)
    except (ValueError, RecursionError):
        return None
    good = isinstance(given, dict) and isinstance(given.get("custom_id"), str) and isinstance(given.get("body"), dict)
    return given if good and given.get("url") == _ENDPOINT and given.get("method") == "POST" else None
