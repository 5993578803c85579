"""State of growth batches: what is there of each, what its runs came to, and which one is to be gone on with.

Belongs here: looking at the lake and at the run history, and choosing. Does not belong here: numbering (growth.py),
running a batch and printing (the command line).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import dagster as dg

from jobs.growth import Progress, Reads, next_batch, progress_of
from wethink_assets.partitions import GROWTH_BATCH
from wethink_assets.settings import Settings
from wethink_assets.sources.catalog import sources_of
from wethink_assets.sources.ingest import quota_of

NEW = "new"
State = Literal["not begun", "under way", "incomplete", "filled later", "data finished", "finished"]


class UnknownBatchError(LookupError):
    """No batch has this key; the message lists what there is."""


@dataclass(frozen=True)
class BatchState:
    """One growth batch as far as lake and run history tell.

    `sources`: those that were read, paused ones too; `missing`: active ones that were not; `filled`: how many gave
    images. `why`: the failed steps and their causes, or how the last run ended; empty where it succeeded.
    """

    batch: str
    state: State
    sources: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    filled: int = 0
    images: int = 0
    samples: int = 0
    released: int = 0
    at: datetime | None = None
    why: str = ""
    run_id: str = ""

    def unfinished(self, *, whole: bool) -> bool:
        """Whether a run has something left to do: of the data half, or of the whole graph."""
        return self.state not in (("finished",) if whole else ("finished", "data finished"))


def batch_states(lake: Reads, instance: dg.DagsterInstance, settings: Settings) -> list[BatchState]:
    """All batches, oldest first; those that are only a partition, of which nothing was taken, last."""
    accounts = {row["batch"]: row for row in lake.rows("growth/select_batch_accounts")}
    scored_at = accounts.get("", {}).get("scored_at")
    latest = lake.rows("dataset/select_latest_release")
    release = latest[0]["release_id"] if latest else ""
    released = {row["batch"]: row["n"] for row in lake.rows("growth/count_released", release_id=release)}
    begun = {row["batch"]: row["created_at"] for row in lake.rows("growth/select_batches")}
    active = {s.key: s.asset for s in sources_of(settings.sources) if quota_of(s, settings.sources) != 0}
    only = sorted(set(instance.get_dynamic_partitions(GROWTH_BATCH)) - set(begun))
    states = []
    for batch in [*begun, *only]:
        account = accounts.get(batch, {})
        progress = progress_of(instance, batch)
        read = tuple(account.get("sources") or ())
        states.append(
            BatchState(
                batch,
                _state(account, progress, scored_at),
                read,
                tuple(key for key, asset in active.items() if asset not in read) if read else (),
                account.get("filled", 0),
                account.get("images", 0),
                account.get("samples", 0),
                released.get(batch, 0),
                account.get("last_at") or begun.get(batch),
                "" if progress.last is None else _why(instance, progress.last),
                progress.last.run_id if progress.last else "",
            )
        )
    return states


def _state(account: Mapping[str, Any], progress: Progress, scored_at: datetime | None) -> State:
    samples, filled = account.get("samples_at"), account.get("filled_at")
    if progress.under_way:
        return "under way"
    if samples is None:
        return "incomplete" if account else "not begun"
    if filled is not None and filled > samples:
        return "filled later"
    return "finished" if scored_at is not None and scored_at > samples else "data finished"


def _why(instance: dg.DagsterInstance, run: dg.DagsterRun) -> str:
    """How a run ended that did not succeed: each failed step and its innermost cause."""
    if run.status not in (dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED):
        return ""
    told = []
    for entry in instance.all_logs(run.run_id, of_type=dg.DagsterEventType.STEP_FAILURE):
        event = entry.get_dagster_event()
        told.append(f"{(event.step_key or '').replace('__', '/')}: {cause(event)}")
    for kind in (dg.DagsterEventType.RUN_FAILURE, dg.DagsterEventType.RUN_CANCELED) if not told else ():
        told += [str(entry.message or entry.user_message) for entry in instance.all_logs(run.run_id, of_type=kind)]
    return "; ".join(told) or f"run {run.run_id[:8]} ended as {run.status.value}"


def cause(event: dg.DagsterEvent) -> str:
    """The innermost message of a step's error: the one that names the thing and the cure."""
    if interrupted(event):
        return "it was interrupted (Ctrl-C, or its process was asked to end)"
    error = event.step_failure_data.error
    while error is not None and error.cause is not None:
        error = error.cause
    if error is None:
        return "unknown"
    name, _, rest = " ".join(error.message.split()).partition(": ")  # Dagster puts the error's class before it
    return rest if rest and name.rpartition(".")[2] == error.cls_name else f"{name}: {rest}".removesuffix(": ")


def interrupted(event: dg.DagsterEvent) -> bool:
    """Whether a step ended since a person or the system stopped the run."""
    error = event.step_failure_data.error
    while error is not None:
        if error.cls_name == dg.DagsterExecutionInterruptedError.__name__:
            return True
        error = error.cause
    return False


def choose(
    lake: Reads, instance: dg.DagsterInstance, states: Sequence[BatchState], asked: str | None, *, whole: bool
) -> tuple[str, str]:
    """The batch to run and why it is that one. `asked`: 'new', a key, or None for the newest unfinished or a new one.

    Raises:
        UnknownBatchError: no batch has the key.
    """
    following = next_batch(lake, instance)
    if asked not in (None, NEW):
        if asked not in {state.batch for state in states} | {following}:
            there = ", ".join(state.batch for state in states) or "none yet"
            raise UnknownBatchError(
                f"no batch {asked!r}; there are: {there}. `--batch new` opens {following}; other names are first added "
                "as partitions in the UI"
            )
        return str(asked), "as asked"
    if asked is None and (open_ := [s for s in states if s.unfinished(whole=whole)]):
        latest = max(open_, key=lambda s: (s.at or datetime.min.replace(tzinfo=UTC), states.index(s)))
        return latest.batch, f"it is {latest.state}; `--batch new` opens {following} instead"
    return following, "a new one"
