"""The commands `wethink calls` and `wethink prompts`: the call ledger as a file, what it is to forget, changed prompts.

Belongs here: arguments and exit codes. Does not belong here: the work (calls.py, prompts.py), imported when it runs.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

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


@calls_group.command(
    "refused",
    help="Calls that were refused without a word about their content, as by a proxy (413): in how many runs they were "
    "asked, and which are asked no more.",
)
def calls_refused() -> None:
    from resources.lake.store import LakeError, LakeStore
    from wethink_assets.cli.calls import show_refused
    from wethink_assets.cli.summary import wide_console

    settings = settings_or_exit()
    try:
        show_refused(wide_console(), LakeStore.of(settings, create=False), settings)
    except LakeError as error:
        raise click.ClickException(str(error)) from error


_TIME = click.DateTime(["%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"])


@calls_group.command(
    "forget",
    help="Forget failed calls that the ledger keeps for good, and how often calls were refused, so that the next run "
    "asks them again. Shows how many there are, of which kinds, and what asking again costs at most; --yes forgets "
    "them.",
)
@click.option("--error", "errors", multiple=True, help="Calls that ended so, as http_400; may be given again.")
@click.option("--endpoint", "endpoints", multiple=True, help="Calls of this base URL; may be given again.")
@click.option("--model", "models", multiple=True, help="Calls of this model; may be given again.")
@click.option("--role", "roles", multiple=True, help="Calls of this role; may be given again.")
@click.option("--since", type=_TIME, help="Calls that ended at this time (UTC) or later.")
@click.option("--until", type=_TIME, help="Calls that ended before this time (UTC).")
@click.option(
    "--replies-too", is_flag=True, help="Also calls that were answered, of those that the other options name."
)
@click.option("--yes", is_flag=True, help="Forget them.")
def calls_forget(*, since: datetime | None, until: datetime | None, yes: bool, **chosen: Any) -> None:
    from resources.calls.forgetting import Which
    from resources.calls.messages import CallsError
    from resources.lake.store import LakeError, LakeStore
    from wethink_assets.cli.calls import show_forgetting
    from wethink_assets.cli.summary import wide_console

    settings = settings_or_exit()
    which = Which(since=_utc(since), until=_utc(until), **chosen)
    try:
        show_forgetting(wide_console(), LakeStore.of(settings, create=False), settings, which, yes=yes)
    except (CallsError, LakeError) as error:
        raise click.ClickException(str(error)) from error


def _utc(given: datetime | None) -> datetime | None:
    return None if given is None else given.replace(tzinfo=UTC)


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
