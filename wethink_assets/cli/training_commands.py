"""The command `wethink training plan`: the memory that the configured recipe takes, before anything is loaded.

Belongs here: arguments and exit codes. Does not belong here: the page (training_plan.py), imported when it runs.
"""

from __future__ import annotations

import sys

import click

from wethink_assets.cli.errors import settings_or_exit


@click.group("training", help="The training that the settings describe.")
def training_group() -> None:
    pass


@training_group.command(
    "plan",
    help="One page of numbers: the memory of one GPU, term by term, at the largest images and longest replies. Loads "
    "nothing. Exits 1 where it does not fit, and says which setting would make it fit.",
)
@click.option("--preset", default=None, help="A recipe of presets/ as it stands, instead of the configured one.")
@click.option("--gpus", type=click.IntRange(1), default=None, help="training.processes unless given.")
@click.option(
    "--gpu-memory", type=click.FloatRange(1), default=None, help="GiB of one; training.gpu_memory_gib unless."
)
def plan_command(preset: str | None, gpus: int | None, gpu_memory: float | None) -> None:
    from wethink_assets.cli.errors import user_message
    from wethink_assets.cli.summary import wide_console
    from wethink_assets.cli.training_plan import show_plan
    from wethink_assets.settings import TrainingSettings

    try:
        training = settings_or_exit().training if preset is None else TrainingSettings(preset=preset)
        code = show_plan(wide_console(), training, gpus=gpus, gpu_memory=gpu_memory)
    except ValueError as error:
        raise click.ClickException(user_message(error)) from error
    sys.exit(code)
