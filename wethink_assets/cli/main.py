"""Entry point of `wethink`: one function a subcommand, each opening only what it needs.

Belongs here: arguments and exit codes. Does not belong here: the work itself.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from wethink_assets.cli.errors import OneLine, user_message
from wethink_assets.settings import PROJECT_ROOT, Settings, load_settings


def _settings() -> Settings:
    try:
        return load_settings()
    except (FileNotFoundError, ValueError) as error:
        raise click.ClickException(user_message(error)) from error


@click.group(
    cls=OneLine, help="WeThink as an asset graph: 18 image sources to a reasoning data set, GRPO and 14 scores."
)
def main() -> None:
    # Libraries must never reach for the network or report usage at run time.
    for name, value in {"HF_HUB_OFFLINE": "1", "DO_NOT_TRACK": "1", "VLLM_NO_USAGE_STATS": "1"}.items():
        os.environ.setdefault(name, value)


@main.command(help="Draw the sample pack, materialise the whole graph for one growth batch, print the summary.")
@click.option("--grow", is_flag=True, help="Add new files to the sample sources and run the next growth batch.")
@click.option("--images", default=24, show_default=True, help="Images a source in the sample pack.")
@click.option("--seed", default=7, show_default=True, help="Seed of the sample pack.")
def demo(grow: bool, images: int, seed: int) -> None:
    from wethink_assets.cli.demo import run_demo

    sys.exit(run_demo(_settings(), grow=grow, images=images, seed=seed))


@main.command(help="Open the graph in the browser: dagster dev on 127.0.0.1, with a persistent home.")
@click.option("--port", default=3000, show_default=True)
def ui(port: int) -> None:
    from wethink_assets.cli.installation import dagster_home

    dagster_home(_settings())
    os.chdir(PROJECT_ROOT)
    command = str(Path(sys.executable).parent / "dagster")
    os.execv(command, [command, "dev", "-w", "workspace.yaml", "-h", "127.0.0.1", "-p", str(port)])


@main.group("sources", help="The image sources that the settings name.")
def sources_group() -> None:
    pass


@sources_group.command(
    "check",
    help="Per source (all unless keys are given): found, readable, annotated, and what is missing. Exits 1 where one cannot be taken from.",
)
@click.argument("keys", nargs=-1)
@click.option("--full", is_flag=True, help="Count every image and read annotation files to their end.")
@click.option("--sample", default=12, show_default=True, type=click.IntRange(1), help="Images of each source to open.")
def sources_check(keys: tuple[str, ...], full: bool, sample: int) -> None:
    from rich.console import Console

    from wethink_assets.cli.sources import check_sources
    from wethink_assets.cli.summary import wide_console

    try:
        code = check_sources(wide_console(), Console(stderr=True), _settings(), keys, full=full, sample=sample)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    sys.exit(code)


@main.group("endpoints", help="The model endpoints that the settings name.")
def endpoints_group() -> None:
    pass


@endpoints_group.command(
    "check",
    help="Send one image request to each (all roles unless some are given) and say what works. Exits 1 where a role cannot work.",
)
@click.argument("roles", nargs=-1)
def endpoints_check(roles: tuple[str, ...]) -> None:
    from wethink_assets.cli.endpoints import check_endpoints
    from wethink_assets.cli.summary import wide_console

    try:
        sys.exit(check_endpoints(wide_console(), _settings(), roles))
    except ValueError as error:
        raise click.ClickException(str(error)) from error


@main.group("calls", help="Recorded model calls.")
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

    settings = _settings()
    try:
        click.echo(getattr(calls, action)(LakeStore(settings.lake_catalog, settings.lake_data_path), *arguments))
    except (CallsError, LakeError) as error:
        raise click.ClickException(str(error)) from error


@main.group("prompts", help="The prompt files of the synthesis.")
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

    settings = _settings()
    try:
        show_prompt_changes(wide_console(), LakeStore(settings.lake_catalog, settings.lake_data_path), settings)
    except LakeError as error:
        raise click.ClickException(str(error)) from error


@main.command(
    "evaluate",
    help="Ask an OpenAI-compatible endpoint the evaluation sets, score its replies, print every number. Resumes after a kill. Exits 1 where a number stands on fewer items than its set.",
)
@click.option("--endpoint", "url", required=True, help="Base URL, such as http://127.0.0.1:8000/v1.")
@click.option("--model", required=True, help="Model name that the endpoint serves.")
@click.option("--benchmarks", default="", help="Sets, with commas between; all unless given.")
@click.option("--policy", default=None, help="Id under which it is recorded; the model's name unless given.")
@click.option("--api-key-env", default="", help="Name of the environment variable that holds the key.")
@click.option(
    "--profile",
    type=click.Choice(["plain", "wethink"]),
    default=None,
    help="How it is asked; as configured unless given.",
)
@click.option("--rules-only", is_flag=True, help="Ask no judge; every number says so in its name.")
@click.option("--max-tokens", type=click.IntRange(1), default=None, help="Of a reply; the profile's unless given.")
@click.option("--concurrency", type=click.IntRange(1), default=None, help="Questions in flight.")
@click.option(
    "--attempts",
    type=click.IntRange(1),
    default=6,
    show_default=True,
    help="Of a question that the server fails, before it is given up.",
)
@click.option(
    "--limit", type=click.IntRange(1), default=None, help="First items of each set only; the numbers' names say so."
)
@click.option(
    "--export", type=click.Path(file_okay=False, path_type=Path), default=None, help="Folder for prediction files."
)
@click.option(
    "--format", "form", type=click.Choice(["vlmevalkit", "lmms-eval"]), default="vlmevalkit", show_default=True
)
def evaluate_command(
    url: str,
    model: str,
    benchmarks: str,
    policy: str | None,
    api_key_env: str,
    profile: str | None,
    rules_only: bool,
    max_tokens: int | None,
    concurrency: int | None,
    attempts: int,
    limit: int | None,
    export: Path | None,
    form: str,
) -> None:
    from rich.console import Console

    from resources.calls.messages import CallsError
    from resources.lake.store import LakeError
    from wethink_assets.cli.evaluate import run_evaluate
    from wethink_assets.cli.summary import wide_console
    from wethink_assets.evaluation.report.exports import safe
    from wethink_assets.settings import EndpointSettings

    settings = _settings()
    given = {"profile": profile, "max_tokens": max_tokens, "concurrency": concurrency, "rules_only": rules_only or None}
    own = settings.evaluation.model_copy(update={k: v for k, v in given.items() if v is not None})
    names = [name.strip() for name in benchmarks.split(",") if name.strip()]
    try:
        endpoint = EndpointSettings(
            base_url=url,
            model=model,
            api_key_env=api_key_env,
            concurrency=own.concurrency,
            max_attempts=attempts,
            structured_outputs=False,
        )
        code = run_evaluate(
            wide_console(),
            Console(stderr=True),
            settings.model_copy(update={"evaluation": own}),
            names,
            endpoint,
            safe(policy or model),
            limit=limit,
            export=(export, form) if export else None,
        )
    except (ValueError, CallsError, LakeError) as error:
        raise click.ClickException(user_message(error)) from error
    sys.exit(code)


@main.command(
    "compare",
    help="Two policies item by item: fixed, broken, both wrong; a self-contained HTML page with images and replies.",
)
@click.argument("first")
@click.argument("second")
@click.option("--benchmarks", default="", help="Sets, with commas between; all unless given.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    help="The page; in the reports folder unless given.",
)
@click.option(
    "--shown",
    type=click.IntRange(1),
    default=100,
    show_default=True,
    help="Items of a kind and set on the page at most.",
)
def compare_command(first: str, second: str, benchmarks: str, out: Path | None, shown: int) -> None:
    from resources.lake.store import LakeError
    from wethink_assets.cli.evaluate import run_compare
    from wethink_assets.cli.summary import wide_console

    names = [name.strip() for name in benchmarks.split(",") if name.strip()]
    try:
        code = run_compare(wide_console(), _settings(), first, second, names, out=out, shown=shown)
    except (ValueError, LakeError) as error:
        raise click.ClickException(str(error)) from error
    sys.exit(code)


@main.command(help="Print the summary of what the lake holds: rows, calls, scores.")
@click.option("--batch", default=None, help="A growth batch; the latest one unless given.")
def summary(batch: str | None) -> None:
    from resources.lake.store import LakeStore
    from wethink_assets.cli.summary import print_summary, wide_console

    settings = _settings()
    print_summary(wide_console(), LakeStore(settings.lake_catalog, settings.lake_data_path), settings, batch)


@main.command(help="The path of any row: up to its image and source, down to release, rollouts and scores.")
@click.argument("row_id")
def lineage(row_id: str) -> None:
    from rich.console import Console

    from resources.lake.store import LakeError, LakeStore
    from wethink_assets.lineage.render import as_tree
    from wethink_assets.lineage.walk import UnknownIdError, walk

    settings = _settings()
    try:
        tree = walk(LakeStore(settings.lake_catalog, settings.lake_data_path), row_id)
    except (UnknownIdError, LakeError) as error:
        raise click.ClickException(str(error)) from error
    Console(width=None if sys.stdout.isatty() else 240).print(as_tree(tree))


@main.command("maintain", help="Flush small writes of the lake to Parquet, merge files, drop what no snapshot needs.")
def maintain() -> None:
    from resources.lake.store import LakeStore

    settings = _settings()
    LakeStore(settings.lake_catalog, settings.lake_data_path).maintain()


if __name__ == "__main__":
    main()
