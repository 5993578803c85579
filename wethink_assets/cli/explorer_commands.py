"""The command `wethink explore`: the rows of the lake in the browser.

Belongs here: arguments, and errors in one line. Does not belong here: the application (explorer/), imported when it
runs.
"""

from __future__ import annotations

import getpass

import click

from wethink_assets.cli.errors import settings_or_exit
from wethink_assets.cli.run_commands import nothing_there


@click.command("explore", help="Open single rows, their pictures and lineage in the browser, on 127.0.0.1.")
@click.option("--port", type=click.IntRange(1, 65535), help="That of [explorer] url, 3200, unless given.")
@click.option(
    "--auditor", "persons", multiple=True, help="Who may judge rows, each by a link of their own; the account."
)
@click.option("--read-only", is_flag=True, help="Nobody judges rows.")
def explore_command(port: int | None, persons: tuple[str, ...], read_only: bool) -> None:
    settings = settings_or_exit()
    port = port or settings.explorer.port
    if nothing := nothing_there(settings):
        raise click.ClickException(nothing)
    from resources.lake.store import LakeError
    from wethink_assets.explorer.auditors import Auditors
    from wethink_assets.explorer.serve import PortError, serve

    auditors = Auditors(() if read_only else persons or [getpass.getuser()])
    try:
        serve(settings, port, click.echo, auditors)
    except LakeError as error:
        raise click.ClickException(str(error)) from error
    except PortError as error:
        raise click.ClickException(
            f"{error}: close the explorer that is open there, or choose another port: make explore "
            f"PORT={min(port + 1, 65535)}"
        ) from error
