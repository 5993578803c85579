"""The OpenAI Batch API as a transport: requests go up as files, replies come down as files, into the same ledger.

Belongs here: submitting, waiting, collecting, and finding again what an earlier process submitted.
Does not belong here: the lines of the files (batch_files.py), single requests (route.py).

A batch is written down in `call_batches` before it is created, and its key goes along as metadata: a process that is
killed at any moment leaves a batch that the next run finds and collects instead of paying again.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import httpx2
import openai

from resources.calls.batch_files import Line, read_lines, write_file
from resources.calls.budget import Spent
from resources.calls.dispatcher import Dispatcher, Job, worst_of
from resources.calls.ledger import CallContext, CallLedger
from resources.calls.messages import CallFailedError, EndpointUnreachableError
from resources.calls.progress import Progress
from resources.calls.replies import NotACompletionError, read_completion
from resources.calls.rows import Outcome
from resources.lake.store import Commit, Write

WINDOW = "24h"  # the only one that the API takes
METADATA_KEY = "wethink_batch"
LISTED = 300  # batches searched for one whose creation was never confirmed
UPLOAD_TIMEOUT_S = 600.0
RETRIES = 6
MAX_REPLIES_BYTES = 8 << 30
_ENDED = ("completed", "failed", "expired", "cancelled")


class BatchRun(Protocol):
    """What the batch transport needs of the run whose calls it makes."""

    caller: CallContext
    dispatcher: Dispatcher
    progress: Progress
    answered: dict[str, dict[str, Any]]

    @property
    def ledger(self) -> CallLedger: ...

    def record(self, job: Job, outcome: Outcome) -> dict[str, Any]: ...

    def check_failures(self) -> None: ...


class BatchTransport:
    """The batch transport of one run at one endpoint."""

    def __init__(self, run: BatchRun) -> None:
        self._run = run
        self._waiting: dict[str, str] = {}
        self._worst: dict[str, Spent] = {}

    async def make(self, jobs: Sequence[Job]) -> None:
        """Make all calls; a line that failed in a way that may pass goes into a further batch.

        Raises:
            EndpointUnreachableError: the endpoint refuses or loses batches; the next run collects those under way.
            BudgetSpentError: what fitted was made.
        """
        self._endpoint = jobs[0].route.endpoints[0]
        self._client = self._endpoint.files.with_options(max_retries=RETRIES, timeout=UPLOAD_TIMEOUT_S)
        self._client.organization = self._client.project = None
        pending = {job.call_id: job for job in jobs}
        await self._resume(pending)
        failures: dict[str, CallFailedError] = {}
        for round_ in range(self._endpoint.settings.max_attempts):
            if not pending:
                return
            if round_:
                await asyncio.sleep(min(self._endpoint.settings.batch_poll_s, 60.0))
            failures = await self._round(pending)
            for call_id in [i for i in pending if i not in failures]:
                del pending[call_id]
        for call_id, job in pending.items():
            self._run.record(
                job, Outcome(self._endpoint, failure=failures[call_id], attempts=failures[call_id].attempts)
            )
        self._run.check_failures()

    async def _round(self, pending: dict[str, Job]) -> dict[str, CallFailedError]:
        """Submit all that is pending in as many files as it takes; what failed and may pass."""
        failures: dict[str, CallFailedError] = {}
        left = list(pending.values())
        while left:
            affordable = await self._reserve(left)
            left = left[len(affordable) :]
            collecting: list[asyncio.Task[dict[str, CallFailedError]]] = []
            try:
                rest = affordable
                while rest:
                    row, sent, unreadable, rest = await self._submit(rest)
                    for job, outcome in unreadable:
                        self._run.record(job, outcome)
                    if sent:
                        collecting.append(asyncio.create_task(self._collect(row, {j.call_id: j for j in sent})))
                for failed in await asyncio.gather(*collecting):
                    failures |= failed
            finally:
                for task in collecting:
                    task.cancel()
                await asyncio.gather(*collecting, return_exceptions=True)
                self._settle(affordable)
        return failures

    async def _reserve(self, jobs: Sequence[Job]) -> list[Job]:
        """The jobs from the front whose worst case the budget bears; at least one."""
        budget, run_id = self._run.dispatcher.budget, self._run.caller.run_id
        if budget is None:
            return list(jobs)
        worst = worst_of(jobs[0], self._run.dispatcher.estimate)
        await budget.reserve(run_id, worst)
        self._worst = {jobs[0].call_id: worst}
        for job in jobs[1:]:
            worst = worst_of(job, self._run.dispatcher.estimate)
            if not budget.try_reserve(run_id, worst):
                break
            self._worst[job.call_id] = worst
        return list(jobs[: len(self._worst)])

    def _settle(self, jobs: Sequence[Job]) -> None:
        budget = self._run.dispatcher.budget
        if budget is None:
            return
        for job in jobs:
            row = self._run.answered.get(job.call_id)
            paid = Spent()
            if row is not None and row["attempts"]:
                paid = Spent(row["cost"], (row["prompt_tokens"] or 0) + (row["completion_tokens"] or 0), 1)
            budget.settle(self._run.caller.run_id, self._worst.pop(job.call_id, Spent()), paid)

    # -- submitting ------------------------------------------------------------------------------

    async def _submit(
        self, jobs: Sequence[Job]
    ) -> tuple[dict[str, Any], list[Job], list[tuple[Job, Outcome]], list[Job]]:
        """One file: the batch's row, the jobs in it, those whose images cannot be read, and those that did not fit."""
        with TemporaryDirectory(prefix="wethink-batch-") as folder:
            path = Path(folder) / "requests.jsonl"
            sent, unreadable = await write_file(path, jobs, self._run.dispatcher.images)
            rest = list(jobs[len(sent) + len(unreadable) :])
            row = {
                "batch_key": uuid.uuid4().hex,
                "endpoint": self._endpoint.name,
                "model": self._endpoint.settings.model,
                "remote_id": None,
                "call_ids": [j.call_id for j in sent],
                "state": "submitting",
                "detail": None,
                "asset": self._run.caller.asset,
                "batch": self._run.caller.batch,
                "run_id": self._run.caller.run_id,
                "created_at": datetime.now(UTC),
            }
            if not sent:
                return row, sent, unreadable, rest
            self._waiting[row["batch_key"]] = f"uploading {len(sent)} requests"
            self._tell()
            with path.open("rb") as content:
                uploaded = await self._call(
                    self._client.files.create(file=("requests.jsonl", content), purpose="batch")
                )
        await self._write(row)
        created = await self._call(
            self._client.batches.create(
                input_file_id=uploaded.id,
                endpoint="/v1/chat/completions",
                completion_window=WINDOW,
                metadata={METADATA_KEY: row["batch_key"]},
            )
        )
        row |= {"remote_id": created.id, "state": "open"}
        await self._write(row)
        return row, sent, unreadable, rest

    async def _resume(self, pending: dict[str, Job]) -> None:
        """Collect batches of earlier runs that hold any of these calls."""
        open_batches = await asyncio.to_thread(
            self._run.ledger.store.rows,
            "calls/select_open_batches",
            endpoint=self._endpoint.name,
            model=self._endpoint.settings.model,
        )
        collecting = []
        claimed: set[str] = set()
        for row in open_batches:
            jobs = {i: pending[i] for i in row["call_ids"] if i in pending and i not in claimed}
            if not jobs:
                continue
            if row["remote_id"] is None:
                row["remote_id"] = await self._created(row["batch_key"])
                if row["remote_id"] is None:
                    await self._write(row | {"state": "failed", "detail": "it was never created"})
                    continue
            claimed |= jobs.keys()
            collecting.append(self._collect(row, jobs))
        await asyncio.gather(*collecting)
        found_again = [i for i in pending if i in self._run.answered]
        self._settle([pending.pop(i) for i in found_again])

    async def _created(self, batch_key: str) -> str | None:
        seen = 0
        async for batch in self._client.batches.list(limit=100):
            if (batch.metadata or {}).get(METADATA_KEY) == batch_key:
                return batch.id
            seen += 1
            if seen >= LISTED:
                return None
        return None

    # -- collecting ------------------------------------------------------------------------------

    async def _collect(self, row: dict[str, Any], jobs: dict[str, Job]) -> dict[str, CallFailedError]:
        """Wait for a batch and record its replies; what failed and may pass. Other calls in it are left alone."""
        batch = await self._ended(row)
        failures: dict[str, CallFailedError] = {}
        repairs: list[Awaitable[None]] = []
        done: set[str] = set()
        with TemporaryDirectory(prefix="wethink-batch-") as folder:
            for file_id in (batch.output_file_id, batch.error_file_id):
                if not file_id:
                    continue
                path = Path(folder) / "replies.jsonl"
                await self._call(self._fetch(file_id, path))
                for line in read_lines(path):
                    job = jobs.get(line.call_id)
                    if job is None or line.call_id in done:  # of another run, or delivered twice
                        continue
                    done.add(line.call_id)
                    self._take(job, line, failures, repairs)
        await asyncio.gather(*repairs)
        why = "; ".join(e.message or "" for e in (batch.errors.data or [])) if batch.errors else ""
        for call_id in jobs.keys() - done:
            detail = self._endpoint.redact(f"batch {batch.id} ended as {batch.status} without this call. {why}".strip())
            failures[call_id] = CallFailedError(f"batch_{batch.status}", detail, 1)
        await asyncio.to_thread(self._run.ledger.flush)
        state = "failed" if batch.status == "failed" else "collected"
        await self._write(row | {"state": state, "detail": f"{batch.status} {why}".strip()[:1000]})
        self._waiting.pop(row["batch_key"], None)
        self._tell()
        self._run.check_failures()
        return failures

    def _take(self, job: Job, line: Line, failures: dict[str, CallFailedError], repairs: list[Awaitable[None]]) -> None:
        outcome = Outcome(self._endpoint, attempts=1, images_sent=line.images_sent)
        if line.status == 200:
            try:
                outcome.reading = read_completion(line.body, job.request, self._endpoint.settings)
            except NotACompletionError as error:
                failures[job.call_id] = CallFailedError("bad_response", self._endpoint.redact(str(error))[:500], 1)
                return
            repairs.append(self._finish(job, outcome))
            return
        detail = self._endpoint.redact(line.detail)[:500]
        lasting = line.status in (400, 413, 422)  # the vendor's own word: no proxy stands before a batch
        failure = CallFailedError(f"http_{line.status}" if line.status else "batch_line", detail, 1, lasting=lasting)
        if lasting:
            outcome.failure = failure
            self._run.record(job, outcome)
        else:
            failures[job.call_id] = failure

    async def _finish(self, job: Job, outcome: Outcome) -> None:
        """A repair is asked for by an ordinary request: waiting a day for one is not worth its discount."""
        outcome.images_sent = outcome.images_sent or await self._hashes(job)
        self._run.record(job, await self._run.dispatcher.finish(job, outcome))

    async def _hashes(self, job: Job) -> list[str]:
        side = self._endpoint.settings.max_image_side
        return [(await self._run.dispatcher.images.get(i, side)).sha256 for i in job.request.image_ids]

    async def _ended(self, row: dict[str, Any]) -> Any:
        while True:
            batch = await self._call(self._client.batches.retrieve(row["remote_id"]))
            counts = batch.request_counts
            at = f"{counts.completed + counts.failed} of {counts.total}" if counts else "…"
            self._waiting[row["batch_key"]] = f"batch {batch.id}: {batch.status}, {at}"
            self._tell()
            if batch.status in _ENDED:
                return batch
            await asyncio.sleep(self._endpoint.settings.batch_poll_s)

    async def _fetch(self, file_id: str, path: Path) -> None:
        """A file of replies, part by part to disk; a connection that is lost in the middle is tried anew."""
        for attempt in range(1, RETRIES + 1):
            try:
                async with self._client.files.with_streaming_response.content(file_id) as response:
                    with path.open("wb") as file:
                        async for part in response.iter_bytes():
                            if file.tell() > MAX_REPLIES_BYTES:
                                raise OSError(f"a file of replies has more than {MAX_REPLIES_BYTES >> 30} GiB")
                            file.write(part)
                return
            except (httpx2.HTTPError, openai.APIConnectionError):
                if attempt == RETRIES:
                    raise
                await asyncio.sleep(min(self._endpoint.settings.batch_poll_s, 2.0**attempt))

    async def _call(self, answer: Awaitable[Any]) -> Any:
        """One call of the Batch API; the client tries again what may pass."""
        try:
            return await answer
        except openai.APIStatusError as error:
            why = f"refused a batch (HTTP {error.status_code}: {error.message[:300]})"
        except (openai.APIConnectionError, httpx2.HTTPError, OSError, TimeoutError) as error:
            why = f"lost a batch on the way ({type(error).__name__}: {error})"
        raise EndpointUnreachableError(
            self._endpoint.line(f'{why}: set transport = "chat", or run it again; what was submitted is collected then')
        ) from None

    async def _write(self, row: dict[str, Any]) -> None:
        commit = Commit(f"{row['asset']} batch", row["batch"], row["run_id"])
        await asyncio.to_thread(self._run.ledger.store.write, commit, [Write("call_batches", [row], mode="upsert")])

    def _tell(self) -> None:
        self._run.progress.waiting_for = "; ".join(self._waiting.values())
