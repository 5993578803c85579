"""The commands `wethink init`, `setup` and `doctor`: beginning an installation, and what is wrong with one.

Belongs here: arguments and exit codes. Does not belong here: the work (init.py, doctor.py), imported when it runs.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from wethink_assets.cli.errors import UnusableError


@click.command(
    "init",
    help="Look at the FOLDERs, recognise image sources and evaluation sets in them, and write a commented "
    "configuration. Images are only looked at. Exits 2 where nothing was written.",
)
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path), metavar="[FOLDER]...")
@click.option(
    "--output", default="wethink.toml", show_default=True, type=click.Path(path_type=Path), help="The file to write."
)
@click.option(
    "--home", default=None, type=click.Path(path_type=Path), help="Data folder; beside the file unless given."
)
@click.option("--force", is_flag=True, help="Overwrite the file.")
@click.option(
    "--endpoint", "url", default=None, help="One OpenAI-compatible URL for all roles; else examples to fill in."
)
@click.option("--model", default=None, help="Model name at --endpoint.")
@click.option("--api-key-env", default="", help="Name of the environment variable that holds the endpoint's key.")
@click.option("--thinking", is_flag=True, help="The model at --endpoint thinks before it answers.")
def init_command(
    folders: tuple[Path, ...],
    output: Path,
    home: Path | None,
    force: bool,
    url: str | None,
    model: str | None,
    api_key_env: str,
    thinking: bool,
) -> None:
    from pydantic import ValidationError
    from rich.console import Console

    from wethink_assets.cli.errors import user_message
    from wethink_assets.cli.init import InitError, run_init
    from wethink_assets.cli.starter import Endpoint
    from wethink_assets.cli.summary import wide_console

    if (url is None) != (model is None):
        raise click.UsageError("--endpoint and --model go together")
    if url is None and (api_key_env or thinking):
        raise click.UsageError("--api-key-env and --thinking go with --endpoint")
    endpoint = Endpoint(url, model, api_key_env, thinking) if url is not None and model is not None else None
    try:
        run_init(wide_console(), Console(stderr=True), folders, output, home=home, force=force, endpoint=endpoint)
    except (InitError, ValidationError) as error:
        raise UnusableError(user_message(error)) from error


@click.command(
    "setup",
    help="Make the home, its lake and Dagster's folder, each where it is not there yet. `wethink demo`, `run` and `ui` "
    "do so too; everything else refuses where there is no lake. What is there stays as it is.",
)
def setup_command() -> None:
    from resources.lake.catalog import without_password
    from resources.lake.database import LakeError
    from wethink_assets.cli.errors import settings_or_exit
    from wethink_assets.cli.installation import dagster_home, make_lake

    settings = settings_or_exit()
    try:
        store = make_lake(settings)
        snapshot = store.snapshot_id()
        store.close()
    except LakeError as error:
        raise click.ClickException(str(error)) from error
    folder = dagster_home(settings)
    click.echo(f"home {settings.home}, lake {without_password(settings.lake_catalog)} at snapshot {snapshot},")
    click.echo(f"Dagster's folder {folder}")


@click.command(
    "doctor",
    help="Say what is wrong with this machine, the configuration, home, lake, sources, Dagster's storage, and what "
    "dead runs left, each with its cure. Changes nothing without --fix. Exits 1 where a fault is left.",
)
@click.option("--fix", is_flag=True, help="Mend what is safe: end dead runs, remove what they left, close the home.")
@click.option("--endpoints", is_flag=True, help="Also look whether the endpoints can be reached; nothing is paid.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def doctor_command(fix: bool, endpoints: bool, as_json: bool) -> None:
    from wethink_assets.cli.doctor import run_doctor
    from wethink_assets.cli.summary import wide_console

    sys.exit(run_doctor(wide_console(), fix=fix, endpoints=endpoints, as_json=as_json))
