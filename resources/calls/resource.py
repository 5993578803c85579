"""Model calls as a Dagster resource: every role and every served policy, through one ledger.

Belongs here: the signature that assets use, and the engine's lifetime within a run.
Does not belong here: the engine itself (engine.py), HTTP (endpoint.py), prompts.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Sequence
from typing import Any

from dagster import AssetObservation, ConfigurableResource, InitResourceContext
from pydantic import PrivateAttr

from resources.calls.engine import CallEngine
from resources.calls.failures import FailureLimit
from resources.calls.messages import ModelReply, ModelRequest
from resources.image_files import ImageFiles
from resources.lake.resource import Lake
from resources.settings import SettingsResource
from wethink_assets.settings import EndpointSettings


class ModelCalls(ConfigurableResource):
    """Model calls of a run: equal requests once, finished calls never again, whatever run or batch asks."""

    lake: Lake
    settings: SettingsResource
    images: ImageFiles
    _engine: CallEngine | None = PrivateAttr(default=None)
    _lock: Any = PrivateAttr(default_factory=threading.Lock)

    @property
    def engine(self) -> CallEngine:
        with self._lock:
            if self._engine is None:
                self._engine = CallEngine(self.settings.get(), self.lake, self.images)
            return self._engine

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
        observe: Callable[[dict[str, Any]], None] | None = None,
    ) -> list[ModelReply]:
        """Replies aligned with `requests`. A row that fails is a reply with `ok=False` and its reason.

        `endpoint` replaces the role's own; role "policy" has none and needs it. `log` takes one line every two
        seconds: `context.log`, or a function.

        Raises:
            EndpointUnreachableError: a role's endpoints do not answer, fail everything, or refuse the key.
            BudgetSpentError: the next call might cost more than [budget] allows.
            TooManyFailedError: more subjects failed than `failures` allows.
            CallsError: a role has no endpoint, a key is not set, or the ledger cannot be written. All is kept.
        """
        try:
            return self.engine.run(
                requests,
                asset=asset,
                batch=batch,
                run_id=run_id,
                log=log,
                endpoint=endpoint,
                failures=failures,
                observe=observe,
            )
        except Exception:
            raise
        except BaseException:
            # Interrupted: the process is about to end. Searching all that Dagster and openai loaded for garbage once
            # more would take it a second, and several on a busy machine.
            gc.freeze()
            raise

    def for_asset(
        self,
        context: Any,
        *,
        batch: str = "",
        endpoint: EndpointSettings | None = None,
        failures: FailureLimit | None = None,
    ) -> Callable[[Sequence[ModelRequest]], list[ModelReply]]:
        """The `ask` that an asset hands to its pure stage, bound to the asset's key, batch and run.

        `failures` counts over all that is asked with it. While calls are under way their progress is in the run's log,
        and every 30 s an observation of the asset.
        """
        asset = "/".join(context.asset_key.path)

        def observe(numbers: dict[str, Any]) -> None:
            context.log_event(AssetObservation(context.asset_key, partition=batch or None, metadata=numbers))

        def ask(requests: Sequence[ModelRequest]) -> list[ModelReply]:
            return self.run(
                requests,
                asset=asset,
                batch=batch,
                run_id=context.run.run_id,
                log=context.log,
                endpoint=endpoint,
                failures=failures,
                observe=observe,
            )

        return ask

    def missing(self, requests: Sequence[ModelRequest], endpoint: EndpointSettings | None = None) -> int:
        """How many distinct requests the ledger cannot answer: 0 means that no server is needed."""
        return self.engine.missing(requests, endpoint)

    def teardown_after_execution(self, context: InitResourceContext) -> None:
        with self._lock:
            engine, self._engine = self._engine, None
        if engine is not None:
            engine.close()
