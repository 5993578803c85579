"""The dispatcher of calls: images, the reply, a repair where it is invalid, never more than the budget.

Belongs here: one call from its request to its end. Does not belong here: retries (route.py), rows
(rows.py), many calls (run.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from resources.calls.budget import Budget, Estimate, Spent
from resources.calls.endpoint import Endpoint
from resources.calls.images import SentImages
from resources.calls.messages import CallFailedError, CallsError, ModelRequest
from resources.calls.replies import Reading, read_completion
from resources.calls.route import Route
from resources.calls.rows import Outcome
from resources.calls.wire import body_of, repair

REPAIRABLE = ("invalid_reply", "empty")


@dataclass(frozen=True, slots=True)
class Job:
    """A distinct request. `call_id` is its identity at the route's first endpoint."""

    call_id: str
    request: ModelRequest
    route: Route


class ImageUnreadableError(Exception):
    """An image of the request cannot be read."""


@dataclass
class Dispatcher:
    """Brings one call to its end: what that needs besides the job itself."""

    images: SentImages
    estimate: Estimate
    budget: Budget | None
    run_id: str

    async def dispatch(self, job: Job) -> Outcome:
        """The call's end; it never raises for what is wrong with one request.

        Raises:
            CallsError: no further call can be made: an endpoint or the budget.
        """
        if self.budget is None or job.request.role == "policy":
            return await self._dispatch(job)
        worst = worst_of(job, self.estimate)
        await self.budget.reserve(self.run_id, worst)
        paid = Spent()
        try:
            outcome = await self._dispatch(job)
            paid = paid_for(outcome)
            return outcome
        finally:
            self.budget.settle(self.run_id, worst, paid)

    async def _dispatch(self, job: Job) -> Outcome:
        return await self.finish(job, Outcome(job.route.endpoints[0]))

    async def finish(self, job: Job, outcome: Outcome) -> Outcome:
        """Send what was not sent yet and repair what is invalid; `outcome` may hold a reply that came another way."""
        try:
            if outcome.reading is None:
                await self._send(job, outcome)
            await self._repair(job, outcome)
        except CallFailedError as failure:
            outcome.attempts += failure.attempts
            outcome.latency_ms = failure.latency_ms
            outcome.failure = failure
        except ImageUnreadableError as error:
            outcome.failure = CallFailedError("image_missing", str(error), 0)
        except CallsError:
            raise
        except Exception as error:  # noqa: BLE001 - a row that breaks the engine must not take the batch along
            outcome.failure = CallFailedError("internal", f"{type(error).__name__}: {error}", 1)
        return outcome

    async def _repair(self, job: Job, outcome: Outcome) -> None:
        first = outcome.reading
        if first is not None and first.problem in REPAIRABLE:
            outcome.first_problem = first.problem
            await self._send(job, outcome, repair(first))
            outcome.reading = added_up(first, outcome.reading)

    async def _send(self, job: Job, outcome: Outcome, more: Sequence[Mapping[str, str]] = ()) -> None:
        async def body_for(endpoint: Endpoint) -> bytes:
            outcome.endpoint = endpoint
            try:
                body, outcome.images_sent = await body_of(job.request, endpoint.settings, self.images, more)
            except Exception as error:
                raise ImageUnreadableError(f"{type(error).__name__}: {error}") from error
            return body

        def read(answer: Any) -> Reading:
            return read_completion(answer, job.request)

        outcome.reading, outcome.endpoint, attempts, outcome.latency_ms = await job.route.ask(
            body_for, read, self.estimate.likely(job.request) if job.route.has_rates else 0
        )
        outcome.attempts += attempts
        if not outcome.reading.estimated:
            self.estimate.learn(job.request, outcome.reading.prompt_tokens)


def worst_of(job: Job, estimate: Estimate) -> Spent:
    """The most that a call may cost at any of its route's endpoints."""
    return max((estimate.worst(job.request, e.settings) for e in job.route.endpoints), key=lambda spent: spent.cost)


def paid_for(outcome: Outcome) -> Spent:
    """What a call cost, also one that is not kept."""
    reading, settings = outcome.reading, outcome.endpoint.settings
    if reading is None:
        return Spent(calls=int(outcome.lasting))
    prompt, completion = reading.prompt_tokens or 0, reading.completion_tokens or 0
    return Spent((prompt * settings.price_in + completion * settings.price_out) / 1e6, prompt + completion, 1)


def added_up(first: Reading, second: Reading | None) -> Reading | None:
    """The repaired reply with the tokens of both."""
    if second is None:
        return None
    return replace(
        second,
        prompt_tokens=(first.prompt_tokens or 0) + (second.prompt_tokens or 0),
        completion_tokens=(first.completion_tokens or 0) + (second.completion_tokens or 0),
        estimated=first.estimated or second.estimated,
    )
