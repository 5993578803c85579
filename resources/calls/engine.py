"""The call engine: each distinct request once, from the ledger or from an endpoint.

Belongs here: what a caller gives and gets, and which of it is known already. A plain class, so that a training worker
can use it without Dagster.
Does not belong here: how one call is made (dispatcher.py), the Dagster resource (resource.py).
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from resources.calls.background import KEEP_S, BackgroundLoop
from resources.calls.ledger import CallContext, CallLedger, Reuse, Store, reply_of
from resources.calls.messages import CallsError, ModelReply, ModelRequest
from resources.calls.progress import Observe, Progress
from resources.calls.refusals import Refusal, set_aside, that_count
from resources.calls.thinking import cut_off_identity
from resources.calls.thinking import identity as identity_of
from resources.workers import sample_teacher
from wethink_assets.settings import EMBEDDED_TEACHER, EndpointSettings, Settings

if TYPE_CHECKING:
    from resources.calls.dispatcher import Job
    from resources.calls.failures import FailureLimit
    from resources.calls.images import Images
    from resources.calls.route import Route
    from resources.calls.run import Run

Choices = tuple[EndpointSettings, ...]


@dataclass(frozen=True, slots=True)
class _DistinctRequest:
    """A distinct request, and its identity at each of its role's endpoints."""

    request: ModelRequest
    choices: Choices
    ids: tuple[str, ...]

    def cut_off_ids(self) -> list[str]:
        """Its keys where it was cut off while the model thought, within what each endpoint allows now."""
        return list(
            dict.fromkeys(cut_off_identity(identity_of(self.request, c), self.request, c) for c in self.choices)
        )


