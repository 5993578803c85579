"""`wethink doctor --fix` killed at each change: `python -m tests.cli.killed_doctor FOLDER`, whose result is JSON.

Every doctor is a fork of a process that has imported all: one that is killed before or after a change, and then one
that is left alone. What they end in is printed by where the first was killed.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.storage.event_log import SqlEventLogStorage
from rich.console import Console

from jobs.dead_runs import held_slots
from resources.scratch import _LOCK, Scratch
from resources.workers.process_identity import ProcessIdentity
from wethink_assets.cli import health
from wethink_assets.cli.doctor import LOOKS, run_doctor
from wethink_assets.cli.installation import DAGSTER_YAML

POINTS: dict[str, tuple[Any, ...]] = {
    "undisturbed": (),
    **{
        f"{when} {name} {number}": (owner, name, number, when)
        for owner, name, number, when in (
            (Path, "chmod", 1, "before"),
            (dg.DagsterInstance, "report_run_failed", 1, "before"),
            (dg.DagsterInstance, "report_run_failed", 1, "after"),
            (SqlEventLogStorage, "free_concurrency_slots_for_run", 1, "after"),
            (Path, "unlink", 1, "after"),
            (shutil, "rmtree", 2, "before"),
            (os, "unlink", 3, "after"),
            (os, "rmdir", 2, "before"),
        )
    },
}


def sick(home: Path) -> None:
    """A home that is open to others, with a dead run that holds a slot, and what it left."""
    (home / "dagster").mkdir(parents=True)
    home.chmod(0o755)
    (home / "dagster/dagster.yaml").write_text(DAGSTER_YAML)
    here = ProcessIdentity.here()
    gone = ProcessIdentity(here.host, here.machine, "another-boot", here.namespace, here.pid, here.started)
    with dg.DagsterInstance.from_config(str(home / "dagster")) as instance:
        run = instance.create_run_for_job(dg.GraphDefinition("g").to_job("job"))
        instance.add_run_tags(run.run_id, {"wethink/process": f"{run.run_id} {gone}"})
        instance.report_dagster_event(dg.DagsterEvent("PIPELINE_START", "job"), run.run_id)
        storage = instance.event_log_storage
        storage.initialize_concurrency_limit_to_default("gpu")
        assert storage.claim_concurrency_slot("gpu", run.run_id, "step").is_claimed
    for name in ("questions", "answers"):
        left = Scratch(home / ".work/stages", name)
        (left.folder / "rows").mkdir()
        for part in ("rows/1", "rows/2", "more"):
            (left.folder / part).write_bytes(b"x")
        os.close(left._lock)


def ends(home: Path) -> list[Any]:
    with dg.DagsterInstance.from_config(str(home / "dagster")) as instance:
        status = [run.status.value for run in instance.get_runs()]
        held = {run: sorted(pools) for run, pools in held_slots(instance).items()}
    left = sorted(p.relative_to(home).as_posix() for p in (home / ".work").rglob("*") if not p.name.startswith(_LOCK))
    return [oct(home.stat().st_mode & 0o777), status, held, left]


def apart(work: Callable[[], object]) -> int:
    """The status of a fork that did this work."""
    if child := os.fork():
        return os.waitpid(child, 0)[1]
    try:
        work()
    finally:
        os._exit(0)


def doctor(home: Path, owner: Any = None, name: str = "", number: int = 0, when: str = "") -> None:
    os.environ["WETHINK_HOME"] = str(home)
    if owner is not None:
        whole, calls = getattr(owner, name), []

        def cut(*given: Any, **more: Any) -> Any:
            calls.append(name)
            if when == "before" and len(calls) == number:
                os.kill(os.getpid(), signal.SIGKILL)
            done = whole(*given, **more)
            if when == "after" and len(calls) == number:
                os.kill(os.getpid(), signal.SIGKILL)
            return done

        setattr(owner, name, cut)
    with Path(os.devnull).open("w") as nowhere:
        run_doctor(Console(file=nowhere), fix=True, endpoints=False, as_json=False)


def main(folder: Path) -> None:
    health.LITTLE = 0
    for look in set(LOOKS) - {"home", "runs", "leftovers"}:  # the others mend nothing
        del LOOKS[look]
    health.machine = lambda: iter(())
    told = {}
    for number, (name, at) in enumerate(POINTS.items()):
        home = folder / str(number)
        apart(lambda home=home: sick(home))
        first = apart(lambda home=home, at=at: doctor(home, *at))
        killed = os.WIFSIGNALED(first)
        apart(lambda home=home: doctor(home))
        told[name] = {"killed": killed, "ends": ends(home)}
    print(json.dumps(told))  # noqa: T201 - what the test reads


if __name__ == "__main__":
    main(Path(sys.argv[1]))
