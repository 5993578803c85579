"""`wethink run`: one part of the graph, or all of it, on the configured home; the demo is this on the sample pack.

Belongs here: the order of the steps at a terminal, exit codes, the next step. Does not belong here: which batch it is
(jobs/batch_states.py), what an asset does.
"""

from __future__ import annotations

import time
from contextlib import suppress
from functools import cache
from typing import Any

import dagster as dg
from rich.console import Console

from jobs.batch_states import UnknownBatchError, batch_states, cause, choose, interrupted
from jobs.dead_runs import release_dead_runs
from jobs.growth import PARTITION_TAG
from jobs.jobs import evaluate, everything, fine_tune, grow_data, release_data_set, train
from jobs.run_history import kept_open
from resources.collector import at_rest
from resources.lake.store import LakeError, LakeStore
from resources.private import told_if_open
from wethink_assets.cli.installation import make_lake, open_instance
from wethink_assets.cli.summary import print_summary, wide_console
from wethink_assets.memoisation import GO_ON_TAG
from wethink_assets.partitions import GROWTH_BATCH
from wethink_assets.settings import Settings
from wethink_assets.sources.batches import REASON_TAG

PARTS = {
    "data": (grow_data.name, "`wethink run --part release` selects and exports them"),
    "release": (release_data_set.name, "`wethink run --part train` trains on it"),
    "train": (train.name, "`wethink run --part evaluate` scores both policies"),
    "sft": (fine_tune.name, '`training.start_from = "sft"` lets reinforcement learning begin from it'),
    "evaluate": (evaluate.name, "`wethink compare base rl` shows what changed, item by item"),
    "all": (everything.name, "`make ui` opens the graph; `wethink lineage ID` explains a row"),
}
BATCHED = ("data", "all")
DONE, FAILED, UNUSABLE, BUSY, STOPPED = 0, 1, 2, 3, 130


def run_part(settings: Settings, part: str, batch: str | None, *, by: str = "wethink run", again: bool = False) -> int:
    """Run one part; returns the exit code. `batch`: 'new', a key, or None for the newest unfinished, else a new one.

    Without `again` the steps of a batch whose rows would be made of the same are left alone.
    """
    console = wide_console()
    began = time.monotonic()
    if told := told_if_open(settings.home):
        console.print(told, style="yellow", markup=False)
    with open_instance(settings) as instance, kept_open(instance):
        try:
            lake = make_lake(settings)
            for released in release_dead_runs(instance, by):
                console.print(released.line, style="yellow", markup=False)
            key = _begin(console, lake, instance, settings, part, batch)
        except (LakeError, UnknownBatchError) as error:
            console.print(str(error.args[0]), style="bold red", markup=False)
            return UNUSABLE
        if key is None:
            return BUSY
        result = None
        with suppress(KeyboardInterrupt, dg.DagsterExecutionInterruptedError):  # between two steps
            result = _run(instance, part, key, by, again=again)
    if result is None or any(map(interrupted, result.get_step_failure_events())):
        console.print("Interrupted. What was done stays done: the same command goes on from there.", style="red")
        return STOPPED
    print_summary(console, lake, settings, key or None)
    took = time.monotonic() - began
    if not result.success:
        for event in result.get_step_failure_events():
            step = (event.step_key or "").replace("__", "/")
            console.print(f"step {step} failed: {cause(event)}", style="bold red", markup=False, soft_wrap=True)
        console.print("What was done stays done: mend the cause and run the same command again.", style="red")
        return FAILED
    console.print(f"\nDone in {took:.0f} s. Next: {PARTS[part][1]}.", markup=False, highlight=False)
    return DONE


def _begin(
    console: Console, lake: LakeStore, instance: dg.DagsterInstance, settings: Settings, part: str, asked: str | None
) -> str | None:
    """The batch, with its partition; '' for a part without batches, None where another run works at it."""
    if part not in BATCHED:
        console.print(f"\nMaterialising {part} (a run of Dagster; see it with `make ui`)", style="bold", markup=False)
        return ""
    states = batch_states(lake, instance, settings)
    key, why = choose(lake, instance, states, asked, whole=part == "all")
    if (state := next((s for s in states if s.batch == key), None)) and state.state == "under way":
        console.print(
            f"run {state.run_id[:8]} works at {key} already: wait for it, or see `wethink runs`",
            style="bold red",
            markup=False,
        )
        return None
    if not instance.has_dynamic_partition(GROWTH_BATCH, key):
        instance.add_dynamic_partitions(GROWTH_BATCH, [key])
    what = "the whole graph" if part == "all" else part
    console.print(
        f"\nMaterialising {what} for {key}: {why} (a run of Dagster; see it with `make ui`)", style="bold", markup=False
    )
    if state is not None and state.why:
        console.print(f"  its last run: {state.why}", style="yellow", markup=False, soft_wrap=True)
    return key


_part = everything.name


def the_job() -> dg.JobDefinition:
    """The job of the part that this process runs, from its settings: Dagster asks for it by this function's name."""
    return _job_of(_part)


@cache  # Dagster asks for it four times a run, and making it costs half a second
def _job_of(part: str) -> dg.JobDefinition:
    from wethink_assets.graph import build_definitions

    return build_definitions().resolve_job_def(part)


def _run(instance: dg.DagsterInstance, part: str, batch: str, by: str, *, again: bool) -> dg.JobExecutionResult:
    global _part
    _part = PARTS[part][0]
    _job_of.cache_clear()  # the settings may be others than those of an earlier run of this process
    with at_rest():  # it loads and makes the graph
        job = dg.reconstructable(the_job)
    tags: dict[str, Any] = {PARTITION_TAG: batch, REASON_TAG: by} if batch else {REASON_TAG: by}
    if not again:
        tags[GO_ON_TAG] = "yes"
    steps = len(job.get_definition().graph.node_dict)
    return dg.execute_job(
        job, instance=instance, tags=tags, run_config={"loggers": {"progress": {"config": {"steps": steps}}}}
    )
