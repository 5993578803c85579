"""The command `wethink ablations`: the ablation study on the latest release of an installation.

Belongs here: arguments, reading the release's rows, printing. Does not belong here: arms, training, the table
(wethink_assets/ablations), imported when it runs.
"""

from __future__ import annotations

from pathlib import Path

import click

from wethink_assets.cli.errors import settings_or_exit


@click.command(
    "ablations",
    help="Train what is missing of the ablation study (arms that differ in one part of the recipe, over seeds) on the "
    "latest release, ask each policy held-out rows that rules score, print one table with intervals. Resumes after a "
    "kill. With the configured [training]; every arm and seed costs a training run.",
)
@click.option("--arms", default="", help="Arms, with commas between; all unless given. The base is always among them.")
@click.option("--seeds", default="0,1,2", show_default=True, help="Seeds, with commas between.")
@click.option("--asked", type=click.IntRange(1), default=200, show_default=True, help="Held-out rows at most.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    help="Where policies, answers and results lie; ablations/ of the home unless given.",
)
def ablations_command(arms: str, seeds: str, asked: int, out: Path | None) -> None:
    from resources.lake.resource import Lake
    from resources.lake.store import LakeError
    from resources.workers.launcher import WorkerFailedError
    from wethink_assets.ablations.arms import named
    from wethink_assets.ablations.release import study_release
    from wethink_assets.cli.errors import user_message
    from wethink_assets.rewards.terms import RewardTermError

    settings = settings_or_exit()
    try:
        chosen = named([name.strip() for name in arms.split(",") if name.strip()])
        numbers = [int(seed) for seed in seeds.split(",")]
        folder = out or settings.home / "ablations"
        text = study_release(settings, Lake.of(settings), folder, chosen, numbers, asked, click.echo)
    except (ValueError, LakeError, RewardTermError, WorkerFailedError) as error:
        raise click.ClickException(user_message(error)) from error
    click.echo(f"\n{text}\n\ntable and plot are in {folder}")
