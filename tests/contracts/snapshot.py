"""The definitions as text, for a snapshot that shows in a review what a change does to the graph.

Refresh it with `.venv/bin/python -m tests.contracts.snapshot` and read the difference before committing it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg

SNAPSHOT = Path(__file__).with_name("definitions.snapshot.txt")


def lines(definitions: dg.Definitions) -> Iterator[str]:
    """Assets with group, partitions, pool, deps and checks, then jobs, schedules, sensors; each sorted by name."""
    graph = definitions.resolve_asset_graph()
    for spec in sorted(definitions.resolve_all_asset_specs(), key=lambda spec: spec.key.path):
        node = graph.get(spec.key)
        name = spec.key.to_user_string()
        partitions = f", partitioned by {node.partitions_def.name}" if node.partitions_def else ""
        pools = f", pool {', '.join(sorted(node.pools))}" if node.pools else ""
        yield f"asset {name} (group {spec.group_name}{partitions}{pools})"
        yield from (f"  after {dep}" for dep in sorted(key.to_user_string() for key in node.parent_keys))
        for key in sorted(node.check_keys, key=lambda key: key.name):
            check = graph.get_check_spec(key)
            yield f"  check {key.name}{' (blocking)' if check.blocking else ''}"
    repository = definitions.get_repository_def()
    for job in sorted(repository.get_all_jobs(), key=lambda job: job.name):
        if job.name.startswith("__"):  # Dagster's own, of all assets
            continue
        keys = sorted(key.to_user_string() for key in job.asset_layer.selected_asset_keys)
        yield f"job {job.name}: {len(keys)} assets"
        yield from (f"  runs {key}" for key in keys)
    for schedule in sorted(repository.schedule_defs, key=lambda schedule: schedule.name):
        yield f"schedule {schedule.name}: job {schedule.job_name}, cron {schedule.cron_schedule}"
    for sensor in sorted(repository.sensor_defs, key=lambda sensor: sensor.name):
        job = f"job {sensor.job_name}" if sensor.targets else "no job"
        yield f"sensor {sensor.name}: {job}, every {sensor.minimum_interval_seconds} s"


def text() -> str:
    """The snapshot of an installation that sets nothing."""
    from wethink_assets.graph import build_definitions
    from wethink_assets.settings import Settings

    return "".join(f"{line}\n" for line in lines(build_definitions(Settings())))


if __name__ == "__main__":
    SNAPSHOT.write_text(text(), encoding="utf-8")
