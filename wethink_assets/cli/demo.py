"""`wethink demo`: sample pack, one growth batch through the whole graph, summary.

Belongs here: the order of these steps at a terminal. Does not belong here: any of the steps.
"""

from __future__ import annotations

import time

import dagster as dg
from rich.console import Console

from jobs.dead_runs import release_dead_runs
from jobs.growth import batch_name, next_batch
from resources.lake.store import LakeError, LakeStore
from resources.private import told_if_open
from wethink_assets.cli.installation import open_instance
from wethink_assets.cli.summary import print_summary, wide_console
from wethink_assets.demo.pack.generate import add_images, generate
from wethink_assets.partitions import GROWTH_BATCH
from wethink_assets.settings import Settings


def run_demo(settings: Settings, *, grow: bool, images: int, seed: int) -> int:
    """Run it; returns the exit code: 0, or 1 where a step failed."""
    console = wide_console()
    began = time.monotonic()
    if told := told_if_open(settings.home):
        console.print(told, style="yellow", markup=False)
    if settings.sources_root is None:
        _draw_pack(console, settings, grow=grow, images=images, seed=seed)
    lake = LakeStore.of(settings)
    with open_instance(settings) as instance:
        try:
            first = not lake.rows("growth/select_batches")
            batch = next_batch(lake, instance) if grow or first else batch_name(1)
        except LakeError as error:
            console.print(f"[bold red]{error}", markup=False)
            return 1
        if not instance.has_dynamic_partition(GROWTH_BATCH, batch):
            instance.add_dynamic_partitions(GROWTH_BATCH, [batch])
        console.print(
            f"\n[bold]Materialising the whole graph for {batch}[/bold] (a run of Dagster; see it with `make ui`)"
        )
        for released in release_dead_runs(instance, "wethink demo"):
            console.print(released.line, style="yellow", markup=False)
        result = _run(instance, batch)
    print_summary(console, lake, settings, batch)
    took = time.monotonic() - began
    if not result.success:
        for event in result.get_step_failure_events():
            console.print(f"step {event.step_key} failed: {_cause(event)}", style="bold red", markup=False)
        console.print("What was done stays done: mend the cause and run the same command again.", style="red")
        return 1
    console.print(
        f"\nDone in {took:.0f} s. [bold]make ui[/bold] opens the graph; `wethink lineage <id>` explains a row."
    )
    return 0


def _draw_pack(console: Console, settings: Settings, *, grow: bool, images: int, seed: int) -> None:
    console.print("[bold]Drawing the sample pack[/bold]: 18 sources in their native formats, 14 benchmark sets")
    started = time.monotonic()
    root = settings.sample_pack_dir
    generate(root, images_per_source=images, seed=seed)
    if grow:
        add_images(root, images_per_source=images)
    console.print(f"  {root} in {time.monotonic() - started:.1f} s")


def everything_job() -> dg.JobDefinition:
    """The job `everything` of this process's settings."""
    from wethink_assets.definitions import build_definitions

    return build_definitions().resolve_job_def("everything")


def _run(instance: dg.DagsterInstance, batch: str) -> dg.JobExecutionResult:
    job = dg.reconstructable(everything_job)
    return dg.execute_job(
        job,
        instance=instance,
        tags={"dagster/partition": batch},
        run_config={"loggers": {"progress": {"config": {"steps": len(job.get_definition().graph.node_dict)}}}},
    )


def _cause(event: dg.DagsterEvent) -> str:
    """The innermost message of a step's error: the one that names the thing and the cure."""
    error = event.step_failure_data.error
    while error is not None and error.cause is not None:
        error = error.cause
    return error.message.strip() if error is not None else "unknown"
