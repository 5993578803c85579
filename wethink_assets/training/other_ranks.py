"""A policy left unfinished on another number of ranks (elastic resume): found, and said in one line.

Belongs here: finding it among the work folders, and the words. Pure. Does not belong here: which number of ranks there
is (resources/workers/launcher.py), going on where the number is the same (checkpoints.py).

Each rank samples by its own random state and holds its own part of the optimizer's states. On another number of ranks
the same settings are another run, with another id, which would begin at its first step without a word.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from wethink_assets.training.checkpoints import complete, step_of
from wethink_assets.training.job import Job


def unfinished_elsewhere(job: Job, id_of: Callable[[int], str]) -> tuple[Job, int] | None:
    """The furthest unfinished run of the same policy on other ranks, and the step after which it can go on.

    None where there is none, or where this run itself is finished or can go on. `id_of` gives the policy's id on a
    number of processes.
    """
    if job.folder.is_dir() or complete(job.work / "checkpoints"):
        return None
    found: list[tuple[Job, int]] = []
    for path in Path(job.policies_dir).glob("*.work/job.json"):
        try:
            other = Job.read(path)
        except (OSError, ValueError, TypeError):
            continue
        if other.processes and other.policy_id not in ("", job.policy_id) and other.policy_id == id_of(other.processes):
            found += [(other, step_of(point)) for point in complete(path.parent / "checkpoints")[:1]]
    return max(found, key=lambda pair: pair[1], default=None)


def in_words(job: Job, other: Job, step: int) -> str:
    """What there is, and the two ways on."""
    return (
        f"this policy was trained up to step {step} of {job.training['steps']} on {other.processes} processes "
        f"({other.work}), and here are {job.processes}, which sample otherwise: set training.processes = "
        f'{other.processes} to go on with it, or training.on_other_ranks = "restart" to begin anew'
    )
