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
from resources.calls.forms import Form, next_form
from resources.calls.images import SentImages
from resources.calls.messages import CallFailedError, CallsError, ModelRequest
from resources.calls.replies import Reading, read_completion
from resources.calls.route import Route
from resources.calls.rows import Outcome
from resources.calls.thinking import MORE_ROOM, allowance
from resources.calls.wire import body_of, repair, repair_note

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
            await self._repair(job, outcome, await self._with_more_room(job, outcome))
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

    async def _with_more_room(self, job: Job, outcome: Outcome) -> int:
        """Ask once more where the model thought until it was cut off; how many times the allowance it has from now."""
        first = outcome.reading
        if first is None or first.problem != "thinking_length":
            return 1
        if allowance(job.request, outcome.endpoint.settings) is None:
            return 1
        outcome.first_problem = first.problem
        try:
            await self._send(job, outcome, times=MORE_ROOM)
        except CallFailedError as refused:  # the endpoint allows no more
            if not refused.error.startswith("http_4"):
                raise
            outcome.attempts += refused.attempts
            return 1
        outcome.reading = added_up(first, outcome.reading)
        return MORE_ROOM

    async def _repair(self, job: Job, outcome: Outcome, times: int) -> None:
        first, forms = outcome.reading, outcome.endpoint.forms
        if first is None or first.problem not in REPAIRABLE:
            return
        outcome.first_problem = outcome.first_problem or first.problem
        form = forms.first(job.request, outcome.endpoint.settings)
        if first.problem == "empty" and form != "text":
            await self._send(job, outcome, times=times, without=form)
            if outcome.reading is not None and outcome.reading.problem is None:
                forms.empty(form)
        elif forms.one_turn or first.reasoning or outcome.endpoint.settings.thinking:
            await self._send(job, outcome, note=repair_note(first), times=times)
        else:
            try:
                await self._send(job, outcome, repair(first), times=times)
            except CallFailedError as refused:
                if refused.error != "http_400":
                    raise
                outcome.attempts += refused.attempts
                await self._send(job, outcome, note=repair_note(first), times=times)
                forms.one_turn = True
        outcome.reading = added_up(first, outcome.reading)

    async def _send(
        self,
        job: Job,
        outcome: Outcome,
        more: Sequence[Mapping[str, str]] = (),
        *,
        note: str = "",
        times: int = 1,
        without: Form | None = None,
    ) -> None:
        """Ask; a form of reply that the endpoint refuses is left for the next one, and remembered once that works."""
        refused: list[tuple[Endpoint, Form]] = []
        failures: list[CallFailedError] = []
        asked: Form = "text"

        async def body_for(endpoint: Endpoint) -> bytes:
            nonlocal asked
            outcome.endpoint = endpoint
            asked = endpoint.forms.first(job.request, endpoint.settings)
            for form in [*([without] if without else []), *(form for e, form in refused if e is endpoint)]:
                asked = next_form(form) if asked == form else asked
            form = asked
            try:
                body, outcome.images_sent = await body_of(
                    job.request, endpoint.settings, self.images, more, note=note, form=form, times=times
                )
            except Exception as error:
                raise ImageUnreadableError(f"{type(error).__name__}: {error}") from error
            asked = form
            return body

        def read(answer: Any) -> Reading:
            return read_completion(answer, job.request, outcome.endpoint.settings, times=times)

        likely = self.estimate.likely(job.request, outcome.endpoint.settings) if job.route.has_rates else 0
        while True:
            try:
                reading, endpoint, attempts, outcome.latency_ms = await job.route.ask(body_for, read, likely)
                break
            except CallFailedError as failure:
                if not outcome.endpoint.forms.may_be_refused(asked, failure):
                    raise failures[0] if failures else failure from None
                outcome.attempts += failure.attempts
                failures.append(failure)
                refused.append((outcome.endpoint, asked))
        outcome.reading, outcome.endpoint = reading, endpoint
        outcome.attempts += attempts
        if reading.text.strip():
            endpoint.forms.answered(asked)
        for _, form in (r for r in refused if r[0] is endpoint):
            endpoint.forms.refused(form, job.request)
        if not reading.estimated:
            self.estimate.learn(job.request, reading.prompt_tokens)


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
