"""Memory and time of a release by the number of samples: card, export of JSONL, Parquet and images, gates read back.

    python -m benchmarks.release_memory [--images 5500,55000] [--text 60] [--window 4096]

Takes the samples of a generated lake (tests/lake_at_size.py; 55,000 images make 120,000 samples) through the real
asset, three times: a first release, the same again, which finds its export intact, and one with a target of a tenth.
Image files hold a few bytes each, so that nothing but the rows is measured. Each release is a process of its own,
whose peak memory is that of its highest moment, gates included.

Peers: none of the public pipelines selects, exports and reads back in one step. The exponent is what counts: 1 is
linear time; memory should grow by what is kept of a row (ids), not by its texts.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import math
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb

from tests.lake_at_size import fill
from wethink_assets.settings import PROJECT_ROOT, Settings

STEPS = ("release", "again", "tenth")


def settings_of(home: Path, window: int, target: int = 10_000_000) -> Settings:
    return Settings(
        home=home,
        sources_root=home / "sources",
        truth_root=home / "no-truth",
        release={"target": target, "shares": {f"source{n}": 1.0 for n in range(18)}},
        synthesis={"window_rows": window},
    )


def run(home: Path, window: int, target: int) -> None:
    """One release in this process, as a Dagster run does it."""
    import dagster as dg

    from resources.lake.resource import Lake
    from resources.settings import SettingsResource
    from wethink_assets.dataset.assets import release_asset
    from wethink_assets.picture_files import PictureFiles

    logging.disable(logging.INFO)
    settings = settings_of(home, window, target)
    lake, resource = Lake.of(settings), SettingsResource.of(settings)
    images = PictureFiles(lake=lake, settings=resource)
    began, cpu = time.perf_counter(), time.process_time()
    result = dg.materialize(
        [release_asset()],
        raise_on_error=False,
        resources={"lake": lake, "settings": resource, "images": images},
    )
    events = result.get_asset_materialization_events()
    if not events:
        raise SystemExit(f"no release: {[e.message for e in result.all_events if e.is_failure]}")
    metadata = events[0].materialization.metadata
    figures = {
        "rows": int(str(metadata["rows_in"].value)),
        "wall": time.perf_counter() - began,
        "cpu": time.process_time() - cpu,
        "peak": peak_mb(),
        "failed": [
            c.check_name + ": " + str(c.description) for c in result.get_asset_check_evaluations() if not c.passed
        ],
        "files": digests(settings.home / str(metadata["export"].value).removeprefix("home/")),
    }
    print("FIGURES " + json.dumps(figures))


def peak_mb() -> float:
    """Highest resident memory of this process; getrusage would tell that of the parent at the fork, too."""
    status = Path("/proc/self/status").read_text("utf-8")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) / 1024


def digests(folder: Path) -> dict[str, str]:
    """First digits of the SHA-256 of every file of an export but its images: equal for every window."""
    found = {}
    for path in sorted(folder.iterdir()):
        if path.is_file():
            with path.open("rb") as file:
                found[path.name] = hashlib.file_digest(file, "sha256").hexdigest()[:8]
    return found


def measure(images: int, text: int, window: int) -> dict[str, dict[str, Any]]:
    """All steps over the samples of `images` images; figures by step."""
    from resources.lake.store import LakeStore

    figures = {}
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        settings = settings_of(home, window)
        store = LakeStore(settings.lake_catalog, settings.lake_data_path)
        counts = fill(store, images, text=text)
        store.close()
        for source in range(18):
            (home / "sources" / f"source{source}").mkdir(parents=True)
        for n in range(images):
            (home / "sources" / f"source{n % 18}" / f"{n}.jpg").write_text(f"image{n}")  # its SHA-256 is its id
        for step in STEPS:
            target = counts["samples"] // 10 if step == "tenth" else 10_000_000
            argv = [sys.executable, "-m", "benchmarks.release_memory", "--home", str(home), "--target", str(target)]
            done = subprocess.run(
                [*argv, "--window", str(window)], cwd=PROJECT_ROOT, capture_output=True, text=True, check=False
            )
            line = next((line for line in done.stdout.splitlines() if line.startswith("FIGURES ")), None)
            if line is None:
                raise SystemExit(f"{step} at {images} images: {done.stdout[-2000:]}{done.stderr[-3000:]}")
            figures[step] = json.loads(line.removeprefix("FIGURES "))
            print(images, step, figures[step], flush=True)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", default="5500,55000")
    parser.add_argument("--text", type=int, default=60)
    parser.add_argument("--window", type=int, default=4096)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--target", type=int, default=0)
    given = parser.parse_args()
    if given.home:
        run(given.home, given.window, given.target)
        return
    sizes = [int(n) for n in given.images.split(",")]
    results = {size: measure(size, given.text, given.window) for size in sizes}
    print(f"\n{os.cpu_count()} cores; DuckDB {duckdb.__version__}; windows of {given.window:,} rows\n")
    heads = [f"{what} at {size:,} images" for size in sizes for what in ("rows", "CPU-s", "peak MB")]
    print("| " + " | ".join(["step", *heads, "exponent"]) + " |\n" + "|---" * (len(heads) + 2) + "|")
    for step in STEPS:
        row = [step]
        for size in sizes:
            f = results[size][step]
            row += [f"{f['rows']:,}", f"{f['cpu']:.1f}", f"{f['peak']:,.0f}"]
        small, large = results[sizes[0]][step], results[sizes[-1]][step]
        ratio = math.log(max(large["rows"], 1) / max(small["rows"], 1))
        exponent = math.log(large["cpu"] / small["cpu"]) / ratio if ratio else 0.0
        print("| " + " | ".join([*row, f"{exponent:.2f}"]) + " |")


if __name__ == "__main__":
    main()
