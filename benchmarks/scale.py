"""The whole data path by the number of images: rows, CPU, wall and memory of each stage, and the exponent of growth.

    python -m benchmarks.scale [--images 360,1200] [--packs FOLDER] [--stages NAME,…]

Draws a sample pack of each size (18 sources, with what a pack plants) and takes it as one growth batch through the
sources, the evaluation sets, the image pool, synthesis with routing and samples, the release with all its files, the
export of calls, the file of training rows, and the scoring of all sets. Each stage is a process of its own. Memory is
that of its whole process tree (proportional set size, which counts a shared page once), sampled five times a second,
and at least the highest resident memory of the stage's own process; CPU is of the tree, too.

The sample teacher answers within the stage's process, from the scenes that the pack was drawn from: no HTTP and no
ledger, whose cost is that of `model_calls.py` and `call_ledger.py`. So its own CPU is in the figures of synthesis, and
gates that look for calls in the ledger fail. Calls that are exported are generated rows, 20 an image. A policy is
played by the sets' own answers, every third of them replaced; no judge is asked.

Peers: none of the public pipelines goes this way in one graph. 1 is linear time; beyond 1.1 a stage does not scale.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import os
import platform
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from wethink_assets.settings import PROJECT_ROOT, Settings
from wethink_assets.synthesis.registry import stages

BATCH = "all"
FIRST = ("sources", "benchmark_items", "image_pool")
LAST = ("release", "calls_export", "training_rows", "scoring")
CALLS_OF_AN_IMAGE = 20


def names() -> list[str]:
    return [*FIRST, *(stage.name for stage in stages()), *LAST]


def settings_of(home: Path, pack: Path) -> Settings:
    return Settings(
        home=home,
        sources_root=pack / "sources",
        benchmarks_root=pack / "benchmarks",
        truth_root=pack / "truth",
        sources={"quota": None},
        synthesis={"max_failed_share": 1.0},
        release={"target": 10_000_000},
        evaluation={"rules_only": True},
    )


class TeacherInProcess:
    """Model calls of an asset, answered by the sample teacher without a server; transport faults are left out."""

    def __init__(self, truth: Path, faults: Any = None) -> None:
        from wethink_assets.demo.teacher.faults import Faults, Rates
        from wethink_assets.demo.teacher.replies import Teacher
        from wethink_assets.demo.teacher.scenes import SceneIndex

        self.index = SceneIndex(truth)
        self.teacher = Teacher(faults or Faults(Rates(), 0, None))

    def for_asset(self, context: Any, **_: Any) -> Callable[[list[Any]], list[Any]]:
        return lambda requests: [self.reply(request) for request in requests]

    def reply(self, request: Any) -> Any:
        from resources.calls.messages import ModelReply, call_id
        from wethink_assets.demo.teacher.replies import TeacherRequest

        images = request.image_ids
        scene = self.index.load(images[-1][:12]) if images else self.index.by_text(request.text)
        asked = TeacherRequest(request.role, request.text, request.schema_name or "", request.schema or {}, scene)
        identity = call_id(request, "teacher")
        try:
            content = self.teacher.reply(asked)
        except LookupError as error:
            return ModelReply(identity, False, "", None, None, "refusal", str(error), "teacher", False, 0.0, 1, 1)
        return ModelReply(identity, True, json.dumps(content), content, None, None, "", "teacher", False, 0.0, 1, 1)


def materialise(settings: Settings, name: str, faults: Any = None) -> dict[str, Any]:
    """An asset of the graph, as a Dagster run does it."""
    import dagster as dg

    from resources.lake.resource import Lake
    from resources.settings import SettingsResource
    from wethink_assets.benchmark_sets.assets import benchmark_set_assets
    from wethink_assets.dataset.assets import release_asset
    from wethink_assets.images.assets import pool_asset
    from wethink_assets.picture_files import PictureFiles
    from wethink_assets.sources.assets import source_assets
    from wethink_assets.synthesis.assets import stage_asset

    assets: dict[str, Callable[[], list[Any]]] = {
        "sources": source_assets,
        "benchmark_items": benchmark_set_assets,
        "image_pool": lambda: [pool_asset()],
        "release": lambda: [release_asset()],
        **{stage.name: lambda stage=stage: [stage_asset(stage)] for stage in stages()},
    }
    lake, given = Lake.of(settings), SettingsResource.of(settings)
    values: dict[str, Any] = {"lake": lake, "settings": given, "images": PictureFiles(lake=lake, settings=given)}
    if any(stage.name == name for stage in stages()):
        assert settings.truth_dir is not None
        values["calls"] = dg.ResourceDefinition.hardcoded_resource(TeacherInProcess(settings.truth_dir, faults))
    instance = dg.DagsterInstance.ephemeral()
    instance.add_dynamic_partitions("growth_batch", [BATCH])
    result = dg.materialize(
        assets[name](),
        partition_key=None if name in ("benchmark_items", "release") else BATCH,
        instance=instance,
        raise_on_error=False,
        resources=values,
    )
    told = [m.materialization.metadata for m in result.get_asset_materialization_events()]
    if not told:
        raise SystemExit(f"{name} committed nothing: {[e.message for e in result.all_events if e.is_failure]}")
    failed = [f"{c.check_name}: {c.description}"[:200] for c in result.get_asset_check_evaluations() if not c.passed]
    return {"rows": sum(int(metadata["rows_in"].value) for metadata in told), "failed": failed}


def export_calls(settings: Settings) -> dict[str, Any]:
    """`wethink calls export` of generated calls."""
    from resources.calls.bundle import export_calls
    from resources.lake.resource import Lake

    return {"rows": export_calls(Lake.of(settings).store, settings.home / "calls.parquet")}


def training_rows_of(settings: Settings) -> dict[str, Any]:
    """The file of training rows, written and mapped, as a training run does it."""
    from resources.lake.resource import Lake
    from resources.scratch import scratch_folder
    from resources.settings import SettingsResource
    from wethink_assets.picture_files import PictureFiles
    from wethink_assets.training.row_file import RowFile, read_windows
    from wethink_assets.training.rows import training_rows

    lake = Lake.of(settings)
    images = PictureFiles(lake=lake, settings=SettingsResource.of(settings))
    release = lake.rows("dataset/select_latest_release")[0]["release_id"]
    path = settings.home / "train.arrow"
    with scratch_folder(settings.scratch_dir, "training") as folder, RowFile(path) as file:
        size = settings.synthesis.window_rows
        for window in lake.windows("dataset/select_training_rows", folder, size=size, release_id=release):
            images.prefetch({row["image_id"] for row in window})
            file.append(training_rows(window, images.picture)[0])
    return {"rows": sum(len(window) for window in read_windows(path))}


def score(settings: Settings) -> dict[str, Any]:
    """Verdicts and numbers of all sets for two policies that answer alike."""
    from resources.lake.resource import Lake
    from wethink_assets.benchmark_sets.registry import HELDOUT_SET
    from wethink_assets.evaluation.assets import items_by_set
    from wethink_assets.evaluation.families.registry import scored_sets
    from wethink_assets.evaluation.set_scores import score_set, verdicts_by_set

    lake, sets = Lake.of(settings), (*scored_sets(settings.evaluation), HELDOUT_SET)
    items = items_by_set(lake, sets)
    policies = {"base-1": "base", "rl-1": "rl"}
    answered = [
        {
            "policy_id": policy,
            "benchmark": item.benchmark,
            "item": item.item,
            "reply": "I cannot tell." if n % 3 == 0 else f"<think>So.</think><answer>{item.answer}</answer>",
        }
        for policy in policies
        for some in items.values()
        for n, item in enumerate(some)
    ]
    answers = verdicts_by_set(items, answered, sets, None)
    for benchmark in sets:
        score_set(
            benchmark,
            answers[benchmark.name],
            policies,
            n_set=len(items.get(benchmark.name, ())),
            resamples=settings.evaluation.resamples,
            seed=0,
            rules_only=True,
        )
    return {"rows": len(answered)}


def run_stage(home: Path, pack: Path, name: str) -> None:
    """One stage in this process; its figures on the last line."""
    logging.disable(logging.INFO)
    settings = settings_of(home, pack)
    others = {"calls_export": export_calls, "training_rows": training_rows_of, "scoring": score}
    began = time.perf_counter()
    figures = others[name](settings) if name in others else materialise(settings, name)
    wall = time.perf_counter() - began
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    status = Path("/proc/self/status").read_text("utf-8")
    peak = int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) / 1024
    cpu = sum(u.ru_utime + u.ru_stime for u in usage)
    print("FIGURES " + json.dumps({"failed": [], **figures, "wall": wall, "cpu": cpu, "peak": peak}))


def tree_mb(pid: int) -> float:
    """Memory of a process and all below it: a page that several hold counts once among them."""
    total = 0.0
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8")
        total += int(next(line.split()[1] for line in rollup.splitlines() if line.startswith("Pss:"))) / 1024
        for thread in Path(f"/proc/{pid}/task").iterdir():
            total += sum(tree_mb(int(child)) for child in (thread / "children").read_text("utf-8").split())
    except (OSError, StopIteration):  # it has just ended
        pass
    return total


def watched(argv: list[str]) -> tuple[str, str, float]:
    """Output and errors of a command, and the highest memory of its tree."""
    peak, done = 0.0, threading.Event()
    with (
        tempfile.TemporaryFile("w+") as errors,
        subprocess.Popen(argv, cwd=PROJECT_ROOT, stdout=subprocess.PIPE, stderr=errors, text=True) as process,
    ):

        def watch() -> None:
            nonlocal peak
            while not done.wait(0.2):
                peak = max(peak, tree_mb(process.pid))

        watcher = threading.Thread(target=watch)
        watcher.start()
        out, _ = process.communicate()
        done.set()
        watcher.join()
        errors.seek(0)
        return out, errors.read(), peak


def measure(images: int, packs: Path, chosen: list[str]) -> dict[str, dict[str, Any]]:
    """All stages over a pack of about this many images; figures by stage."""
    from resources.lake.store import LakeStore
    from wethink_assets.demo.pack.generate import generate

    pack = packs / f"pack-{images}"
    began = time.perf_counter()
    generate(pack, images_per_source=max(2, round(images / 18)), workers=os.cpu_count() or 1)
    print(f"{images:,} images: pack in {time.perf_counter() - began:.0f} s", flush=True)
    figures = {}
    with tempfile.TemporaryDirectory() as folder:
        settings = settings_of(Path(folder), pack)
        store = LakeStore(settings.lake_catalog, settings.lake_data_path)
        store.snapshot_id()  # the lake is made here, so that no stage pays for it
        store.close()
        for name in chosen:
            if name == "calls_export":
                generate_calls(settings, images * CALLS_OF_AN_IMAGE)
            argv = [sys.executable, "-m", "benchmarks.scale", "--stage", name, "--home", folder, "--packs", str(pack)]
            out, errors, tree = watched(argv)
            line = next((line for line in out.splitlines() if line.startswith("FIGURES ")), None)
            if line is None:
                raise SystemExit(f"{name} at {images} images: {out[-2000:]}{errors[-3000:]}")
            figures[name] = json.loads(line.removeprefix("FIGURES "))
            figures[name]["peak"] = max(figures[name]["peak"], tree)
            print(f"{images:,}", name, json.dumps(figures[name]), flush=True)
    return figures


def generate_calls(settings: Settings, count: int) -> None:
    from resources.lake.store import LakeStore
    from tests.lake_at_size import fill_calls

    store = LakeStore(settings.lake_catalog, settings.lake_data_path)
    fill_calls(store, count, text=200)
    store.close()


def processor() -> str:
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", default="360,1200")
    parser.add_argument("--packs", type=Path)
    parser.add_argument("--stages", help="only these; what they read must be made by them")
    parser.add_argument("--stage", help=argparse.SUPPRESS)
    parser.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.stage:
        run_stage(given.home, given.packs, given.stage)
        return
    chosen = given.stages.split(",") if given.stages else names()
    sizes = [int(n) for n in given.images.split(",")]
    with tempfile.TemporaryDirectory() as folder:
        results = {size: measure(size, given.packs or Path(folder), chosen) for size in sizes}
    print(f"\n{os.cpu_count()} cores of {processor()}, load {os.getloadavg()[2]:.1f}\n")
    heads = [f"{what} at {size:,} images" for size in sizes for what in ("rows", "CPU-s", "wall s", "peak MB")]
    print("| " + " | ".join(["stage", *heads, "exponent"]) + " |\n" + "|---" * (len(heads) + 2) + "|")
    for name in chosen:
        row = [name]
        for size in sizes:
            f = results[size][name]
            row += [f"{f['rows']:,}", f"{f['cpu']:.1f}", f"{f['wall']:.1f}", f"{f['peak']:,.0f}"]
        small, large = results[sizes[0]][name], results[sizes[-1]][name]
        ratio = math.log(max(large["rows"], 1) / max(small["rows"], 1))
        exponent = f"{math.log(large['cpu'] / small['cpu']) / ratio:.2f}" if ratio > 0.5 else "–"
        print("| " + " | ".join([*row, exponent]) + " |")


if __name__ == "__main__":
    main()
