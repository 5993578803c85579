"""Growth batches (dynamic partitions): which comes next, and how far the runs of one have come.

Belongs here: names of batches, what is known of their runs. It only looks: a batch becomes a row of the lake with the
first source that takes files for it (sources/batches.py). Does not belong here: what asks for a run (schedules.py,
sensors.py, the command line).

Partitions that people add in the UI may have any name. They stand among the others, and numbering goes on beside them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import dagster as dg

from jobs.dead_runs import runs_under_way
from jobs.jobs import everything, grow_data
from wethink_assets.memoisation import GO_ON_TAG
from wethink_assets.partitions import GROWTH_BATCH
from wethink_assets.sources.batches import REASON_TAG

MOST_RUNS = 3  # of one batch that are asked for without a person
PARTITION_TAG = "dagster/partition"
_OURS = re.compile(r"batch-(\d{4,9})")
_JOBS = (everything.name, grow_data.name)
_KEY = re.compile(r" run (\d{1,9})$")
# Not those that were made and never submitted: asked for by the same key, Dagster submits them.
_WAITING = [dg.DagsterRunStatus.QUEUED]


class Reads(Protocol):
    """The lake, as far as it is needed here."""

    def rows(self, name: str, **parameters: Any) -> list[dict[str, Any]]: ...


def batch_name(position: int) -> str:
    """Partition key of the n-th numbered batch, counted from 1; sorts as text up to 9,999."""
    return f"batch-{position:04d}"


def next_batch(lake: Reads, instance: dg.DagsterInstance) -> str:
    """The numbered batch to run next. The last one is given again while nothing of it was materialised, unless it was
    run and a person deleted it.
    """
    begun = {row["batch"]: row["begun"] for row in lake.rows("growth/select_batches")}
    partitions = instance.get_dynamic_partitions(GROWTH_BATCH)
    numbers = _numbers([*begun, *partitions])
    last = max(numbers, default=0)
    if last and not begun.get(numbers[last]):
        return numbers[last]
    following = last + 1
    while batch_name(following) not in partitions and progress_of(instance, batch_name(following)).asked:
        following += 1
    return batch_name(following)


def last_numbered(lake: Reads, instance: dg.DagsterInstance) -> str | None:
    """The latest numbered batch, None where there is none."""
    known = [row["batch"] for row in lake.rows("growth/select_batches")]
    numbers = _numbers([*known, *instance.get_dynamic_partitions(GROWTH_BATCH)])
    return numbers[max(numbers)] if numbers else None


@dataclass(frozen=True)
class Progress:
    """What became of a batch's runs, of the jobs that take files.

    `asked`: the number of the last run that a schedule or sensor asked for and that began; `under_way`: one that runs
    or waits; `last`: the latest.
    """

    batch: str
    finished: bool
    asked: int
    under_way: dg.DagsterRun | None
    last: dg.DagsterRun | None

    @property
    def may_be_resumed(self) -> bool:
        return not self.finished and self.under_way is None and self.asked < MOST_RUNS

    @property
    def given_up(self) -> str:
        """Why it is not resumed any more, and what to do."""
        ended = f"the last, {self.last.run_id[:8]}, ended as {self.last.status.value}" if self.last else "none is known"
        return (
            f"{self.batch} did not finish in {self.asked} runs ({ended}): mend the cause and launch the job "
            f"{everything.name} for it, or delete that partition"
        )

    def request(self, why: str, assets: Sequence[dg.AssetKey] | None = None) -> dg.RunRequest:
        """The next run of it. Its key is new for each attempt, and the same for one that got lost on its way."""
        return request(self.batch, why, self.asked + 1, assets)


def request(batch: str, why: str, attempt: int = 1, assets: Sequence[dg.AssetKey] | None = None) -> dg.RunRequest:
    """A run of the job `everything` for a batch, of these of its assets (None: all)."""
    return dg.RunRequest(
        run_key=f"{batch} run {attempt}",
        partition_key=batch,
        tags={REASON_TAG: why[:250], GO_ON_TAG: "yes"},
        asset_selection=assets,
    )


def progress_of(instance: dg.DagsterInstance, batch: str) -> Progress:
    """How far the runs of a batch have come. A run whose process is gone is not under way."""
    runs = [
        run for run in instance.get_runs(dg.RunsFilter(tags={PARTITION_TAG: batch})) if run.job_name in _JOBS
    ]  # latest first
    active = {run.run_id for run in runs_that_take_files(instance)}
    begun = [run for run in runs if run.status != dg.DagsterRunStatus.NOT_STARTED]
    keys = [_KEY.search(run.tags.get("dagster/run_key", "")) for run in begun]
    return Progress(
        batch,
        any(run.status == dg.DagsterRunStatus.SUCCESS for run in runs),
        max((int(key[1]) for key in keys if key), default=0),
        next((run for run in runs if run.run_id in active), None),
        begun[0] if begun else None,
    )


def runs_that_take_files(instance: dg.DagsterInstance) -> list[dg.DagsterRun]:
    """Runs, of the jobs that take files, that live or wait for their turn."""
    living = [one.run for one in runs_under_way(instance) if one.state != "gone" and not one.run.is_finished]
    waiting = instance.get_runs(dg.RunsFilter(statuses=_WAITING))
    return [run for run in (*living, *waiting) if run.job_name in _JOBS]


def _numbers(batches: Iterable[str]) -> dict[int, str]:
    found = {batch: _OURS.fullmatch(batch) for batch in batches}
    return {int(match[1]): batch for batch, match in found.items() if match}