class CallEngine:
    """The call engine, for any thread; its event loop and connections live until `close`."""

    def __init__(
        self, settings: Settings, store: Store, images: Images | None = None, *, backoff_s: float = 0.5
    ) -> None:
        self.settings = settings
        self.store = store
        self.ledger = CallLedger(store, settings.call_index_dir)
        self._images = images
        self._backoff_s = backoff_s
        self._lock = threading.Lock()
        self._background = BackgroundLoop()
        self._routes: dict[str, Route] = {}
        self._limits: dict[tuple[str, str, str], Any] = {}
        self._shared: Any = None
        self._teacher_url: str | None = None

    @classmethod
    def from_settings(cls, settings: Settings, store: Store | None = None, images: Images | None = None) -> CallEngine:
        """An engine on the installation's own lake; `images` only where requests carry any."""
        if store is None:
            from resources.lake.store import LakeStore

            store = LakeStore.of(settings)
        return cls(settings, store, images)

    def run(
        self,
        requests: Sequence[ModelRequest],
        *,
        asset: str,
        batch: str,
        run_id: str,
        log: Any = None,
        endpoint: EndpointSettings | None = None,
        failures: FailureLimit | None = None,
        observe: Observe | None = None,
    ) -> list[ModelReply]:
        """Replies aligned with `requests`; equal requests are asked once, finished calls never again.

        A row that cannot be answered is a reply with `ok=False` and its reason. `log` is a logger or a function that
        takes one line every two seconds, `observe` a function that takes the numbers every 30. `endpoint` replaces
        those of the roles; `failures` ends a run in which too many rows fail. When the caller is interrupted, what is
        under way is given up and what is done is kept: it is back within four seconds, unless the lake's disk stands
        still.

        Raises:
            EndpointUnreachableError: a role's endpoints cannot be used at all.
            BudgetSpentError: the next call might cost more than [budget] allows.
            TooManyFailedError: more subjects failed than `failures` allows.
            CallsError: a role has no endpoint, a key is not set, or the ledger cannot be written.

        Whatever is raised, what was done before is in the ledger.
        """
        caller = CallContext(asset, batch, run_id)
        distinct, ids = self._distinct(requests, endpoint)
        rows = self._known(distinct)
        todo = {i: w for i, w in distinct.items() if i not in rows}
        before = self._refused(todo)
        for identity, aside in self._set_aside(before, todo).items():
            rows[identity] = aside
            del todo[identity]
        if failures is not None:
            failures.ask(r.subject_id for r in requests)
            for request, identity in zip(requests, ids, strict=True):
                if error := rows.get(identity, {}).get("error"):
                    failures.fail(request.subject_id, error)
        progress = Progress(asset, len(requests), len(requests) - len(todo), log, observe)
        answered: Mapping[str, dict[str, Any]] = {}
        shared: set[str] = set()
        refused: list[Refusal] = []
        try:
            if todo:
                if failures is not None:
                    failures.check(asset, "no further call was made")
                run = self._run_of(caller, progress, failures)
                answered, shared, refused = run.answered, run.shared, run.refused
                self._make(run, todo, progress)
        except BaseException as end:
            self.ledger.refuse(that_count(refused, todo, before))
            try:
                self._settle(caller, ids, rows, answered, shared, None if isinstance(end, Exception) else KEEP_S)
            except CallsError:
                if isinstance(end, Exception):
                    raise
            raise  # an interruption stays one, whatever the ledger says
        self.ledger.refuse(that_count(refused, todo, before))
        self._settle(caller, ids, rows, answered, shared, None)
        progress.finish()
        return list(_replies(ids, rows, answered, shared))

    def missing(self, requests: Sequence[ModelRequest], endpoint: EndpointSettings | None = None) -> int:
        """How many distinct requests the ledger cannot answer."""
        distinct, _ = self._distinct(requests, endpoint)
        known = self.ledger.known([i for w in distinct.values() for i in w.ids])
        left = {first: w for first, w in distinct.items() if known.isdisjoint(w.ids)}
        cut_off = self.ledger.known([i for w in left.values() for i in w.cut_off_ids()])
        left = {first: w for first, w in left.items() if cut_off.isdisjoint(w.cut_off_ids())}
        return len(left) - len(self._set_aside(self._refused(left), left))

    def close(self) -> None:
        """Commit what waits, close connections, end the teacher. The engine can be used again afterwards."""
        self.ledger.close()
        with self._lock:
            routes, self._routes = list(self._routes.values()), {}
            self._limits, self._shared = {}, None
            teacher, self._teacher_url = self._teacher_url, None
        self._background.close(_close_all(routes) if routes else None)
        if teacher is not None and self.settings.truth_dir is not None:
            sample_teacher.release(self.settings.truth_dir)

    # -- what is known ---------------------------------------------------------------------------

    def _distinct(
        self, requests: Sequence[ModelRequest], endpoint: EndpointSettings | None
    ) -> tuple[dict[str, _DistinctRequest], list[str]]:
        distinct: dict[str, _DistinctRequest] = {}
        ids = []
        given: dict[str, Choices] = {}
        for request in requests:
            choices = (endpoint,) if endpoint else given.get(request.role)
            if choices is None:
                choices = given[request.role] = self._choices(request.role)
            own = tuple(dict.fromkeys(identity_of(request, c) for c in choices))
            distinct.setdefault(own[0], _DistinctRequest(request, choices, own))
            ids.append(own[0])
        return distinct, ids

    def _choices(self, role: str) -> Choices:
        try:
            return self.settings.endpoints_of(role)
        except KeyError:
            raise CallsError(
                f"role {role} has no endpoint of its own: pass the endpoint of the served policy"
            ) from None

    def _known(self, distinct: Mapping[str, _DistinctRequest]) -> dict[str, dict[str, Any]]:
        """Ledger rows by first identity; where several endpoints' models answered, the first of them counts."""
        recorded = self.ledger.find([i for w in distinct.values() for i in w.ids])
        rows = {}
        for first, one in distinct.items():
            if own := next((recorded[i] for i in one.ids if i in recorded), None):
                rows[first] = own
        left = {first: one.cut_off_ids() for first, one in distinct.items() if first not in rows}
        cut_off = self.ledger.find([i for ids in left.values() for i in ids])
        for first, ids in left.items():
            if own := next((cut_off[i] for i in ids if i in cut_off), None):
                rows[first] = own
        return rows

    def _refused(self, todo: Mapping[str, _DistinctRequest]) -> dict[str, list[dict[str, Any]]]:
        """What is known of refusals of these in earlier runs, by first identity."""
        found = {row["call_id"]: row for row in self.ledger.refused([i for w in todo.values() for i in w.ids])}
        if not found:
            return {}
        own = {first: [found[i] for i in one.ids if i in found] for first, one in todo.items()}
        return {first: rows for first, rows in own.items() if rows}

    def _set_aside(
        self, refused: Mapping[str, list[dict[str, Any]]], todo: Mapping[str, _DistinctRequest]
    ) -> dict[str, dict[str, Any]]:
        """Rows in place of those that were refused so often that they are asked no more."""
        rows = {i: set_aside(i, todo[i].request, todo[i].choices, found) for i, found in refused.items()}
        return {i: row for i, row in rows.items() if row is not None}

    def _settle(
        self,
        caller: CallContext,
        ids: Sequence[str],
        rows: Mapping[str, Mapping[str, Any]],
        answered: Mapping[str, Mapping[str, Any]],
        shared: set[str],
        timeout_s: float | None,
    ) -> None:
        """Count what was asked and make everything durable. asked = paid + reused, also after an interruption."""
        seen: set[str] = set(shared)
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
            self.ledger.count(caller, reuse)
        self.ledger.flush(timeout_s)

    # -- what is asked ---------------------------------------------------------------------------

    def _run_of(self, caller: CallContext, progress: Progress, failures: FailureLimit | None) -> Run:
        # Here, since clients and parsers take a second to import: a run that pays for nothing never needs them.
        from resources.calls.budget import Budget, Estimate
        from resources.calls.dispatcher import Dispatcher
        from resources.calls.images import SentImages
        from resources.calls.run import Run, SingleFlight

        with self._lock:
            if self._shared is None:
                budget = Budget(self.settings.budget) if self.settings.budget.is_set else None
                self._shared = (Estimate(), budget, SingleFlight())
            estimate, budget, in_flight = self._shared
        dispatcher = Dispatcher(SentImages(self._images), estimate, budget, caller.run_id)
        return Run(caller, dispatcher, self.ledger, in_flight, progress, failures, batches=_batch_transport)

    def _make(self, run: Run, todo: Mapping[str, _DistinctRequest], progress: Progress) -> None:
        from resources.calls.dispatcher import Job

        # The settings of an endpoint make a key of some length: it is made once for all requests that share them.
        routes: dict[tuple[Any, ...], Route] = {}
        jobs = []
        for identity, one in todo.items():
            key = (one.request.role, *map(id, one.choices))
            if key not in routes:
                routes[key] = self._route(one.request.role, one.choices)
            jobs.append(Job(identity, one.request, routes[key]))
        prefetch = getattr(self._images, "prefetch", None)  # paths of all images in one look-up, where it is offered
        if prefetch and (image_ids := list(dict.fromkeys(i for w in todo.values() for i in w.request.image_ids))):
            prefetch(image_ids)
        budget = run.dispatcher.budget

        def refresh() -> None:
            if budget is not None:
                budget.refresh(run.caller.run_id, *self.ledger.spent(budget.scope(run.caller.run_id)))

        def tick() -> None:
            progress.report()
            refresh()

        refresh()
        self._background.run(run.all(jobs), tick, progress.interval_s)

    def _route(self, role: str, choices: Choices) -> Route:
        from resources.calls.endpoint import Endpoint, Limits
        from resources.calls.route import Route

        with self._lock:
            urls = [self._url(c) for c in choices]
            key = json.dumps(
                [role, *([u, c.model_dump(mode="json")] for u, c in zip(urls, choices, strict=True))], sort_keys=True
            )
            if key not in self._routes:
                endpoints = []
                for choice, url in zip(choices, urls, strict=True):
                    server = (url, choice.model, choice.api_key_env)
                    limits = self._limits.setdefault(server, Limits(choice, backoff_s=self._backoff_s))
                    endpoints.append(Endpoint(role, choice, url, limits))
                self._routes[key] = Route(role, endpoints, backoff_s=self._backoff_s)
            return self._routes[key]

    def _url(self, choice: EndpointSettings) -> str:
        if choice.base_url != EMBEDDED_TEACHER:
            return choice.base_url
        if self._teacher_url is None:
            self._teacher_url = sample_teacher.acquire(
                self.settings.truth_dir, self.settings.logs_dir, self.settings.sample_teacher
            )
        return self._teacher_url


def _batch_transport(run: Run, jobs: Sequence[Job]) -> Awaitable[None]:
    """The calls of one endpoint through its Batch API; imported where an endpoint asks for it."""
    from resources.calls.batch_api import BatchTransport

    return BatchTransport(run).make(jobs)


def _replies(
    ids: Sequence[str], rows: Mapping[str, Mapping[str, Any]], answered: Mapping[str, Mapping[str, Any]], seen: set[str]
) -> Iterator[ModelReply]:
    """The replies, in order. A repeated request of this run was paid once; `seen` are those that another run paid."""
    seen = set(seen)
    for identity in ids:
        row = answered.get(identity)
        yield reply_of(row or rows[identity], reused=row is None or identity in seen)
        seen.add(identity)


async def _close_all(routes: Sequence[Route]) -> None:
    await asyncio.gather(*(e.close() for route in routes for e in route.endpoints), return_exceptions=True)
