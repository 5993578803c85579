"""Running assets of one growth batch, as the tests of several rooms do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dagster as dg

from resources.lake.resource import Lake
from resources.settings import SettingsResource
from wethink_assets.settings import Settings


def materialize(
    assets: Sequence[dg.AssetsDefinition], batch: str, lake: Lake, settings: Settings, **how: Any
) -> dg.ExecuteInProcessResult:
    """Materialize these assets for `batch` in this process; `how` is passed on to Dagster."""
    instance = dg.DagsterInstance.ephemeral()
    instance.add_dynamic_partitions("growth_batch", [batch])
    return dg.materialize(
        assets,
        partition_key=batch,
        instance=instance,
        resources={"lake": lake, "settings": SettingsResource.of(settings)},
        **how,
    )
