"""A whole sample pack through the real assets: 18 sources, the evaluation sets, the image pool, in one growth batch.

    python -m benchmarks.pack_ingest [--pack FOLDER] [--images-per-source 6667]

Makes the pack in FOLDER unless it is there (6,667 per source are 120,006 images and planted copies; some 15 minutes
and 5 GB). The lake is a new one in a temporary folder. Prints seconds, CPU-seconds and the peak memory of each asset's
process, which holds the rows of the batch (decode workers: image_ingest.py); then images per second end to end, and
the recall of what the pack planted. Ten times the images take ten times the time, and memory grows with the rows of
the batch: take large collections in several batches (`quota`).
"""

from __future__ import annotations

import argparse
import json
import logging
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from wethink_assets.settings import PROJECT_ROOT, Settings


def materialise(home: Path, pack: Path, step: str) -> None:
    """One step in this process, as a Dagster run does it."""
    import dagster as dg

    from resources.lake.resource import Lake
    from resources.settings import SettingsResource
    from wethink_assets.benchmark_sets.assets import benchmark_set_assets
    from wethink_assets.images.assets import pool_asset
    from wethink_assets.settings import SourceSettings
    from wethink_assets.sources.assets import source_assets

    logging.disable(logging.INFO)
    settings = Settings(
        home=home,
        sources_root=pack / "sources",
        benchmarks_root=pack / "benchmarks",
        truth_root=pack / "truth",
        sources=SourceSettings(quota=None),
    )
    assets = {
        "sources": source_assets(),
        "benchmark_items": benchmark_set_assets(),
        "image_pool": [pool_asset()],
    }[step]
    lake = Lake.at(f"sqlite:{home}/lake/catalog.sqlite", f"{home}/lake/data")
    instance = dg.DagsterInstance.ephemeral()
    instance.add_dynamic_partitions("growth_batch", ["all"])
    started = time.perf_counter()
    result = dg.materialize(
        assets,
        partition_key=None if step == "benchmark_items" else "all",
        instance=instance,
        raise_on_error=False,
        resources={"lake": lake, "settings": SettingsResource.of(settings)},
    )
    seconds = time.perf_counter() - started
    lake.store.close()
    checks = result.get_asset_check_evaluations()
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(
        json.dumps(
            {
                "seconds": seconds,
                "cpu": sum(u.ru_utime + u.ru_stime for u in usage),
                "peak": usage[0].ru_maxrss >> 10,
                "success": result.success,
                "failed": [
                    f"{c.asset_key.to_user_string()}/{c.check_name}: {c.description}" for c in checks if not c.passed
                ],
                "told": {
                    name: value.value
                    for m in result.get_asset_materialization_events()
                    for name, value in m.materialization.metadata.items()
                    if name.startswith("rows_") or name.endswith(("_recall", "_precision"))
                },
            }
        )
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pack", type=Path)
    parser.add_argument("--images-per-source", type=int, default=6667)
    parser.add_argument("--step", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        materialise(Path(options.step[0]), Path(options.step[1]), options.step[2])
        return
    with tempfile.TemporaryDirectory() as folder:
        pack = options.pack or Path(folder) / "pack"
        if not (pack / "sources").is_dir():
            from wethink_assets.demo.pack.generate import generate

            generate(pack, images_per_source=options.images_per_source)
        images = sum(
            1
            for path in (pack / "sources").rglob("*")
            if path.suffix.lower() in (".jpg", ".jpeg", ".png", ".webp", ".bmp")
        )
        print(f"{images:,} image files", flush=True)
        total = 0.0
        for step in ("sources", "benchmark_items", "image_pool"):
            command = [sys.executable, "-m", "benchmarks.pack_ingest", "--step", f"{folder}/home", str(pack), step]
            done = subprocess.run(command, cwd=PROJECT_ROOT, stdout=subprocess.PIPE, text=True)
            if done.returncode:
                raise SystemExit(f"{step} did not end")
            outcome = json.loads(done.stdout.splitlines()[-1])
            total += outcome["seconds"]
            print(
                f"{step:16} {outcome['seconds']:7.1f} s {outcome['cpu']:8.1f} CPU-s, peak {outcome['peak']:>5} MiB"
                f"{'' if outcome['success'] else ', FAILED'}",
                flush=True,
            )
            for name, value in outcome["told"].items() if step == "image_pool" else ():
                print(f"   {name}: {value}")
            for text in outcome["failed"]:
                print(f"   check failed: {text}")
        print(f"end to end: {images / total:.0f} images/s, {total:.0f} s")


if __name__ == "__main__":
    main()
