"""Checkpoints of a training run: which are complete, which one to go on from, how many are kept.

Belongs here: the seal of a checkpoint, written when every process has written its part, and what it proves. Pure.
Does not belong here: what is in a checkpoint (the trainer writes it), when one is made (grpo_worker.py).

The trainer writes a checkpoint file by file into a folder that has its final name from the beginning, and each process
its own random state whenever it gets there. So no file of it says that all of it is there: the seal does, which the
first process writes behind a barrier, with the size of every file, after all of them are on the disk. Older ones go
only then. Nothing in it names the place where it was made.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

SEAL = "complete.json"


def seal(folder: Path, processes: int) -> None:
    """Say that a checkpoint is complete, as written by so many processes."""
    sizes = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        with path.open("rb") as file:
            os.fsync(file.fileno())
        sizes[str(path.relative_to(folder))] = path.stat().st_size
    part = folder / f"{SEAL}.part"
    with part.open("w", encoding="utf-8") as file:
        json.dump({"processes": processes, "files": sizes}, file)
        file.flush()
        os.fsync(file.fileno())
    part.replace(folder / SEAL)


def without_places(folder: Path) -> None:
    """Take out what names the place where it was made: a pickle of arguments, an adapter's base by its folder."""
    (folder / "training_args.bin").unlink(missing_ok=True)
    described = folder / "adapter_config.json"
    if not described.is_file():
        return
    base = json.loads(described.read_text("utf-8")).get("base_model_name_or_path") or ""
    if Path(base).is_absolute():
        for path in (described, folder / "README.md"):
            if path.is_file():
                path.write_text(path.read_text("utf-8").replace(base, Path(base).name), "utf-8")


def sealed_by(folder: Path) -> int | None:
    """How many processes wrote a checkpoint to its end; None where it is not complete, or no longer."""
    try:
        told = json.loads((folder / SEAL).read_text("utf-8"))
        whole = all((folder / name).stat().st_size == size for name, size in told["files"].items())
        return int(told["processes"]) if whole else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def step_of(folder: Path) -> int:
    """The step that a checkpoint was made after."""
    return int(folder.name.rsplit("-", 1)[1])


def complete(folder: Path) -> list[Path]:
    """The complete checkpoints below a folder, the newest first."""
    found = [path for path in folder.glob("checkpoint-*") if sealed_by(path) is not None]
    return sorted(found, key=step_of, reverse=True)


def last_checkpoint(folder: Path, processes: int, steps: int) -> Path | None:
    """The newest complete checkpoint, by as many processes as there are now: parts of other numbers do not fit.

    One of the last of `steps` is none to go on from: the trainer would make one step more.
    """
    fitting = (path for path in complete(folder) if step_of(path) < steps and sealed_by(path) == processes)
    return next(fitting, None)


def keep_newest(folder: Path, number: int) -> None:
    """Drop all but the newest complete checkpoints; those that a kill left unfinished go too."""
    kept = complete(folder)[:number]
    for path in folder.glob("checkpoint-*"):
        if path not in kept:
            shutil.rmtree(path, ignore_errors=True)
