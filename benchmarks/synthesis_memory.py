"""Memory and time of the synthesis stages by the size of a growth batch: peak memory, CPU, exponent between sizes.

    python -m benchmarks.synthesis_memory [--images 1200,12000] [--window 4096]

Takes a batch of generated images (tests/lake_at_size.py, texts of some 60 words) through all stages, their commits and
their gates, in the real assets and a lake of its own. The models are functions that answer at once, so that nothing
but the pipeline is measured: no HTTP, no ledger, no images on the assets' pages. Each stage is a process of its own,
whose peak memory is that of its highest moment, gates included. Gates that look for calls in the ledger fail here,
since none are made; their cost is counted.

Peers: none of the public pipelines streams a batch through several models with one transaction a stage. The exponent is
what counts: 1 is linear time; memory should not grow at all beyond the first windows.
"""

from __future__ import annotations

import argparse
import builtins
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

from tests.lake_at_size import BATCHES, fill
from tests.synthesis.scripted import Script
from wethink_assets.settings import PROJECT_ROOT, Settings
from wethink_assets.synthesis.registry import stages

WORDS = " ".join(["a red kite stands left of the tall white house"] * 6)


def replies() -> dict[str, Any]:
    """A reply for every prompt; questions differ by image, so that nothing is dropped as a copy."""
    kinds = ("MC", "FIB", "DES")

    def questions(request) -> dict[str, Any]:
        return {
            "questions": [
                {
                    "question": f"Which of the things near kite {request.subject_id[:12]} is number {n}?",
                    "category": kinds[n],
                    "options": ["red", "blue", "green"] if n == 0 else [],
                    "abilities": ["reasoning", "recognition"],
                }
                for n in range(3)
            ]
        }

    def answer(request) -> dict[str, Any]:
        first = int(request.subject_id[:4], 16) % 5 == 0 and request.prompt == "answer_from_image"
        return {"reasoning": f"{WORDS} The answer is blue.", "answer": "red" if first else "blue"}

    return {
        "describe": {"description": WORDS},
        "ask_missing_details": {"questions": ["Which colour is the plate?"]},
        "answer_visual_details": {"answers": [{"number": 1, "answer": "The plate is blue."}]},
        "merge_description": {"description": f"{WORDS} The plate is blue."},
        "generate_questions": questions,
        "check_well_posed": {"reason": "It is.", "well_posed": True},
        "check_answerable": {"reason": "It is.", "answerable": True},
        "answer_from_description": answer,
        "answer_from_image": answer,
        "answer_again": answer,
        "adjudicate": {"reason": "So.", "choice": "first"},
        "refine_path": {"refined_cot": WORDS, "consistent": True},
        "judge": {"score": 1, "reason": "Equal."},
    }


class Models:
    """What assets ask, answered at once."""

    def for_asset(self, context: Any, **_: Any) -> Script:
        return Forgetful(**replies())


class Forgetful(Script):
    """A script that keeps nothing of what it was asked."""

    def __call__(self, requests: list[Any]) -> list[Any]:
        return [self._reply(request) for request in requests]


class NoImages:
    """Images are not what is measured; the asset's page then names them."""

    def prefetch(self, ids: Any) -> None: ...

    def bytes(self, image_id: str) -> builtins.bytes:
        raise FileNotFoundError(image_id)


