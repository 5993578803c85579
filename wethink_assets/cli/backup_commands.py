"""The commands `wethink backup`, `wethink restore` and `wethink move`: copies of a home, and its lake elsewhere.

Belongs here: arguments, words and exit codes. Does not belong here: the work (resources/lake/backup.py,
resources/lake/move.py), imported when it runs.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wethink_assets.cli.errors import settings_or_exit

if TYPE_CHECKING:
    from resources.lake.backup import Places
    from wethink_assets.settings import Settings


@click.command(
    "backup",
    help="Copy the home to TARGET, a folder of its own: the lake at one snapshot, releases, policies and the rest, "
    "each file checked. Runs may go on meanwhile. Interrupted, the same command goes on. A lake on PostgreSQL or in a "
    "bucket comes as files too, and may be restored to any place.",
)
@click.argument("target", type=click.Path(file_okay=False, path_type=Path))
@click.option("--dagster", is_flag=True, help="Dagster's storage too: run history, partitions, schedules.")
def backup_command(target: Path, *, dagster: bool) -> None:
    from resources.lake.backup import backup
    from resources.lake.store import LakeError

    settings = settings_or_exit()
    try:
        made = backup(_places(settings), target, dagster=dagster, say=click.echo)
    except LakeError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{len(made.files):,} files, {made.size:,} bytes in {target}: the lake as of snapshot {made.snapshot}")


@click.command(
    "restore",
    help="Make the home from a backup at SOURCE, each file checked, where there is no lake yet; its lake goes "
    "where the settings say. Interrupted, the same command goes on.",
)
@click.argument("source", type=click.Path(exists=True, file_okay=False, path_type=Path))
def restore_command(source: Path) -> None:
    from resources.lake.backup import restore
    from resources.lake.store import LakeError, LakeStore

    settings = settings_or_exit()
    try:
        restore(_places(settings), source, say=click.echo)
        store = LakeStore.of(settings, create=False)
        releases = [row["release_id"] for row in store.rows("dataset/select_releases")]
        store.close()
    except LakeError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{settings.home} is restored and opens. Releases: {', '.join(releases) or 'none'}")
    if releases:
        click.echo("`wethink release verify RELEASE` reads one whole")


@click.command(
    "move",
    help="Move the lake: its catalog to another database, its files to another folder or bucket, or back. While "
    "nothing runs. Interrupted, the same command goes on; the old place is closed and nothing of it is removed.",
)
@click.option("--catalog", metavar="postgres:…|sqlite:…|home", help="Where the catalog goes; home: its default place.")
@click.option("--data", metavar="FOLDER|s3://…|home", help="Where the files go; home: their default place.")
def move_command(catalog: str | None, data: str | None) -> None:
    from resources.lake.database import LakeError
    from resources.lake.move import Place, move
    from wethink_assets.cli.errors import user_message
    from wethink_assets.settings import LakeSettings

    settings = settings_or_exit()
    if catalog is None and data is None:
        raise click.UsageError("say what goes where: --catalog, --data, or both")
    _refuse_while_runs_are_under_way(settings)
    try:
        lake = LakeSettings(
            catalog=settings.lake.catalog if catalog is None else None if catalog == "home" else catalog,
            data_path=settings.lake.data_path if data is None else None if data == "home" else _absolute(data),
        )
    except ValueError as error:
        raise click.UsageError(user_message(error)) from error
    there = settings.model_copy(update={"lake": lake})
    old = Place(settings.lake_catalog, settings.lake_data_path)
    new = Place(there.lake_catalog, there.lake_data_path)
    try:
        state = move(old, new, say=click.echo)
    except LakeError as error:
        raise click.ClickException(str(error)) from error
    click.echo(
        f"the lake is at {new.in_words}, as of snapshot {state.snapshot}. Set in [lake] (or WETHINK_LAKE_CATALOG"
    )
    click.echo("and WETHINK_LAKE_DATA), before anything runs:")
    for name, value in (("catalog", lake.catalog), ("data_path", lake.data_path)):
        click.echo(f'  {name} = "{value}"' if value else f"  no {name}")
    click.echo(f"The old place is closed and its files are left ({old.in_words}): remove them once you have looked")


def _absolute(data: str) -> str:
    return data if "://" in data else str(Path(data).expanduser().resolve())


def _refuse_while_runs_are_under_way(settings: Settings) -> None:
    """A run opened the lake where it was, and would go on writing there."""
    from jobs.dead_runs import release_dead_runs, runs_under_way
    from wethink_assets.cli.installation import open_instance

    with open_instance(settings) as instance:
        release_dead_runs(instance, "wethink move")
        if under_way := runs_under_way(instance):
            raise click.ClickException(
                f"{under_way[0].in_words} is under way: `wethink runs` lists all; end them first"
            )


def _places(settings: Settings) -> Places:
    from resources.lake.backup import Places

    return Places(settings.home, settings.lake_catalog, settings.lake_data_path)
