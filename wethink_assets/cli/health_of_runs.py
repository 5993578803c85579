"""Health of runs (orphaned state): Dagster's storage, runs whose process is gone, folders that they left.

Belongs here: looking, and mending with what ends dead runs anyway (jobs/dead_runs.py, resources/scratch.py). Does not
belong here: machine, lake and sources (health.py).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import yaml

from resources.lake.catalog import without_password
from resources.scratch import abandoned, remove_abandoned
from wethink_assets.cli.health import Finding, fault, note, sqlite_problem
from wethink_assets.settings import Settings

_BY = "wethink doctor"


def _dagster_home(settings: Settings) -> Path:
    return Path(os.environ.get("DAGSTER_HOME") or settings.home / "dagster").expanduser()


def _usable(folder: Path) -> bool:
    """Whether there is an instance, which can be opened without making one: its own files, or a database named."""
    config = folder / "dagster.yaml"
    return config.is_file() and ((folder / "history" / "runs.db").is_file() or _elsewhere(config))


def _elsewhere(config: Path) -> bool:
    """Whether run history is kept in a database that dagster.yaml names."""
    try:
        said = yaml.safe_load(config.read_text("utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return False
    return isinstance(said, dict) and any(key in said for key in ("storage", "run_storage"))


def dagster_storage(settings: Settings, fix: bool) -> Iterator[Finding]:
    """Configuration and databases of the run history."""
    folder = _dagster_home(settings)
    if not folder.is_dir():
        if settings.home.is_dir():
            yield note("Dagster", folder, "not there yet", "the first run makes it")
        return
    config = folder / "dagster.yaml"
    try:
        if not isinstance(yaml.safe_load(config.read_text("utf-8")), dict | None):
            raise ValueError("it is no mapping")
    except FileNotFoundError:
        yield note("Dagster", config, "not there: pools would have no limit", "the next run writes it")
    except (OSError, ValueError, yaml.YAMLError) as error:
        cure = "correct it, or remove it: the next run writes it again"
        yield fault("Dagster", config, " ".join(str(error).split())[:200], cure)
    for database in sorted(
        {*folder.glob("history/*.db"), *folder.glob("schedules/*.db"), *folder.glob("storage/*.db")}
    ):
        if problem := sqlite_problem(database):
            cure = "move it away: the run history begins anew, the lake is not touched"
            yield fault("Dagster", database, problem, cure)


def runs(settings: Settings, fix: bool) -> Iterator[Finding]:
    """Runs that Dagster believes to be under way though their process is gone, and slots that ended ones hold."""
    import dagster as dg

    from jobs.dead_runs import held_slots, release_dead_runs, runs_under_way

    folder = _dagster_home(settings)
    if not _usable(folder):
        return
    with ExitStack() as stack:
        try:
            instance = stack.enter_context(dg.DagsterInstance.from_config(str(folder)))
            instance.get_runs_count()
        except Exception as error:
            if not _elsewhere(folder / "dagster.yaml"):
                raise
            said = without_password(" ".join(f"{type(error).__name__}: {error}".split())[:200])
            yield fault("Dagster", folder / "dagster.yaml", f"the storage that it names cannot be used: {said}",
                        "look whether that database runs, and at `storage` there")  # fmt: skip
            return
        dead = [c for c in runs_under_way(instance) if c.state == "gone" or (c.run.is_finished and c.slots)]
        unknown = [c for c in runs_under_way(instance) if c.state == "unknown" and not c.run.is_finished]
        deleted = {run: pools for run, pools in held_slots(instance).items() if instance.get_run_by_id(run) is None}
        if fix and (dead or deleted):
            release_dead_runs(instance, _BY)
            left = {c.run.run_id for c in runs_under_way(instance)}
            left |= held_slots(instance).keys()
        else:
            left = {c.run.run_id for c in dead} | deleted.keys()
    for carried in dead:
        holds = f" and holds {', '.join(carried.slots)}" if carried.slots else ""
        yield fault(
            "runs",
            folder,
            f"{carried.in_words} is gone{holds}",
            "wethink runs ends it, as --fix does",
            fixed=carried.run.run_id not in left,
        )
    for run, pools in sorted(deleted.items()):
        yield fault("runs", folder, f"run {run[:8]} was deleted and still holds {', '.join(sorted(pools))}",
                    "wethink runs gives it back, as --fix does", fixed=run not in left)  # fmt: skip
    for carried in unknown:
        yield note("runs", folder, f"{carried.in_words} cannot be looked for from here",
                   f"if it is dead: wethink runs end {carried.run.run_id[:8]}")  # fmt: skip


def leftovers(settings: Settings, fix: bool) -> Iterator[Finding]:
    """Private folders of processes that were killed, and trainings that did not come to their end."""
    for root in (settings.spill_dir, settings.scratch_dir):
        if not root.is_dir() or not (left := abandoned(root)):
            continue
        size = sum(_size(folder) for folder in left)
        if fix:
            remove_abandoned(root)
        yield fault(
            "leftovers",
            root,
            f"{len(left)} folder{'s' * (len(left) > 1)} of killed processes, {size / 1e6:,.0f} MB",
            "the next run removes them, as --fix does",
            fixed=fix and not abandoned(root),
        )
    for work in sorted(settings.policies_dir.glob("*.work")) if settings.policies_dir.is_dir() else ():
        yield note("leftovers", work, "a training that did not come to its end, with its checkpoints",
                   "wethink run --part train goes on from there; remove it to begin anew")  # fmt: skip


def _size(folder: Path) -> int:
    """Bytes of the files below a folder that is left alone by everybody."""
    return sum(file.lstat().st_size for file in folder.rglob("*") if file.is_file() and not file.is_symlink())
