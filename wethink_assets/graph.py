"""The only place where everything meets: assets, resources, jobs, schedules, sensors.

Belongs here: which assets, resources, jobs, sensors and loggers one installation has. Does not belong here: what any of
them does (its own room), extensions' loading (extensions.py), what Dagster loads (definitions.py).

`build_definitions(settings)` lets tests and the demo assemble a variant. Importing this module builds none.
"""

from __future__ import annotations

from datetime import timedelta

import dagster as dg

from jobs.ablations import ablations
from jobs.executor import one_process_executor
from jobs.failures import failure_sensors
from jobs.jobs import JOBS
from jobs.maintenance import maintain_job, maintenance_schedule
from jobs.retraining import Retraining
from jobs.schedules import SCHEDULES
from jobs.sensors import SENSORS
from resources.calls.resource import ModelCalls
from resources.lake.resource import Lake
from resources.progress_log import progress_logger
from resources.settings import SettingsResource, read_settings
from resources.workers.launcher import GpuLauncher
from resources.workers.vllm_server import PolicyServer
from wethink_assets.asset_factory import asset_label, with_column_lineage
from wethink_assets.benchmark_sets.assets import benchmark_set_assets
from wethink_assets.dataset.assets import dataset_assets
from wethink_assets.evaluation.assets import evaluation_assets
from wethink_assets.evaluation.sft_assets import sft_evaluation_assets
from wethink_assets.extensions import ExtensionError, load_extensions
from wethink_assets.gate_quality.assets import gate_quality_assets
from wethink_assets.gates import guarded
from wethink_assets.growth.assets import growth_assets
from wethink_assets.images.assets import pool_asset
from wethink_assets.pass_rates.assets import pass_rate_assets
from wethink_assets.picture_files import PictureFiles
from wethink_assets.rewards.assets import reward_assets
from wethink_assets.settings import Settings
from wethink_assets.sources.assets import source_assets
from wethink_assets.sources.catalog import sources_of
from wethink_assets.synthesis.assets import synthesis_assets
from wethink_assets.training.assets import training_assets

DUE = ("release", "scoreboard")  # whose pages tell that growth stands still, where the settings say what that is


def build_resources(settings: Settings | None = None) -> dict[str, dg.ConfigurableResource]:
    """What assets ask for by name; without `settings` they read those of the process."""
    lake = Lake.of(settings) if settings else Lake()
    own = SettingsResource.of(settings) if settings else SettingsResource()
    images = PictureFiles(lake=lake, settings=own)
    return {
        "lake": lake,
        "settings": own,
        "images": images,
        "calls": ModelCalls(lake=lake, images=images, settings=own),
        "server": PolicyServer(settings=own),
        "launcher": GpuLauncher(settings=own),
    }


def build_definitions(settings: Settings | None = None) -> dg.Definitions:
    """The whole graph for one installation.

    Raises:
        ExtensionError: an extension cannot be loaded, or guards an asset that is not in the graph.
    """
    resources = build_resources(settings)
    settings = settings or read_settings()
    load_extensions(settings.extensions)
    assets = [
        *growth_assets(),
        *source_assets(settings.sources),
        *benchmark_set_assets(settings.evaluation),
        pool_asset(sources_of(settings.sources)),
        *reward_assets(settings.endpoints_of("judge")),
        *synthesis_assets(),
        *dataset_assets(),
        *gate_quality_assets(),
        *training_assets(settings.training),
        *evaluation_assets(settings.evaluation),
        *sft_evaluation_assets(settings.evaluation),
        *pass_rate_assets(),
    ]
    if unknown := set(guarded()) - {asset_label(key) for asset in assets for key in asset.keys}:
        raise ExtensionError(f"extensions: there are gates for {', '.join(sorted(unknown))}, which is no asset here")
    assets = _due(with_column_lineage(assets), settings.growth.fresh_days)
    retraining = Retraining.of(settings, Lake.of(settings))
    return dg.Definitions(
        assets=retraining.on(assets) if retraining else assets,
        resources=resources,
        jobs=[*JOBS, maintain_job, ablations],
        schedules=[*SCHEDULES, maintenance_schedule(settings.lake.maintain)],
        sensors=[*SENSORS, *([retraining.sensor()] if retraining else []), *failure_sensors(settings)],
        loggers={"progress": progress_logger, "console": dg.colored_console_logger},
        executor=one_process_executor,  # of what is materialised in the UI, as of the jobs (jobs/jobs.py)
    )


def _due(assets: list[dg.AssetsDefinition], days: float | None) -> list[dg.AssetsDefinition]:
    """The same assets; those that growth is there for are expected anew within so many days."""
    if days is None:
        return assets
    policy = dg.FreshnessPolicy.time_window(timedelta(days=days), timedelta(days=0.8 * days))

    def add(spec: dg.AssetSpec) -> dg.AssetSpec:
        return spec.replace_attributes(freshness_policy=policy) if asset_label(spec.key) in DUE else spec

    return [asset.map_asset_specs(add) for asset in assets]
