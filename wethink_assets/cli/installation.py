"""The installation's Dagster home: run history, partitions and schedules persist inside the data folder.

Belongs here: writing dagster.yaml once and opening the instance; making the lake, which only set-up does. Does not
belong here: running anything.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg

from resources.private import private_folder
from wethink_assets.settings import Settings

if TYPE_CHECKING:
    from resources.lake.store import LakeStore

DAGSTER_YAML = """\
# Written once by `wethink`; yours to change. See Dagster's documentation of the instance.
nux:
  enabled: false       # no sign-up dialog in the UI
telemetry:
  enabled: false
concurrency:
  pools:
    default_limit: 1     # the pool `gpu`: one training or serving step at a time
    granularity: op
run_monitoring:
  enabled: true
  free_slots_after_run_end_seconds: 60   # slots of a run that was killed come back
"""


def dagster_home(settings: Settings) -> Path:
    """DAGSTER_HOME, with its dagster.yaml; inside the data folder unless the environment names another."""
    home = Path(os.environ.get("DAGSTER_HOME") or settings.home / "dagster").expanduser().resolve()
    private_folder(home)
    config = home / "dagster.yaml"
    if not config.exists():
        config.write_text(DAGSTER_YAML, "utf-8")
    os.environ["DAGSTER_HOME"] = str(home)
    return home


def open_instance(settings: Settings) -> dg.DagsterInstance:
    """The persistent instance, shared with the UI."""
    dagster_home(settings)
    return dg.DagsterInstance.get()


def make_lake(settings: Settings) -> LakeStore:
    """The lake, made where there is none: for `wethink setup`, `demo`, `run`, `ui` and what imports into a new home.

    Raises:
        LakeError: it cannot be made or opened, or other files are in its place.
    """
    from resources.lake.store import LakeStore

    store = LakeStore.of(settings, create=True)
    store.snapshot_id()
    return store
