"""The commands `wethink backup` and `wethink restore`: a checked copy of a home, and a home made from one.

Belongs here: arguments, words and exit codes. Does not belong here: the work (resources/lake/backup.py), imported when
it runs.
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
    "each file checked. Runs may go on meanwhile. Interrupted, the same command goes on. SQLite catalogs only.",
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
    help="Make the home from a backup at SOURCE, each file checked, where there is no lake yet. Interrupted, the same "
    "command goes on.",
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


def _places(settings: Settings) -> Places:
    from resources.lake.backup import Places

    return Places(settings.home, settings.lake_catalog, settings.lake_data_path)
