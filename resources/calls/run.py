"""A run of many calls (worker pool, single flight): each distinct request once, and its end in the ledger.

Belongs here: keeping the endpoints busy, and what is common to both transports. Does not belong here: one call
(dispatcher.py), the batch transport (batch_api.py), threads (background.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any

from resources.calls.dispatcher import Dispatcher, Job, worst_of
from resources.calls.failures import FailureLimit
from resources.calls.ledger import CallContext, CallLedger
from resources.calls.messages import CallsError
from resources.calls.progress import Progress
from resources.calls.refusals import Refusal, refusal
from resources.calls.rows import Outcome, ledger_row
from resources.calls.thinking import cut_off_identity

# Of a ledger row, what a reply and the counts are made of; the rest is not kept in memory for a whole run.
_KEPT = (
    "call_id",
    "role",
    "model",
    "served_model",
    "status",
    "reply",
    "reasoning",
    "parsed",
    "finish_reason",
    "error",
    "detail",
    "attempts",
    "prompt_tokens",
    "completion_tokens",
    "cost",
)


BEHIND_S = 0.05

BatchMaker = Callable[["Run", Sequence[Job]], Awaitable[None]]


class SingleFlight:
    """Single flight: an equal request of another run of this engine waits for the call that is being made."""

    def __init__(self) -> None:
        self._calls: dict[str, asyncio.Future[dict[str, Any] | None]] = {}

    async def first(self, call_id: str) -> dict[str, Any] | None:
        """The row of an equal call once it ended well; None where the caller is to make it, and then to call `end`."""
        while (other := self._calls.get(call_id)) is not None:
            if (row := await asyncio.shield(other)) is not None:
                return row
        self._calls[call_id] = asyncio.get_running_loop().create_future()
        return None

    def end(self, call_id: str, row: dict[str, Any] | None) -> None:
        self._calls.pop(call_id).set_result(row)


class Run:
    """The calls of one `CallEngine.run`. `answered` holds their rows by the job's call id, as they end.

    `refused` are those among them that were refused in a way that may pass.
    """

    def __init__(
        self,
        caller: CallContext,
        dispatcher: Dispatcher,
        ledger: CallLedger,
        in_flight: SingleFlight,
        progress: Progress,
        failures: FailureLimit | None = None,
        *,
        batches: BatchMaker,
    ) -> None:
        self.caller = caller
        self.dispatcher = dispatcher
        self.progress = progress
        self.answered: dict[str, dict[str, Any]] = {}
        self.shared: set[str] = set()
        self.refused: list[Refusal] = []
        self._ledger = ledger
        self._in_flight = in_flight
        self._failures = failures
        self._batches = batches

    async def all(self, jobs: Sequence[Job]) -> None:
        """Make all calls. Where no further call can be made, what is under way is finished first, then it raises.

        Raises:
            CallsError: endpoints, the budget, the ledger, or too many failures.
        """
        by_route: dict[int, list[Job]] = {}
        for job in jobs:
            by_route.setdefault(id(job.route), []).append(job)
        work: list[Any] = []
        for group in by_route.values():
            route = group[0].route
            if route.endpoints[0].settings.transport == "batch":
                work.append(self._batches(self, group))
            else:
                work.append(self._online(group))
        tasks = [asyncio.create_task(part) for part in work]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self.dispatcher.images.close()

    async def _online(self, jobs: Sequence[Job]) -> None:
        queue = iter(jobs)
        stop: list[CallsError] = []
        count = min(len(jobs), jobs[0].route.concurrency)
        workers = [asyncio.create_task(self._work(queue, stop)) for _ in range(count)]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
        if stop:
            raise stop[0]

    async def _work(self, queue: Iterator[Job], stop: list[CallsError]) -> None:
        """Takes jobs until there are none, or until one of the workers met the end of all calls."""
        while not stop and (job := next(queue, None)) is not None:
            while self._ledger.is_behind and not stop:
                await asyncio.sleep(BEHIND_S)
            if stop:
                return
            try:
                await self.one(job)
            except CallsError as error:
                stop.append(error)

    @property
    def ledger(self) -> CallLedger:
        return self._ledger

    async def one(self, job: Job) -> None:
        if (row := await self._in_flight.first(job.call_id)) is not None:
            self.shared.add(job.call_id)
            self.answered[job.call_id] = row
            self._count({**row, "cost": 0.0, "prompt_tokens": 0, "completion_tokens": 0}, job)
            return
        ended = None
        try:
            ended = self.record(job, await self.dispatcher.dispatch(job))
        finally:
            self._in_flight.end(job.call_id, ended)
        self.check_failures()

    def record(self, job: Job, outcome: Outcome) -> dict[str, Any]:
        """An ended call: to the ledger where it is for good, and to the answers."""
        first = outcome.endpoint is job.route.endpoints[0]
        identity = job.call_id if first else outcome.endpoint.identity(job.request)
        if outcome.error == "thinking_length":
            identity = cut_off_identity(identity, job.request, outcome.endpoint.settings)
        row = ledger_row(identity, job.request, outcome, self.caller)
        if outcome.lasting:
            self._ledger.add(self.caller, row)
        elif outcome.refused:
            at_most = worst_of(job, self.dispatcher.estimate).cost
            self.refused.append(refusal(identity, job.request, outcome, self.caller, at_most))
        kept = {name: row[name] for name in _KEPT}
        self.answered[job.call_id] = kept
        self._count(row, job)
        return kept

    def _count(self, row: Mapping[str, Any], job: Job) -> None:
        self.progress.add(row)
        if self._failures is not None and row["error"]:
            self._failures.fail(job.request.subject_id, row["error"])

    def check_failures(self) -> None:
        """Raises TooManyFailedError when more rows failed than may."""
        if self._failures is not None:
            left = self.progress.asked - self.progress.reused
            self._failures.check(self.caller.asset, f"{self.progress.done} of {left} calls were made")
