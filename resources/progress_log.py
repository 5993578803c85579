"""The progress log: a Dagster logger that turns a run's events into lines for a terminal.

Belongs here: choosing and shaping lines. Does not belong here: recording; Dagster keeps every event.
"""

from __future__ import annotations

import logging
import sys
import time
from typing import Any

import dagster as dg


class ProgressHandler(logging.Handler):
    """The log handler: steps as they start and end with their time, failed checks, and what assets log from INFO up."""

    def __init__(self, steps: int = 0) -> None:
        super().__init__()
        self._steps = steps
        self._done = 0
        self._began = time.monotonic()
        self._started: dict[str, float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        meta: dict[str, Any] = getattr(record, "dagster_meta", None) or {}
        event = getattr(record, "dagster_event", None)
        step = str(meta.get("step_key") or "").replace("__", "/")
        if event is None:
            if record.levelno >= logging.INFO:
                self._line(f"    {meta.get('orig_message') or record.getMessage()}")
            return
        kind = event.event_type_value
        if kind == "STEP_START":
            self._started[step] = time.monotonic()
            self._line(f"  > {step}")
        elif kind == "STEP_SUCCESS":
            self._done += 1
            self._line(
                f"  + {step} done in {time.monotonic() - self._started.get(step, self._began):.1f} s{self._count()}"
            )
        elif kind in ("STEP_FAILURE", "STEP_SKIPPED"):
            self._done += 1
            self._line(f"  ! {step} {'failed' if kind == 'STEP_FAILURE' else 'skipped'}{self._count()}")
        elif kind == "ASSET_CHECK_EVALUATION":
            check = event.asset_check_evaluation_data
            if not check.passed:
                self._line(
                    f"    check {check.check_name} of {check.asset_key.to_user_string()} did not pass: "
                    f"{check.description or ''}"
                )

    def _count(self) -> str:
        return f"  [{self._done}/{self._steps}]" if self._steps else ""

    def _line(self, text: str) -> None:
        elapsed = time.monotonic() - self._began
        sys.stdout.write(f"{int(elapsed // 60):2d}:{elapsed % 60:04.1f} {text}\n")
        sys.stdout.flush()


@dg.logger(
    config_schema={"steps": dg.Field(int, default_value=0, is_required=False)},
    description="Progress lines for a terminal: steps with their times, and what assets report.",
)
def progress_logger(context: dg.InitLoggerContext) -> logging.Logger:
    logger = logging.Logger("wethink.progress", level=logging.DEBUG)  # noqa: LOG001 - one per run, as Dagster expects
    logger.addHandler(ProgressHandler(int(context.logger_config.get("steps", 0))))
    return logger
