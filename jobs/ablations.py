"""The job `ablations`: the ablation study of the latest release, as a run of Dagster.

Belongs here: its configuration and what its run shows. Does not belong here: arms, training, the table
(wethink_assets/ablations). It makes no asset: its policies are none of the graph's, and stand on no scoreboard.
"""

import dagster as dg

from jobs.executor import one_process_executor
from resources.lake.resource import Lake
from resources.settings import SettingsResource
from resources.workers.launcher import WorkerFailedError
from wethink_assets.ablations.arms import named
from wethink_assets.ablations.release import study_release


class AblationConfig(dg.Config):
    """Arms by name (none: all), seeds, and how many held-out rows are asked at most."""

    arms: list[str] = []  # noqa: RUF012 - a model of pydantic, which copies its defaults
    seeds: list[int] = [0, 1, 2]  # noqa: RUF012
    asked: int = 200


@dg.op(pool="gpu", description="Train what is missing of the study, ask every policy, write one table and one plot.")
def ablation_study(
    context: dg.OpExecutionContext, config: AblationConfig, lake: Lake, settings: SettingsResource
) -> None:
    own = settings.get()
    folder = own.home / "ablations"
    try:
        arms = named(config.arms)
        text = study_release(own, lake, folder, arms, config.seeds, config.asked, context.log.info)
    except (ValueError, WorkerFailedError) as error:
        raise dg.Failure(str(error), allow_retries=False) from None
    context.add_output_metadata({"table": dg.MetadataValue.md(text), "folder": dg.MetadataValue.path(folder)})


@dg.job(
    executor_def=one_process_executor,
    description="What each part of the recipe gives: policies that differ in that part alone, over seeds. Resumable.",
)
def ablations() -> None:
    ablation_study()
