"""Runs whose process is gone (killed, out of memory, host restarted): found by looking for the process, and ended.

Belongs here: noting the process that carries a run, which runs are dead, giving back what they held. Does not belong
here: when one looks (executor.py, sensors.py, the command line).

Dagster believes that such a run is under way for ever: it keeps its slots of every pool, and whoever waits for one
waits without end. Nothing here goes by time. A run that another host or container carries is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import dagster as dg

from resources.workers.process_identity import ProcessIdentity, State

TAG = "wethink/process"
UNDER_WAY = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]


@dataclass(frozen=True)
class Carried:
    """A run under way with the process that carries it, as far as that is known, and the slots that it holds."""

    run: dg.DagsterRun
    process: ProcessIdentity | None
    slots: tuple[str, ...] = ()

    @property
    def state(self) -> State:
        return "unknown" if self.process is None else self.process.state()

    @property
    def in_words(self) -> str:
        """The run and its process, as people look for them."""
        who = self.process.in_words if self.process else "a process that did not leave its name"
        return f"run {self.run.run_id[:8]} ({self.run.job_name}, {who})"


@dataclass(frozen=True)
class Released:
    """A dead run that was ended, and the pools whose slots came back."""

    run: dg.DagsterRun
    how: Literal["failed", "canceled", "slots"]
    pools: tuple[str, ...]
    line: str


def note_process(instance: dg.DagsterInstance, run: dg.DagsterRun) -> None:
    """Note this process as the one that carries the run.

    With the run's id, since a run that is executed again in the UI gets the tags of the one before.
    """
    instance.add_run_tags(run.run_id, {TAG: f"{run.run_id} {ProcessIdentity.here()}"})


def runs_under_way(instance: dg.DagsterInstance) -> list[Carried]:
    """Runs that Dagster believes to be under way, and ended ones that still hold a slot."""
    held = held_slots(instance)
    runs = {run.run_id: run for run in instance.get_runs(dg.RunsFilter(statuses=UNDER_WAY))}
    for run_id in held.keys() - runs.keys():
        if (run := instance.get_run_by_id(run_id)) is not None:
            runs[run_id] = run
    return [Carried(run, _process_of(run), tuple(sorted(held.get(run.run_id, ())))) for run in runs.values()]


def release_dead_runs(instance: dg.DagsterInstance, by: str) -> list[Released]:
    """End every run whose process is gone and give its slots back. `by` says in the run's log who did so.

    Runs that Dagster has deleted, or that ended otherwise, keep no slot either.
    """
    released = []
    for carried in runs_under_way(instance):
        if carried.state == "gone" or (carried.run.is_finished and carried.slots):
            released += _release(instance, carried, by)
    for run_id in held_slots(instance):
        if instance.get_run_by_id(run_id) is None:
            instance.event_log_storage.free_concurrency_slots_for_run(run_id)
    return released


def end_run(instance: dg.DagsterInstance, run_id: str, by: str) -> Released | None:
    """End a run that a person knows to be dead, where one cannot look for its process; None where it is not under way.

    Raises:
        LookupError: no run, or several, begin with this id.
        ValueError: its process lives here: terminate the run instead.
    """
    fitting = [one for one in runs_under_way(instance) if one.run.run_id.startswith(run_id)]
    if len(fitting) != 1:
        raise LookupError(f"{len(fitting)} runs under way begin with {run_id!r}: `wethink runs` lists them")
    if fitting[0].state == "lives":
        raise ValueError(f"{fitting[0].in_words} lives: terminate it in the UI, or end that process")
    return next(iter(_release(instance, fitting[0], by)), None)


def _release(instance: dg.DagsterInstance, carried: Carried, by: str) -> Iterable[Released]:
    run = instance.get_run_by_id(carried.run.run_id)
    if run is None:
        return
    how: Literal["failed", "canceled", "slots"] = "slots"
    what = f"{carried.in_words} is gone: killed, out of memory, or its host was restarted"
    if not run.is_finished:
        message = f"{what}. Ended by {by}. What was committed stays: the next run of the same batch goes on from there."
        if run.status == dg.DagsterRunStatus.CANCELING:
            how = "canceled"
            instance.report_run_canceled(run, message)
        else:
            how = "failed"
            instance.report_run_failed(run, message)
    instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
    pools = f"; its slot of pool {', '.join(carried.slots)} is free again" if carried.slots else ""
    yield Released(run, how, carried.slots, f"{what}. Marked as {how if how != 'slots' else 'ended'}{pools}.")


def held_slots(instance: dg.DagsterInstance) -> dict[str, set[str]]:
    """Pools in which each run holds a slot or stands in line."""
    storage = instance.event_log_storage
    held: dict[str, set[str]] = {}
    if not storage.supports_global_concurrency_limits:
        return held
    for pool, info in storage.get_concurrency_infos(sorted(storage.get_concurrency_keys())).items():
        for one in (*info.claimed_slots, *info.pending_steps):
            held.setdefault(one.run_id, set()).add(pool)
    return held


def _process_of(run: dg.DagsterRun) -> ProcessIdentity | None:
    run_id, _, process = run.tags.get(TAG, "").partition(" ")
    return ProcessIdentity.parse(process) if run_id == run.run_id else None
