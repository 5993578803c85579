"""Model calls as a Dagster resource: every role and every served policy, through one ledger.

Belongs here: the signature that assets use, and the engine's lifetime within a run.
Does not belong here: the engine itself (call_engine.py), HTTP (endpoints.py), prompts.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from dagster import ConfigurableResource, InitResourceContext
from pydantic import PrivateAttr

from resources.call_engine import CallEngine
from resources.image_files import ImageFiles
from resources.lake import Lake
from resources.requests import ModelReply, ModelRequest
from resources.settings import SettingsResource
from wethink_assets.settings import EndpointSettings


class ModelCalls(ConfigurableResource):
    """Asks models: equal requests once, finished calls never again, whatever run or batch asks."""

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
    ) -> list[ModelReply]:
        """Replies aligned with `requests`. A row that fails is a reply with `ok=False` and its reason.

        `endpoint` replaces the role's own; role "policy" has none and needs it. `log` takes one line every two
        seconds: `context.log`, or a function.

        Raises:
            EndpointUnreachable: an endpoint does not answer or refuses the key; what was done is kept.
            CallsError: a role has no endpoint, a key is not set, or the ledger cannot be written.
        """
        return self.engine.run(requests, asset=asset, batch=batch, run_id=run_id, log=log, endpoint=endpoint)

    def asker(
        self, context: Any, *, batch: str = "", endpoint: EndpointSettings | None = None
    ) -> Callable[[Sequence[ModelRequest]], list[ModelReply]]:
        """The `ask` that an asset hands to its pure stage, bound to the asset's key, batch and run."""
        asset = "/".join(context.asset_key.path)

        def ask(requests: Sequence[ModelRequest]) -> list[ModelReply]:
            return self.run(
                requests, asset=asset, batch=batch, run_id=context.run.run_id, log=context.log, endpoint=endpoint
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
