"""Entry point of the command line interface `wethink`: one function per subcommand, each importing what it needs.

Belongs here: the group, and commands of a few lines. Does not belong here: the work itself; anything at the top that
costs time, since `--help` and every command pay for it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from resources.collector import at_rest
from wethink_assets.cli.ablation_commands import ablations_command
from wethink_assets.cli.audit_commands import audit_group
from wethink_assets.cli.backup_commands import backup_command, move_command, restore_command
from wethink_assets.cli.check_commands import endpoints_group, sources_group
from wethink_assets.cli.errors import OneLine, settings_or_exit
from wethink_assets.cli.explorer_commands import explore_command
from wethink_assets.cli.policies_commands import policies_group
from wethink_assets.cli.policy_commands import compare_command, evaluate_command
from wethink_assets.cli.record_commands import calls_group, prompts_group
from wethink_assets.cli.release_commands import release_group
from wethink_assets.cli.run_commands import batches_command, nothing_there, run_command, runs_group
from wethink_assets.cli.sql_commands import sql_command
from wethink_assets.cli.start_commands import doctor_command, init_command, setup_command
from wethink_assets.cli.training_commands import training_group


@click.group(
    cls=OneLine, help="WeThink as an asset graph: 18 image sources to a reasoning data set, GRPO and 14 scores."
)
def main() -> None:
    # Libraries must never reach for the network or report usage at run time.
    for name, value in {"HF_HUB_OFFLINE": "1", "DO_NOT_TRACK": "1", "VLLM_NO_USAGE_STATS": "1"}.items():
        os.environ.setdefault(name, value)


@main.command(help="Draw the sample pack, materialise the whole graph for one growth batch, print the summary.")
@click.option("--grow", is_flag=True, help="Add new files to the sample sources and run the next growth batch.")
@click.option("--images", default=24, show_default=True, help="Images per source in the sample pack.")
@click.option("--seed", default=7, show_default=True, help="Seed of the sample pack.")
def demo(grow: bool, images: int, seed: int) -> None:
    with at_rest():
        from wethink_assets.cli.demo import run_demo

    sys.exit(run_demo(settings_or_exit(), grow=grow, images=images, seed=seed))


@main.command(help="Open the graph in the browser: dagster dev on 127.0.0.1, with a persistent home.")
@click.option("--port", default=3000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--read-only", is_flag=True, help="Nothing can be started, stopped or changed; no daemon runs.")
def ui(port: int, read_only: bool) -> None:
    import socket
    from contextlib import closing

    from resources.lake.database import LakeError
    from resources.private import told_if_open
    from wethink_assets.cli.installation import dagster_home, make_lake

    settings = settings_or_exit()
    if nothing := nothing_there(settings):
        raise click.ClickException(nothing)
    with closing(socket.socket()) as probe:  # `dagster dev` would start a daemon all the same, and keep it
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise click.ClickException(
                f"port {port} cannot be used ({error.strerror}): close the UI that is open there, or choose another "
                f"port: make ui PORT={min(port + 1, 65535)}"
            ) from error
    dagster_home(settings)
    if not read_only:
        try:
            make_lake(settings).close()
        except LakeError as error:  # the graph opens without its lake, which may come back
            click.echo(str(error), err=True)
    if told := told_if_open(settings.home):
        click.echo(told, err=True)
    os.chdir(Path(__file__).parents[2])
    program, *options = ("dagster-webserver", "--read-only") if read_only else ("dagster", "dev")
    command = str(Path(sys.executable).parent / program)
    os.execv(command, [command, *options, "-w", "workspace.yaml", "-h", "127.0.0.1", "-p", str(port)])


@main.command(help="Print the summary of what the lake holds: rows, calls, scores.")
@click.option("--batch", default=None, help="A growth batch; the latest one unless given.")
def summary(batch: str | None) -> None:
    from resources.lake.store import LakeStore
    from wethink_assets.cli.summary import print_summary, wide_console

    settings = settings_or_exit()
    print_summary(wide_console(), LakeStore.of(settings, create=False), settings, batch)


@main.command(help="The path of any row: up to its image and source, down to release, rollouts and scores.")
@click.argument("row_id")
def lineage(row_id: str) -> None:
    from rich.console import Console

    from resources.lake.catalog import LakeError
    from resources.lake.connection import LakeConnection, without_pandas
    from wethink_assets.lineage.lineage import Lineage
    from wethink_assets.lineage.render import as_tree
    from wethink_assets.lineage.walk import UnknownIdError

    settings = settings_or_exit()
    lake = LakeConnection.of(settings, quick=True, create=False)
    try:
        with without_pandas():
            tree = Lineage(lake, settings.lineage_index_dir, _indexed).walk(row_id)
    except (UnknownIdError, LakeError) as error:
        raise click.ClickException(str(error)) from error
    Console(width=None if sys.stdout.isatty() else 240).print(as_tree(tree))


@main.command(
    "maintain",
    help="Compact the lake: rows leave the catalog, small files are merged, snapshots older than lake.keep_days go, "
    "but for those that a release or policy read.",
)
def maintain_command() -> None:
    from resources.lake.store import LakeError, LakeStore
    from wethink_assets.lineage.upkeep import in_words, keep_in_shape

    settings = settings_or_exit()
    store = LakeStore.of(settings, create=False)
    try:
        done = keep_in_shape(store, settings, click.echo, _indexed)
    except LakeError as error:
        raise click.ClickException(str(error)) from error
    click.echo(in_words(done))


def _indexed(done: int, of: int) -> None:
    """Progress of the index of ids, which a terminal shows where there is more than a moment's work."""
    if of > 100_000 and sys.stderr.isatty():
        click.echo(f"\rindex of ids: {done:,} of {of:,} new rows", nl=done == of, err=True)


for command in (
    init_command,
    setup_command,
    doctor_command,
    run_command,
    batches_command,
    runs_group,
    sources_group,
    endpoints_group,
    calls_group,
    prompts_group,
    release_group,
    audit_group,
    training_group,
    ablations_command,
    policies_group,
    evaluate_command,
    compare_command,
    backup_command,
    restore_command,
    move_command,
    explore_command,
    sql_command,
):
    main.add_command(command)


if __name__ == "__main__":
    main()
