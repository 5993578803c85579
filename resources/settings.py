"""The installation's settings as a Dagster resource, read when a run needs them.

Belongs here: handing `Settings` to assets. Does not belong here: any default (wethink_assets/settings/).
"""

from __future__ import annotations

from dagster import ConfigurableResource
from pydantic import PrivateAttr

from wethink_assets.settings import Settings, load_settings


class SettingsResource(ConfigurableResource):
    """The settings of the process, or `values` instead of them, which tests and benchmarks use."""

    values: dict | None = None
    _loaded: Settings | None = PrivateAttr(default=None)

    def get(self) -> Settings:
        if self._loaded is None:
            self._loaded = load_settings() if self.values is None else Settings.model_validate(self.values)
        return self._loaded

    @classmethod
    def of(cls, settings: Settings) -> SettingsResource:
        """A resource that always gives these settings."""
        return cls(values=settings.model_dump(mode="json"))
