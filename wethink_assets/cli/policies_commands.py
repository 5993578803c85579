"""The commands `wethink policies`: list, show, export.

Belongs here: arguments and exit codes. Does not belong here: what is printed (policies.py) and written
(evaluation/report/policy_export.py), imported when it runs.
"""

from __future__ import annotations

from pathlib import Path

import click

from wethink_assets.cli.errors import settings_or_exit

_POLICY = "An id, the beginning of one, or latest: the RL policy that was made last."


@click.group("policies", invoke_without_command=True, help="Policies that were trained or registered.")
@click.pass_context
def policies_group(context: click.Context) -> None:
    if context.invoked_subcommand is None:
        _run("show_all")


@policies_group.command("list", help="All policies: base, release, held-out accuracy, and whether it is promoted.")
def list_command() -> None:
    _run("show_all")


@policies_group.command("show", help="What POLICY was made of, what guards said, what it scores. " + _POLICY)
@click.argument("policy", default="latest")
def show_command(policy: str) -> None:
    _run("show_one", policy)


@policies_group.command(
    "export",
    help="Write a policy to FOLDER as a model repository: weights, configuration, processor, card. The weights are "
    "held against their SHA-256.",
)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--policy", default="latest", show_default=True, help=_POLICY)
@click.option("--unpromoted", is_flag=True, help="Also one that is below its base on held-out rows, or not judged.")
def export_command(folder: Path, policy: str, unpromoted: bool) -> None:
    _run("export_one", policy, folder, unpromoted=unpromoted)


def _run(action: str, *arguments: object, **options: object) -> None:
    from resources.lake.store import LakeError, LakeStore
    from wethink_assets.cli import policies
    from wethink_assets.cli.summary import wide_console
    from wethink_assets.evaluation.report.policy_export import PolicyExportError

    settings = settings_or_exit()
    try:
        store = LakeStore.of(settings, create=False)
        getattr(policies, action)(wide_console(), store, settings, *arguments, **options)
    except (LakeError, PolicyExportError, OSError) as error:
        raise click.ClickException(str(error)) from error
