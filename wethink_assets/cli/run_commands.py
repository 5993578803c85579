"""The commands `wethink run`, `wethink batches` and `wethink runs`: starting a job; which batches and runs there are.

Belongs here: arguments, exit codes and what is printed of runs. Does not belong here: the run (run.py), what makes a
run dead (jobs/dead_runs.py).
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from resources.collector import at_rest
from wethink_assets.cli.errors import UnusableError, settings_or_exit

if TYPE_CHECKING:
    from wethink_assets.settings import Settings

_BY = "wethink runs"


@click.command(
    "run",
    help="Run the real job on the configured home: sources to samples (data), a release, training, scores, or all of "
    "it. Data goes on with the newest unfinished batch, or opens a new one. Exits 0 when all is done, 1 where a step "
    "failed, 2 where nothing could begin, 3 where another run works at this batch, 130 where it was interrupted; the "
    "same command goes on from there. Steps of a batch whose rows are there, made by the same code, settings and "
    "inputs, are left alone.",
)
@click.option(
    "--part", type=click.Choice(["data", "release", "train", "evaluate", "all"]), default="all", show_default=True
)
@click.option("--batch", default=None, metavar="new|KEY", help="A new growth batch, or the one of this name.")
@click.option("--again", is_flag=True, help="Make also those rows again; what the ledger holds is not paid again.")
def run_command(part: str, batch: str | None, again: bool) -> None:
    if batch is not None and part not in ("data", "all"):
        raise click.UsageError(f"--batch goes with --part data or all: {part} always looks at the whole lake")
    settings = settings_or_exit(UnusableError)
    if nothing := nothing_there(settings):
        raise UnusableError(nothing)
    with at_rest():
        from wethink_assets.cli.run import run_part

    sys.exit(run_part(settings, part, batch, again=again))


def nothing_there(settings: Settings) -> str:
    """What to do where there is neither a source nor a lake, so that nothing could run; empty elsewhere."""
    own = settings.sources_root or settings.sources.places or settings.lake.catalog
    if own or settings.sample_pack_dir.is_dir() or (settings.home / "lake").is_dir():
        return ""
    return (
        f"there is nothing to open at {settings.home} yet: `wethink init FOLDER` writes a configuration for your "
        "images, or run `make demo` first, which draws the sample pack and fills the lake"
    )


@click.command("batches", help="List growth batches: how far each has come, what is missing, what failed and why.")
def batches_command() -> None:
    from jobs.batch_states import batch_states
    from resources.lake.store import LakeError, LakeStore
    from wethink_assets.cli.batches import show_batches
    from wethink_assets.cli.installation import open_instance
    from wethink_assets.cli.summary import wide_console

    settings = settings_or_exit()
    try:
        lake = LakeStore.of(settings, create=False)
        with open_instance(settings) as instance:
            show_batches(wide_console(), batch_states(lake, instance, settings))
    except LakeError as error:
        raise click.ClickException(str(error)) from error


@click.group("runs", invoke_without_command=True, help="List runs under way; end those whose process was killed.")
@click.pass_context
def runs_group(context: click.Context) -> None:
    if context.invoked_subcommand is None:
        _listed()


@runs_group.command("end", help="End RUN (the beginning of its id), whose process cannot be looked for from here.")
@click.argument("run")
def runs_end(run: str) -> None:
    from jobs.dead_runs import end_run
    from wethink_assets.cli.installation import open_instance

    with open_instance(settings_or_exit()) as instance:
        try:
            released = end_run(instance, run, _BY)
        except (LookupError, ValueError) as error:
            raise click.ClickException(str(error.args[0])) from error
    click.echo(released.line if released else f"run {run} has ended meanwhile")


def _listed() -> None:
    from rich.table import Table

    from jobs.dead_runs import release_dead_runs, runs_under_way
    from wethink_assets.cli.installation import open_instance
    from wethink_assets.cli.summary import wide_console

    console = wide_console()
    with open_instance(settings_or_exit()) as instance:
        for released in release_dead_runs(instance, _BY):
            console.print(released.line, style="yellow", markup=False)
        under_way = runs_under_way(instance)
    if not under_way:
        console.print("no run is under way")
        return
    table = Table("run", "job", "batch", "status", "process", "state", "pools", box=None, header_style="bold")
    for one in under_way:
        process = one.process.in_words if one.process else "did not leave its name"
        state = one.state if one.state != "unknown" else "cannot be looked for from here"
        batch = one.run.tags.get("dagster/partition", "")
        table.add_row(
            one.run.run_id[:8], one.run.job_name, batch, one.run.status.value, process, state, ", ".join(one.slots)
        )
    console.print(table)
