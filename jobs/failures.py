"""Messages about failed runs: to a webhook or a file, with the cause and what to do.

Belongs here: the sensor, the message, sending it. Does not belong here: what a cause says (the step that failed), runs
whose process is gone (dead_runs.py: they are failed there, and told here).

Off unless `[failures]` names somewhere. The webhook's address is a secret: only its host is ever shown. A message that
cannot be sent is logged, and fails nothing.
"""

from __future__ import annotations

import json
import os
import urllib.request
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit

import dagster as dg

from jobs.batch_states import cause
from jobs.growth import PARTITION_TAG
from resources.calls.keys import without_secrets
from wethink_assets.settings import Settings

SENSOR = "failed_runs"
LIMIT_S = 10.0
MOST_CHARS = 600  # of one cause
TRIES = 2


def failure_sensors(settings: Settings) -> list[dg.SensorDefinition]:
    """The sensor of an installation that wants to be told, which runs from the start; none for others."""
    if not settings.failures.on:
        return []

    @dg.run_failure_sensor(
        name=SENSOR,
        default_status=dg.DefaultSensorStatus.RUNNING,
        minimum_interval_seconds=30,
        monitor_all_code_locations=True,  # runs of the command line name none
        description="A run failed: send the cause and what to do to the webhook or the file that [failures] names.",
    )
    def failed_runs(context: dg.RunFailureSensorContext) -> None:
        events = context.get_step_failure_events()
        steps = {(event.step_key or "").replace("__", "/"): cause(event) for event in events}
        told = message(context.dagster_run, steps, context.failure_event.message or "", settings)
        tell(told, settings, context.log.error)

    return [failed_runs]


def message(run: dg.DagsterRun, steps: Mapping[str, str], why: str, settings: Settings) -> dict[str, Any]:
    """What is sent: `text` for people, the rest for programs. `steps`: causes by step; `why`: where no step failed."""

    def shown(text: str) -> str:
        return without_secrets(text, settings.secret_variables)[:MOST_CHARS]

    batch = run.tags.get(PARTITION_TAG, "")
    causes = {step: shown(text) for step, text in steps.items()} or {"run": shown(why)}
    cure = (
        f"What was committed stays. Mend the cause, then `wethink run{f' --batch {batch}' if batch else ''}`, or "
        "re-execute the run from its failure in the UI; `wethink doctor` looks for causes in the installation."
    )
    name = f"run {run.run_id[:8]} of {run.job_name}{f' for {batch}' if batch else ''} failed"
    lines = [f"WeThink: {name}", *(f"- {step}: {text}" for step, text in causes.items()), cure]
    return {
        "text": "\n".join(lines),
        "run_id": run.run_id,
        "job": run.job_name,
        "batch": batch,
        "causes": causes,
        "cure": cure,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def tell(told: Mapping[str, Any], settings: Settings, complain: Callable[[str], None]) -> None:
    """Send to the file and the webhook; `complain` gets a line for each that does not take it."""
    body = json.dumps(told, ensure_ascii=False)
    if settings.failures.file:
        path = settings.home / settings.failures.file
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8") as file:
                file.write(body + "\n")
        except OSError as error:
            complain(f"[failures] file {path.name} took no message: {error.strerror}")
    if variable := settings.failures.webhook_env:
        url = os.environ.get(variable, "").strip()
        if why := _posted(url, body.encode(), tries=TRIES):
            complain(f"the webhook {urlsplit(url).hostname or f'of {variable}'} took no message: {why}")


def _posted(url: str, body: bytes, *, tries: int) -> str:
    """Why a webhook took no message, without its address; '' where it did."""
    if urlsplit(url).scheme not in ("http", "https"):
        return "the environment variable that [failures] webhook_env names holds no http or https address"
    why = ""
    for _ in range(tries):
        try:
            request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310
            with urllib.request.urlopen(request, timeout=LIMIT_S):  # noqa: S310 - the scheme was looked at
                return ""
        except OSError as error:  # URLError and HTTPError are among them
            why = f"HTTP {error.code}" if isinstance(error, HTTPError) else type(error).__name__
        except ValueError as error:
            return type(error).__name__
    return why
