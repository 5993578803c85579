"""The commands `wethink runs`: which runs are under way, in which process, and the end of those that are dead.

Belongs here: arguments and what is printed. Does not belong here: what makes a run dead (jobs/dead_runs.py).
"""

from __future__ import annotations

import click

from wethink_assets.cli.errors import settings_or_exit

_BY = "wethink runs"


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