def run_stage(home: Path, name: str, window: int) -> None:
    """One stage in this process, as a Dagster run does it."""
    import dagster as dg

    from resources.lake.resource import Lake
    from resources.settings import SettingsResource
    from wethink_assets.synthesis.assets import stage_asset

    logging.disable(logging.INFO)
    settings = settings_of(home, window)
    stage = next(stage for stage in stages() if stage.name == name)
    instance = dg.DagsterInstance.ephemeral()
    instance.add_dynamic_partitions("growth_batch", [BATCHES[0]])
    lake = Lake.of(settings)
    values = {"lake": lake, "settings": SettingsResource.of(settings)}
    values |= {
        n: dg.ResourceDefinition.hardcoded_resource(v) for n, v in {"images": NoImages(), "calls": Models()}.items()
    }
    began, cpu = time.perf_counter(), time.process_time()
    result = dg.materialize(
        [stage_asset(stage)],
        partition_key=BATCHES[0],
        instance=instance,
        raise_on_error=False,
        resources=values,
    )
    events = result.get_asset_materialization_events()
    if not events:
        raise SystemExit(f"{name} committed nothing: {[e.message for e in result.all_events if e.is_failure]}")
    failed = [c.check_name for c in result.get_asset_check_evaluations() if not c.passed]
    figures = {
        "rows": int(str(events[0].materialization.metadata["rows_in"].value)),
        "wall": time.perf_counter() - began,
        "cpu": time.process_time() - cpu,
        "peak": peak_mb(),
        "failed": failed,
    }
    print("FIGURES " + json.dumps(figures))


def peak_mb() -> float:
    """Highest resident memory of this process; getrusage would tell that of the parent at the fork, too."""
    status = Path("/proc/self/status").read_text("utf-8")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) / 1024


def settings_of(home: Path, window: int) -> Settings:
    """Row filters look and count, and drop nothing: generated texts repeat one sentence."""
    from wethink_assets.row_filters.registry import NAMES

    synthesis = {"window_rows": window, "filters_off": NAMES}
    return Settings(home=home, truth_root=home / "no-truth", synthesis=synthesis)


def measure(images: int, window: int) -> dict[str, dict[str, Any]]:
    """All stages over a batch of `images`; figures by stage."""
    from resources.lake.store import LakeStore

    figures = {}
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        settings = settings_of(home, window)
        store = LakeStore(settings.lake_catalog, settings.lake_data_path)
        fill(store, images * 2, text=60)  # the first batch holds half of them
        store.close()
        for stage in stages():
            argv = [sys.executable, "-m", "benchmarks.synthesis_memory", "--stage", stage.name, "--home", str(home)]
            done = subprocess.run(
                [*argv, "--window", str(window)], cwd=PROJECT_ROOT, capture_output=True, text=True, check=False
            )
            line = next((line for line in done.stdout.splitlines() if line.startswith("FIGURES ")), None)
            if line is None:
                raise SystemExit(f"{stage.name} at {images} images: {done.stdout[-2000:]}{done.stderr[-3000:]}")
            figures[stage.name] = json.loads(line.removeprefix("FIGURES "))
            print(images, stage.name, figures[stage.name], flush=True)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", default="1200,12000")
    parser.add_argument("--window", type=int, default=4096)
    parser.add_argument("--stage")
    parser.add_argument("--home", type=Path)
    given = parser.parse_args()
    if given.stage:
        run_stage(given.home, given.stage, given.window)
        return
    sizes = [int(n) for n in given.images.split(",")]
    results = {size: measure(size, given.window) for size in sizes}
    print(f"\n{os.cpu_count()} cores; DuckDB {duckdb.__version__}; windows of {given.window:,} rows\n")
    heads = [f"{what} at {size:,} images" for size in sizes for what in ("rows", "CPU-s", "peak MB")]
    print("| " + " | ".join(["stage", *heads, "exponent"]) + " |\n" + "|---" * (len(heads) + 2) + "|")
    for name in results[sizes[0]]:
        row = [name]
        for size in sizes:
            f = results[size][name]
            row += [f"{f['rows']:,}", f"{f['cpu']:.1f}", f"{f['peak']:,.0f}"]
        small, large = results[sizes[0]][name], results[sizes[-1]][name]
        ratio = math.log(max(large["rows"], 1) / max(small["rows"], 1))
        exponent = math.log(large["cpu"] / small["cpu"]) / ratio if ratio else 0.0
        print("| " + " | ".join([*row, f"{exponent:.2f}"]) + " |")


if __name__ == "__main__":
    main()
