"""Further sinks of training metrics: where MLflow writes, beside the lake's own record of every step.

Belongs here: a worker's variables for a sink, and what is missing for it. Pure. Does not belong here: writing (the
trainer's own callbacks), TensorBoard's folder, which the worker names itself.

Offline: a database file in the home, no server, no telemetry. The trainer's callback reads these variables.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path


class SinkError(ValueError):
    """A sink cannot be written to; the message names it and the cure."""


def sink_variables(report_to: Sequence[str], reports: Path, policy_id: str) -> dict[str, str]:
    """Variables that a training worker needs for its sinks; the folder of their files, below `reports`, is made.

    Raises:
        SinkError: a sink is not installed.
    """
    if "mlflow" not in report_to:
        return {}
    if not find_spec("mlflow"):
        raise SinkError(
            'training.report_to names mlflow, which is not installed: install the extra "mlflow", or leave it out '
            "(every metric is in training_steps)"
        )
    folder = (reports / "mlflow").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return {
        "MLFLOW_TRACKING_URI": f"sqlite:///{folder}/runs.sqlite",
        "MLFLOW_EXPERIMENT_NAME": "wethink",
        "MLFLOW_TAGS": json.dumps({"mlflow.runName": policy_id}),
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "GIT_PYTHON_REFRESH": "quiet",
    }
