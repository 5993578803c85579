"""OpenLineage transport: events to a server, a file, or both, by the client's own transports.

Belongs here: sending within a bounded time, what is lost and why. Does not belong here: what an event says
(wethink_assets/lineage_events.py).

A batch never fails by it: what cannot be sent is counted, and a server that failed is left alone for a minute. The
client's transports are used alone, since its client object adds the checkout's remote address and variables of the
environment to events.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from wethink_assets.settings import OpenLineageSettings

if TYPE_CHECKING:
    from openlineage.client.event_v2 import RunEvent

PAUSE_S = 60.0  # that a server which failed is left alone
INSTALL = "the package openlineage-python is not installed: pip install 'wethink-assets[openlineage]'"


class Sink:
    """Where the events of one run go. `lost` counts those that did not arrive at one of the places."""

    def __init__(self, settings: OpenLineageSettings, home: Path) -> None:
        self.lost = 0
        self._settings = settings
        self._home = home
        self._places: list[_Place] | None = None

    def send(self, event: RunEvent, warn: Callable[[str], None]) -> None:
        """Send to each place; `warn` is told of a place when it begins to fail."""
        if self._places is None:
            self._places = self._opened()
        failed = False
        for place in self._places:
            if told := place.send(event, self._settings.timeout_s):
                warn(f"OpenLineage: {told}. The run goes on without; what is lost is counted.")
            failed |= place.failed
        self.lost += failed

    def _opened(self) -> list[_Place]:
        places: list[_Place] = []
        if self._settings.file:
            path = self._home / self._settings.file
            places.append(_Place(f"the file {path.name}", lambda: _file(path)))
        if self._settings.url:
            places.append(_Place(f"the server {urlsplit(self._settings.url).netloc}", lambda: _server(self._settings)))
        return places


class _Place:
    """A file or a server. `failed` says whether the last event got lost here."""

    def __init__(self, name: str, opened: Callable[[], Any]) -> None:
        self._name = name
        self._opened = opened
        self._transport: Any = None
        self._quiet_until = 0.0
        self.failed = False

    def send(self, event: RunEvent, limit: float) -> str:
        """Why the event got lost, the first time in a row; else ''."""
        if time.monotonic() < self._quiet_until:
            return ""
        before, self.failed = self.failed, False
        why = self._why_not(event, limit)
        if not why:
            return ""
        self.failed = True
        self._quiet_until = time.monotonic() + PAUSE_S
        return "" if before else f"{self._name} took no event ({why})"

    def _why_not(self, event: RunEvent, limit: float) -> str:
        """What kept the event back, without an address or a key; '' where it arrived."""
        errors: list[str] = []

        def emit() -> None:
            try:
                self._transport = self._transport or self._opened()
                self._transport.emit(event)
            except ImportError:
                errors.append(INSTALL)
            except Exception as error:  # noqa: BLE001 - a place that fails ends no batch
                status = getattr(getattr(error, "response", None), "status_code", None)
                errors.append(f"{type(error).__name__}{f', HTTP {status}' if status else ''}")

        # The client's timeout is one of each read: a server that answers byte by byte would keep a step waiting.
        thread = threading.Thread(target=emit, daemon=True)
        thread.start()
        thread.join(2 * limit)
        return errors[0] if errors else "no answer in time" if thread.is_alive() else ""


def _file(path: Path) -> Any:
    from openlineage.client.transport.file import FileConfig, FileTransport

    path.parent.mkdir(parents=True, exist_ok=True)
    return FileTransport(FileConfig(log_file_path=str(path), append=True))


def _server(settings: OpenLineageSettings) -> Any:
    from openlineage.client.transport.http import ApiKeyTokenProvider, HttpConfig, HttpTransport, TokenProvider

    key = os.environ.get(settings.api_key_env, "").strip() if settings.api_key_env else ""
    if settings.api_key_env and not key:
        raise LookupError(settings.api_key_env)
    return HttpTransport(
        HttpConfig(
            url=settings.url or "",
            endpoint=settings.endpoint,
            timeout=settings.timeout_s,
            auth=ApiKeyTokenProvider({"api_key": key}) if key else TokenProvider({}),
            retry={"total": 0},
        )
    )
