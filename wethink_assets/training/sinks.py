"""Further sinks of training metrics (TensorBoard, MLflow): where they write, beside the lake's record of every step.

Belongs here: a worker's variables for a sink, and what is missing for it. Does not belong here: writing (the trainer's
own callbacks).

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
    variables: dict[str, str] = {}
    if "tensorboard" in report_to:
        if not (find_spec("tensorboard") or find_spec("tensorboardX")):
            raise _missing("tensorboard", 'install "tensorboardX"')
        variables["TENSORBOARD_LOGGING_DIR"] = str(reports.resolve() / "tensorboard" / policy_id)
    if "mlflow" in report_to:
        if not find_spec("mlflow"):
            raise _missing("mlflow", 'install the extra "mlflow"')
        folder = reports.resolve() / "mlflow"
        folder.mkdir(parents=True, exist_ok=True)
        variables |= {
            "MLFLOW_TRACKING_URI": f"sqlite:///{folder}/runs.sqlite",
            "MLFLOW_EXPERIMENT_NAME": "wethink",
            "MLFLOW_TAGS": json.dumps({"mlflow.runName": policy_id}),
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "GIT_PYTHON_REFRESH": "quiet",
        }
    return variables


def _missing(sink: str, cure: str) -> SinkError:
    return SinkError(
        f"training.report_to names {sink}, which is not installed: {cure}, or leave it out (every metric is in "
        "training_steps)"
    )
