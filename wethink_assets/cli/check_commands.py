"""The commands `wethink sources` and `wethink endpoints`: checks of what the settings name.

Belongs here: arguments and exit codes. Does not belong here: the checks (sources.py, endpoints.py).
"""

from __future__ import annotations

import sys

import click

from wethink_assets.cli.errors import settings_or_exit


@click.group("sources", help="The image sources that the settings name.")
def sources_group() -> None:
    pass


@sources_group.command(
    "check",
    help="Per source (all unless keys are given): found, readable, annotated, and what is missing. Exits 1 where one "
    "cannot be taken from.",
)
@click.argument("keys", nargs=-1)
@click.option("--full", is_flag=True, help="Count every image and read annotation files to their end.")
@click.option("--sample", default=12, show_default=True, type=click.IntRange(1), help="Images of each source to open.")
def sources_check(keys: tuple[str, ...], full: bool, sample: int) -> None:
    from rich.console import Console

    from wethink_assets.cli.sources import check_sources
    from wethink_assets.cli.summary import wide_console

    try:
        code = check_sources(wide_console(), Console(stderr=True), settings_or_exit(), keys, full=full, sample=sample)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    sys.exit(code)


@click.group("endpoints", help="The model endpoints that the settings name.")
def endpoints_group() -> None:
    pass


@endpoints_group.command(
    "check",
    help="Send one image request to each (all roles unless some are given) and say what works. Exits 1 where a role "
    "cannot work.",
)
@click.argument("roles", nargs=-1)
def endpoints_check(roles: tuple[str, ...]) -> None:
    from wethink_assets.cli.endpoints import check_endpoints
    from wethink_assets.cli.summary import wide_console

    try:
        sys.exit(check_endpoints(wide_console(), settings_or_exit(), roles))
    except ValueError as error:
        raise click.ClickException(str(error)) from error
