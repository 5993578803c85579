"""Processes that do one thing at the same moment: claim files of the same source, or train one policy."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from resources import file_lock
from resources.lake.resource import Lake
from tests.sources.running import materialize
from wethink_assets.settings import Settings
from wethink_assets.sources.assets import source_asset
from wethink_assets.sources.catalog import source
from wethink_assets.training import policy_runs
from wethink_assets.training.job import Job


def apart(log: str, work: str, *given: Any) -> None:
    """Do this in a process of its own; an error lies in the log and ends it with 1."""
    try:
        {"claim": claim, "train": train}[work](*given)
    except BaseException:  # noqa: BLE001 - the test shows it
        Path(log).write_text(traceback.format_exc(), "utf-8")
        sys.exit(1)


def claim(settings: dict[str, Any], key: str, batch: str, start: Any) -> None:
    """Materialize a source for a batch, once all others are ready to."""
    own = Settings.model_validate(settings)
    lake = Lake.of(own)
    asset = source_asset(source(key))
    start.wait(120)
    assert materialize([asset], batch, lake, own).success


def train(job: str, mine: str, other: str, launched: str, start: Any) -> None:
    """Have the policy of a job made. Who makes it waits until the other one has said that it waits."""
    file_lock.FIRST_WORD_S = file_lock.NEXT_WORD_S = 0.1

    def say(line: str) -> None:
        with Path(mine).open("a", encoding="utf-8") as log:
            log.write(f"{line}\n")

    class Launcher:
        def run(self, context: Any, module: str, arguments: list[str], **_: Any) -> None:
            with Path(launched).open("a", encoding="utf-8") as log:
                log.write(f"{arguments[0]}\n")
            while not (Path(other).exists() and "waiting for" in Path(other).read_text("utf-8")):
                pass
            own = Job.read(arguments[0])
            made = own.work / "made"
            made.mkdir()
            (made / "model.safetensors").write_bytes(b"weights")
            own.finish(made, {"seconds": 1.0})

    start.wait(120)
    context = SimpleNamespace(log=SimpleNamespace(info=say))
    manifest = policy_runs.completed(context, Launcher(), Job.read(job))  # ty: ignore[invalid-argument-type]
    say(f"has {manifest['policy_id']}")
