"""Synthesis and release of batch `g1`, once for each line of standard input, each in a process that can be killed.

`killed_worker.py SETTINGS` with the settings as JSON. Prints the process's id and then its exit status. Forked from one
that has loaded everything and opened nothing, so that another start costs next to nothing.
"""

from __future__ import annotations

import json
import os
import sys

import dagster as dg

from resources.lake.resource import Lake
from tests.synthesis.house import ASSETS, resources_of
from wethink_assets.dataset.assets import release_asset
from wethink_assets.settings import Settings


def run(settings: Settings) -> bool:
    resources = resources_of(settings, Lake.at(settings.lake_catalog, settings.lake_data_path))
    instance = dg.DagsterInstance.ephemeral()
    instance.add_dynamic_partitions("growth_batch", ["g1"])
    return all(
        dg.materialize(
            assets, resources=resources, partition_key=batch, instance=instance, raise_on_error=False
        ).success
        for assets, batch in ((ASSETS, "g1"), ([release_asset()], None))
    )


def main() -> None:
    settings = Settings.model_validate(json.loads(sys.argv[1]))
    for _ in sys.stdin:
        if (child := os.fork()) == 0:
            os.dup2(2, 1)  # DuckDB shows its progress there
            os._exit(0 if run(settings) else 1)
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
