"""The engine under every model call: each distinct request once, from the ledger or from an endpoint.

Belongs here: matching requests with the ledger, keeping the endpoints busy, repairing a reply, turning replies into
ledger rows. A plain class, so that a training worker can use it without Dagster.
Does not belong here: HTTP (endpoints.py), the form of a reply (replies.py), storage (ledger.py).
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from resources import sample_teacher
from resources.ledger import Asker, CallLedger, Reuse, Store, reply_of
from resources.progress import Progress
from resources.replies import Reading, read_completion, response_format, storable
from resources.requests import CallFailed, CallsError, ModelReply, ModelRequest, call_id
from resources.wire import Images, ImageUrls, on_the_wire, repair
from wethink_assets.settings import EMBEDDED_TEACHER, EndpointSettings, Settings

if TYPE_CHECKING:
    from resources.endpoints import Endpoint

CANCEL_S = 3.0
_REPAIRABLE = ("invalid_reply", "empty")


@dataclass(frozen=True)
class _Job:
    call_id: str
    request: ModelRequest
    endpoint: Endpoint
    parameters: dict[str, Any]


class CallEngine:
    """Asks models from any thread; its event loop and connections live until `close`."""

    def __init__(self, settings: Settings, store: Store, images: Images | None = None, *, backoff_s: float = 0.5) -> None:
        self.settings = settings
        self.ledger = CallLedger(store)
        self._images = images
        self._backoff_s = backoff_s
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._endpoints: dict[str, Endpoint] = {}
        self._teacher_url: str | None = None

    @classmethod
    def from_settings(cls, settings: Settings, store: Store | None = None, images: Images | None = None) -> CallEngine:
        """An engine on the installation's own lake; `images` only where requests carry any."""
        if store is None:
            from resources.lake import LakeStore

            store = LakeStore(settings.lake_catalog, settings.lake_data_path)
        return cls(settings, store, images)

    # -- asking ----------------------------------------------------------------------------------

    def run(
        self,
        requests: Sequence[ModelRequest],
        *,
        asset: str,
        batch: str,
        run_id: str,
        log: Any = None,
        endpoint: EndpointSettings | None = None,
    ) -> list[ModelReply]:
        """Replies aligned with `requests`; equal requests are asked once, finished calls never again.

        A row that cannot be answered is a reply with `ok=False` and its reason. `log` is a logger or a function that
        takes one line. When the caller is interrupted, what is under way is given up and what is done is kept.

        Raises:
            EndpointUnreachable: an endpoint cannot be used at all; what was done before is in the ledger.
            CallsError: a role has no endpoint, a key is not set, or the ledger cannot be written.
        """
        asker = Asker(asset, batch, run_id)
        wanted, ids = self._distinct(requests, endpoint)
        rows = self.ledger.find(list(wanted))
        answered: dict[str, dict[str, Any]] = {}
        todo = [(i, r, s) for i, (r, s) in wanted.items() if i not in rows]
        progress = Progress(asset, len(requests), len(requests) - len(todo), log)
        done = False
        try:
            if todo:
                jobs = [
                    _Job(i, r, self._endpoint(r.role, s), {**s.parameters, **r.parameters}) for i, r, s in todo
                ]
                self._prefetch(todo)
                self._wait(self._ask_all(jobs, asker, answered, progress), progress)
            done = True
        finally:
            self._settle(asker, ids, rows, answered, timeout_s=None if done else CANCEL_S)
        progress.finish()
        paid = {i: reply_of(row, reused=False) for i, row in answered.items()}
        known = {i: reply_of(row, reused=True) for i, row in {**rows, **answered}.items()}
        return [paid.pop(i, None) or known[i] for i in ids]  # a repeated request of this run was paid once

    def missing(self, requests: Sequence[ModelRequest], endpoint: EndpointSettings | None = None) -> int:
        """How many distinct requests the ledger cannot answer."""
        wanted, _ = self._distinct(requests, endpoint)
        return len(wanted) - len(self.ledger.known(list(wanted)))

    def close(self) -> None:
        """Commit what waits, close connections, end the teacher. The engine can be used again afterwards."""
        self.ledger.close()
        with self._lock:
            loop, thread, self._loop, self._thread = self._loop, self._thread, None, None
            endpoints, self._endpoints = list(self._endpoints.values()), {}
            teacher, self._teacher_url = self._teacher_url, None
        if loop is not None and thread is not None and thread.is_alive():
            closing = asyncio.run_coroutine_threadsafe(_close_all(endpoints), loop)
            try:
                closing.result(5)
            except Exception:  # noqa: BLE001 - a connection that does not close must not keep the process
                pass
            loop.call_soon_threadsafe(loop.stop)
            thread.join(5)
            if not thread.is_alive():
                loop.close()
        if teacher is not None and self.settings.truth_dir is not None:
            sample_teacher.release(self.settings.truth_dir)

    def _distinct(
        self, requests: Sequence[ModelRequest], endpoint: EndpointSettings | None
    ) -> tuple[dict[str, tuple[ModelRequest, EndpointSettings]], list[str]]:
        wanted: dict[str, tuple[ModelRequest, EndpointSettings]] = {}
        ids = []
        for request in requests:
            settings = endpoint or self._settings_of(request.role)
            identity = call_id(request, settings.model, settings.parameters)
            wanted.setdefault(identity, (request, settings))
            ids.append(identity)
        return wanted, ids

    def _settings_of(self, role: str) -> EndpointSettings:
        try:
            return self.settings.endpoint(role)
        except KeyError:
            raise CallsError(f"role {role} has no endpoint of its own: pass the endpoint of the served policy") from None

    def _endpoint(self, role: str, settings: EndpointSettings) -> Endpoint:
        # Here, since the openai client takes a second to import: a run that pays for nothing never needs it.
        from resources.endpoints import Endpoint

        base_url = settings.base_url
        with self._lock:
            if base_url == EMBEDDED_TEACHER:
                if self._teacher_url is None:
                    self._teacher_url = sample_teacher.acquire(self.settings.truth_dir, self.settings.logs_dir)
                base_url = self._teacher_url
            key = json.dumps([base_url, settings.model_dump(mode="json")], sort_keys=True)
            if key not in self._endpoints:
                self._endpoints[key] = Endpoint(role, settings, base_url, backoff_s=self._backoff_s)
            return self._endpoints[key]

    def _prefetch(self, todo: Sequence[tuple[str, ModelRequest, EndpointSettings]]) -> None:
        """Paths of all images in one look-up, where the image resource offers it."""
        prefetch = getattr(self._images, "prefetch", None)
        if prefetch and (image_ids := list(dict.fromkeys(i for _, r, _ in todo for i in r.image_ids))):
            prefetch(image_ids)

    # -- between the caller's thread and the loop ------------------------------------------------

    def _wait(self, work: Any, progress: Progress) -> None:
        """Run `work` on the loop. The caller's thread sleeps, wakes to report, and may be interrupted."""
        ended = threading.Event()

        async def watched() -> None:
            try:
                await work
            finally:
                ended.set()

        future = asyncio.run_coroutine_threadsafe(watched(), self._running_loop())
        try:
            while True:
                try:
                    return future.result(progress.interval_s)
                except concurrent.futures.TimeoutError:
                    if future.done():
                        raise
                    progress.report()
        except BaseException:
            future.cancel()
            ended.wait(CANCEL_S)
            raise

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None or self._thread is None or not self._thread.is_alive():
                self._loop = _new_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="model-calls", daemon=True)
                self._thread.start()
            return self._loop

    def _settle(
        self,
        asker: Asker,
        ids: Sequence[str],
        rows: Mapping[str, Mapping[str, Any]],
        answered: Mapping[str, Mapping[str, Any]],
        timeout_s: float | None,
    ) -> None:
        """Count what was asked and make everything durable. asked = paid + reused, also after an interruption."""
        seen: set[str] = set()
        reuse = Reuse()
        for identity in ids:
            row = rows.get(identity) or answered.get(identity)
            if row is None or not (identity in rows or row["attempts"]):
                continue
            reuse.asked += 1
            if identity in rows or identity in seen:
                reuse.reused += 1
                reuse.saved += row["cost"]
            else:
                reuse.paid += 1
            seen.add(identity)
        if reuse.asked:
            self.ledger.count(asker, reuse)
        self.ledger.flush(timeout_s)

    # -- on the loop -----------------------------------------------------------------------------

    async def _ask_all(
        self, jobs: Sequence[_Job], asker: Asker, answered: dict[str, dict[str, Any]], progress: Progress
    ) -> None:
        by_endpoint: dict[int, list[_Job]] = {}
        for job in jobs:
            by_endpoint.setdefault(id(job.endpoint), []).append(job)
        urls = ImageUrls(self._images)
        workers = []
        for group in by_endpoint.values():
            queue = iter(group)
            count = min(len(group), group[0].endpoint.settings.concurrency)
            workers += [asyncio.create_task(self._work(queue, asker, answered, progress, urls)) for _ in range(count)]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
            urls.close()

    async def _work(
        self,
        queue: Iterator[_Job],
        asker: Asker,
        answered: dict[str, dict[str, Any]],
        progress: Progress,
        urls: ImageUrls,
    ) -> None:
        for job in queue:
            row, lasting = await self._ask(job, urls)
            row |= {"asset": asker.asset, "batch": asker.batch, "run_id": asker.run_id}
            if lasting:
                self.ledger.add(asker, row)
            answered[job.call_id] = row
            progress.add(row)

    async def _ask(self, job: _Job, urls: ImageUrls) -> tuple[dict[str, Any], bool]:
        """One call to its end: a ledger row, and whether it is finished for good."""
        request = job.request
        try:
            messages = await on_the_wire(request, urls)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one image stops one row
            failure = CallFailed("image_missing", f"{type(error).__name__}: {error}", 0)
            return self._row(job, None, failure.attempts, 0.0, failure), False
        first: Reading | None = None
        attempts = 0
        try:
            reading, attempts, latency = await self._send(job, messages)
            if reading.problem in _REPAIRABLE:
                first = reading
                reading, more, latency = await self._send(job, [*messages, *repair(reading)])
                attempts += more
                reading = replace(
                    reading,
                    prompt_tokens=_sum(first.prompt_tokens, reading.prompt_tokens),
                    completion_tokens=_sum(first.completion_tokens, reading.completion_tokens),
                )
            return self._row(job, reading, attempts, latency), True
        except CallFailed as failure:
            return self._row(job, first, attempts + failure.attempts, failure.latency_ms, failure), failure.lasting
        except (CallsError, asyncio.CancelledError):
            raise
        except Exception as error:  # noqa: BLE001 - a row that breaks the engine must not take the batch along
            failure = CallFailed("internal", f"{type(error).__name__}: {error}", 1)
            return self._row(job, None, attempts, 0.0, failure), False

    async def _send(self, job: _Job, messages: Sequence[Mapping[str, Any]]) -> tuple[Reading, int, float]:
        body: dict[str, Any] = {"model": job.endpoint.settings.model, "messages": messages, **job.parameters}
        if job.request.schema is not None and job.endpoint.settings.structured_outputs:
            body["response_format"] = response_format(job.request.schema_name, job.request.schema)
        return await job.endpoint.ask(body, lambda answer: read_completion(answer, job.request))

    def _row(
        self, job: _Job, reading: Reading | None, attempts: int, latency_ms: float, failure: CallFailed | None = None
    ) -> dict[str, Any]:
        request, settings, redact = job.request, job.endpoint.settings, job.endpoint.redact
        error = failure.error if failure else reading.problem if reading else None
        detail = failure.detail if failure else reading.detail if reading else ""
        prompt_tokens = reading.prompt_tokens if reading else None
        completion_tokens = reading.completion_tokens if reading else None
        parsed = None
        if reading is not None and reading.parsed is not None and error is None:
            parsed = redact(json.dumps(reading.parsed, ensure_ascii=False))
        return {
            "call_id": job.call_id,
            "role": request.role,
            "model": settings.model,
            "served_model": reading.served_model if reading else None,
            "prompt": request.prompt,
            "prompt_version": request.prompt_version,
            "messages": storable(json.dumps(request.messages(), ensure_ascii=False)),
            "image_ids": list(request.image_ids),
            "parameters": json.dumps(job.parameters, ensure_ascii=False, sort_keys=True),
            "status": "failed" if error else "ok",
            "reply": redact(reading.text) if reading else None,
            "reasoning": redact(reading.reasoning) if reading and reading.reasoning else None,
            "parsed": parsed,
            "finish_reason": reading.finish_reason if reading else None,
            "error": error,
            "detail": storable(redact(detail))[:1000] or None,
            "attempts": attempts,
            "prompt_tokens": prompt_tokens,
            "completion_tokens": completion_tokens,
            "cost": ((prompt_tokens or 0) * settings.price_in + (completion_tokens or 0) * settings.price_out) / 1e6,
            "latency_ms": latency_ms,
            "created_at": datetime.now(timezone.utc),
        }


def _sum(a: int | None, b: int | None) -> int | None:
    return None if a is None and b is None else (a or 0) + (b or 0)


def _new_loop() -> asyncio.AbstractEventLoop:
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


async def _close_all(endpoints: Sequence[Endpoint]) -> None:
    await asyncio.gather(*(endpoint.close() for endpoint in endpoints), return_exceptions=True)
