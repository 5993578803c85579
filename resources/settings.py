"""The installation's settings as a Dagster resource, read when a run needs them.

Belongs here: handing `Settings` to assets, and keeping values out of Dagster's configuration. Does not belong here: any
default (wethink_assets/settings/).

Dagster records the configuration of resources with every job and shows it in the UI. So resources carry no values: they
read the settings of their process, or name values that this process gave them, which tests and benchmarks do.
"""

from __future__ import annotations

from itertools import count
from typing import Any

from dagster import ConfigurableResource
from pydantic import PrivateAttr

from wethink_assets.settings import Settings, load_settings

_kept: dict[str, Any] = {}  # a forked child has its parent's
_numbers = count(1)
_read: Settings | None = None


def keep(value: Any) -> str:
    """Keep a value in this process; the name stands for it in a resource's configuration. Equal values share one."""
    for name, known in _kept.items():
        if type(known) is type(value) and known == value:
            return name
    name = f"given-{next(_numbers)}"
    _kept[name] = value
    return name


def kept(name: str) -> Any:
    """What `keep` was given.

    Raises:
        LookupError: it was given in another process.
    """
    try:
        return _kept[name]
    except KeyError:
        raise LookupError(
            f"{name} was given in another process: there the settings have to be read (build_definitions())"
        ) from None


def read_settings() -> Settings:
    """Read the settings of the process anew; resources that name no others have these from now on."""
    global _read
    _read = load_settings()
    return _read


def settings_of_process() -> Settings:
    """The settings that the graph was built of; read now where there is no graph in this process."""
    return _read or read_settings()


class SettingsResource(ConfigurableResource):
    """The settings of the process, or those that it gave under the name `given`."""

    given: str = ""
    _loaded: Settings | None = PrivateAttr(default=None)

    def get(self) -> Settings:
        if self._loaded is None:
            self._loaded = kept(self.given) if self.given else settings_of_process()
        return self._loaded

    @classmethod
    def of(cls, settings: Settings) -> SettingsResource:
        """A resource that always gives these settings."""
        return cls(given=keep(settings))
