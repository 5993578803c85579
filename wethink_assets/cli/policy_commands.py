"""The commands `wethink evaluate` and `wethink compare`: benchmark scores of any OpenAI-compatible endpoint.

Belongs here: arguments and exit codes. Does not belong here: the work (evaluate.py), imported when it runs.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from wethink_assets.cli.errors import settings_or_exit, user_message


@click.command(
    "evaluate",
    help="Ask an OpenAI-compatible endpoint the evaluation sets, score its replies, print every number. Resumes after "
    "a kill. Exits 1 where a number stands on fewer items than its set.",
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

    settings = settings_or_exit()
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


@click.command(
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
        code = run_compare(wide_console(), settings_or_exit(), first, second, names, out=out, shown=shown)
    except (ValueError, LakeError) as error:
        raise click.ClickException(str(error)) from error
    sys.exit(code)
