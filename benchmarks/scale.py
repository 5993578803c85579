"""The whole data path by the number of images: rows, CPU, wall and memory of each stage, and the exponent of growth.

    python -m benchmarks.scale [--images 360,1200] [--keep FOLDER] [--stages NAME,…] [--ledger]

Draws a sample pack of each size (18 sources, with what a pack plants) and takes it as one growth batch through the
sources, the evaluation sets, the image pool, synthesis with routing and samples, the release with all its files, each
export format, the export of calls, the file of training rows, the training set (every image opened in drawn order),
and the scoring of all sets. Each stage is a process of its own. Memory is that of its whole process tree
(proportional set size, which counts a shared page once), sampled five times a second, and at least the highest resident
memory of the stage's own process; CPU is of the tree, too. With `--keep` packs, lakes and figures stay, and the same
command goes on where it was cut off.

The sample teacher answers within the stage's process, from the scenes that the pack was drawn from: no HTTP and no
ledger, whose cost is that of `model_calls.py` and `call_ledger.py`. So its own CPU is in the figures of synthesis,
gates that look for calls in the ledger fail, and the calls that are exported are generated rows, 20 an image. With
`--ledger` every stage asks the sample teacher's server as in production, and those calls are exported; the server
counts neither for memory nor for CPU. A policy is played by the sets' own answers, every third of them replaced; no
judge is asked.

Peers: none of the public pipelines goes this way in one graph. 1 is linear time; beyond 1.1 a stage does not scale.
"""

from __future__ import annotations

import argparse
import itertools
import json
import logging
import math
import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.parts.path_stages import NAMES, prepare, run, settings_of
from benchmarks.parts.process_tree import machine, watch
from wethink_assets.settings import PROJECT_ROOT

TEACHER = "wethink_assets.demo.teacher"
Figures = dict[str, dict[str, Any]]


def run_stage(home: Path, pack: Path, name: str, *, ledger: bool) -> None:
    """One stage in this process; its figures on the last line."""
    logging.disable(logging.INFO)
    began = time.perf_counter()
    figures = run(settings_of(home, pack), name, ledger=ledger)
    wall = time.perf_counter() - began
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    status = Path("/proc/self/status").read_text("utf-8")
    peak = int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) / 1024
    cpu = sum(u.ru_utime + u.ru_stime for u in usage)
    print("FIGURES " + json.dumps({"failed": [], **figures, "wall": wall, "cpu": cpu, "peak": peak}))


def measure(images: int, folder: Path, chosen: list[str], *, ledger: bool) -> Figures:
    """The chosen stages over a pack of about this many images; figures by stage, those of `folder` taken over."""
    from wethink_assets.demo.pack.generate import generate

    pack, home, kept = (folder / f"{part}-{images}" for part in ("pack", "home", "figures"))
    figures: Figures = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
    if "pack" not in figures:
        began, cpu = time.perf_counter(), os.times()
        generate(pack, images_per_source=max(2, round(images / 18)), workers=os.cpu_count() or 1)
        spent = sum(os.times()[:4]) - sum(cpu[:4])
        figures["pack"] = {"rows": images, "cpu": spent, "wall": time.perf_counter() - began}
        print(f"{images:,} images: pack", json.dumps(figures["pack"]), flush=True)
        _keep(kept, figures)
    for name in chosen:
        if name in figures:
            continue
        if not ledger or name != "calls_export":
            prepare(settings_of(home, pack), name, images)
        argv = [sys.executable, "-m", "benchmarks.scale", "--stage", name, "--home", str(home), "--pack", str(pack)]
        seen = watch([*argv, *(["--ledger"] if ledger else [])], PROJECT_ROOT, aside=TEACHER)
        line = next((line for line in seen.out.splitlines() if line.startswith("FIGURES ")), None)
        if line is None:
            raise SystemExit(f"{name} at {images} images: {seen.out[-2000:]}{seen.errors[-3000:]}")
        of_stage = json.loads(line.removeprefix("FIGURES "))
        of_stage["peak"] = max(of_stage["peak"], seen.peak_mb)
        of_stage["cpu"] -= seen.aside_cpu_s
        figures[name] = of_stage
        print(f"{images:,}", name, json.dumps(of_stage), flush=True)
        _keep(kept, figures)
    return figures


def _keep(path: Path, figures: Figures) -> None:
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(figures), "utf-8")
    unfinished.replace(path)


def table(results: dict[int, Figures], chosen: list[str]) -> list[str]:
    """Markdown: a line a stage, with the exponent of its CPU time by its rows between each two sizes."""
    sizes = list(results)
    heads = [f"{what} at {size:,}" for size in sizes for what in ("rows", "CPU-s", "wall s", "peak MB")]
    heads += [f"exponent to {size:,}" for size in sizes[1:]]
    lines = ["| " + " | ".join(["stage", *heads]) + " |", "|---" * (len(heads) + 1) + "|"]
    for name in chosen:
        row = [name]
        for size in sizes:
            f = results[size][name]
            row += [f"{f['rows']:,}", f"{f['cpu']:.1f}", f"{f['wall']:.1f}", f"{f['peak']:,.0f}"]
        for one, other in itertools.pairwise(sizes):
            small, large = results[one][name], results[other][name]
            ratio = math.log(max(large["rows"], 1) / max(small["rows"], 1))
            row.append(f"{math.log(large['cpu'] / small['cpu']) / ratio:.2f}" if ratio > 0.5 else "–")
        lines.append("| " + " | ".join(row) + " |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", default="360,1200")
    parser.add_argument("--keep", type=Path, help="a folder for packs, lakes and figures, which stay there")
    parser.add_argument("--stages", help="only these; what they read must be made by them, or be there already")
    parser.add_argument("--ledger", action="store_true", help="ask the sample teacher's server, and keep its replies")
    parser.add_argument("--stage", help=argparse.SUPPRESS)
    parser.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--pack", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.stage:
        run_stage(given.home, given.pack, given.stage, ledger=given.ledger)
        return
    chosen = given.stages.split(",") if given.stages else list(NAMES)
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        results = {
            size: measure(size, folder, chosen, ledger=given.ledger) for size in map(int, given.images.split(","))
        }
    print(f"\n{machine()}\n", *table(results, chosen), sep="\n")


if __name__ == "__main__":
    main()
