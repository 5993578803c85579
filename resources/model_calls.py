"""Model calls as a Dagster resource: every role and every served policy, through one ledger.

Belongs here: the signature that assets use, and its lifetime within a run.
Does not belong here: HTTP, retries (endpoints.py), remembering (ledger.py), prompts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dagster import ConfigurableResource

from resources.image_files import ImageFiles
from resources.lake import Lake
from resources.requests import ModelReply, ModelRequest
from resources.settings import SettingsResource
from wethink_assets.settings import EndpointSettings


class ModelCalls(ConfigurableResource):
    """Asks models, once for equal requests, ever."""

    lake: Lake
    settings: SettingsResource
    images: ImageFiles

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
        """Replies aligned with `requests`."""
        raise NotImplementedError

    def missing(self, requests: Sequence[ModelRequest], endpoint: EndpointSettings | None = None) -> int:
        """How many distinct requests the ledger cannot answer."""
        raise NotImplementedError
