"""The commands `wethink calls` and `wethink prompts`: the call ledger as a file, and what changed prompts cost.

Belongs here: arguments and exit codes. Does not belong here: the work (calls.py, prompts.py), imported when it runs.
"""

from __future__ import annotations

from pathlib import Path

import click

from wethink_assets.cli.errors import settings_or_exit


@click.group("calls", help="Recorded model calls.")
def calls_group() -> None:
    pass


@calls_group.command(
    "export", help="Write recorded calls to FILE (Parquet), so that a data set can be rebuilt without any endpoint."
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--batch", default="", help="Calls of this growth batch only; all unless given.")
def calls_export(file: Path, batch: str) -> None:
    _about_calls("export_line", file, batch)


@calls_group.command("import", help="Take the calls of FILE that are not in this ledger.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def calls_import(file: Path) -> None:
    _about_calls("import_line", file)


def _about_calls(action: str, *arguments: object) -> None:
    from resources.calls.messages import CallsError
    from resources.lake.store import LakeError, LakeStore
    from wethink_assets.cli import calls

    settings = settings_or_exit()
    try:
        create = action == "import_line"  # into a new lake, as when a data set is rebuilt
        click.echo(getattr(calls, action)(LakeStore.of(settings, create=create), *arguments))
    except (CallsError, LakeError) as error:
        raise click.ClickException(str(error)) from error


@click.group("prompts", help="The prompt files of the synthesis.")
def prompts_group() -> None:
    pass


@prompts_group.command(
    "diff",
    help="Which prompt files differ from what the ledger's calls were asked with, and what that would pay again.",
)
def prompts_diff() -> None:
    from resources.lake.store import LakeError, LakeStore
    from wethink_assets.cli.prompts import show_prompt_changes
    from wethink_assets.cli.summary import wide_console

    settings = settings_or_exit()
    try:
        show_prompt_changes(wide_console(), LakeStore.of(settings, create=False), settings)
    except LakeError as error:
        raise click.ClickException(str(error)) from error
