"""What is large in one place: a folder of very many files, tiny images, questions of one image, names of 4,000 bytes.

    python -m benchmarks.bad_inputs [--folder 500000] [--images 5000,20000] [--questions 1000,10000]
                                    [--names 1000,10000]

`folder`: one source is one folder of so many files (names of 16 tiny pictures); a batch takes 2,000 of them, and the
growth sensor's look counts the others. `images`: a batch takes so many distinct pictures of 32x32 pixels, and the pool
decodes and compares them. `questions`: TextVQA's file asks so many questions of one image; the batch takes it, and
the pool holds all its questions against the evaluation sets. `names`: an archive holds so many files with names of
4,000 bytes, each of which has its reason.

Each is a process of its own with the real assets. Printed: rows, CPU time and the highest memory of its tree (what it
needs beyond an empty one is what may grow), lines of progress in the run's log, and the longest silence between any
two of its lines.
"""

from __future__ import annotations

import argparse
import io
import itertools
import json
import os
import random
import resource
import sys
import tarfile
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks.parts.process_tree import machine, watch
from wethink_assets.settings import PROJECT_ROOT, Settings

BATCH, TAKEN = "all", 2_000


def picture(seed: int) -> bytes:
    from PIL import Image

    held = io.BytesIO()
    Image.frombytes("L", (32, 32), random.Random(seed).randbytes(1024)).save(held, "PNG", compress_level=1)
    return held.getvalue()


def draw(case: str, size: int, root: Path) -> None:
    """The input of a case below the sources root."""
    if case == "folder":
        folder = root / "coco" / "train2017"
        folder.mkdir(parents=True)
        first = [folder / f"{n:012d}.png" for n in range(16)]
        for seed, path in enumerate(first):
            path.write_bytes(picture(seed))
        for n in range(16, size):
            os.link(first[n % 16], folder / f"{n:012d}.png")
    elif case == "images":
        folder = root / "coco" / "train2017"
        folder.mkdir(parents=True)
        for n in range(size):
            (folder / f"{n:012d}.png").write_bytes(picture(n))
    elif case == "names":
        (root / "coco").mkdir(parents=True)
        with tarfile.open(root / "coco" / "all.tar", "w") as archive:
            for n in range(size):
                member = tarfile.TarInfo(f"train2017/{n:06d}{'n' * 3_980}.png")
                member.size = 1
                archive.addfile(member, io.BytesIO(b"x"))
    else:
        folder = root / "textvqa" / "train_images"
        folder.mkdir(parents=True)
        (folder / "a.png").write_bytes(picture(0))
        rows = [{"image_id": "a", "question": f"What is number {n} here?", "answers": [str(n)]} for n in range(size)]
        (root / "textvqa" / "TextVQA_0.5.1_train.json").write_text(json.dumps({"data": rows}), "utf-8")


def told(log: str) -> tuple[int, float]:
    """Lines of progress in a run's log, and the longest silence between any two of its lines in seconds."""
    times = [datetime.fromisoformat(line[:19]) for line in log.splitlines() if " - dagster - " in line]
    silence = max(((b - a).total_seconds() for a, b in itertools.pairwise(times)), default=0.0)
    return sum(" s left" in line for line in log.splitlines()), silence


def take(case: str, home: Path) -> dict[str, Any]:
    """The case in this process."""
    import dagster as dg

    from resources.lake.resource import Lake
    from resources.settings import SettingsResource
    from wethink_assets.images.assets import pool_asset
    from wethink_assets.picture_files import PictureFiles
    from wethink_assets.sources.assets import source_asset
    from wethink_assets.sources.catalog import SOURCES
    from wethink_assets.sources.new_files import new_files

    key = "textvqa" if case == "questions" else "coco"
    source = next(source for source in SOURCES if source.key == key)
    paused = tuple(other.key for other in SOURCES if other is not source)
    settings = Settings(
        home=home,
        sources_root=home / "sources",
        benchmarks_root=home / "sets",
        truth_root=home / "no-truth",
        sources={"quota": TAKEN if case == "folder" else None, "paused": paused},
    )
    lake, given = Lake.at(settings.lake_catalog, settings.lake_data_path), SettingsResource.of(settings)
    values = {"lake": lake, "settings": given, "images": PictureFiles(lake=lake, settings=given)}
    instance = dg.DagsterInstance.ephemeral()
    instance.add_dynamic_partitions("growth_batch", [BATCH])
    rows = {}
    for asset in (source_asset(source), pool_asset([source])):
        result = dg.materialize([asset], partition_key=BATCH, instance=instance, raise_on_error=False, resources=values)
        made = result.get_asset_materialization_events()
        if not made:
            raise SystemExit(f"nothing was committed: {[e.message for e in result.all_events if e.is_failure]}")
        metadata = made[0].materialization.metadata
        rows["/".join(asset.key.path)] = [metadata[name].value for name in ("rows_in", "rows_continued")]
    if case == "folder":
        rows["sensor"] = [sum(new_files(lake, settings).untaken.values()), 0]
    return {"rows": rows}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", default="500000")
    parser.add_argument("--images", default="5000,20000")
    parser.add_argument("--questions", default="1000,10000")
    parser.add_argument("--names", default="1000,10000")
    parser.add_argument("--cases", default="folder,images,questions,names")
    parser.add_argument("--take", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.take:
        print("FIGURES " + json.dumps(take(given.take[0], Path(given.take[1]))))
        return
    print(f"{machine()}\n\n| case | size | rows in, continued | CPU-s | peak MB | progress lines | longest silence s |")
    print("|---|---|---|---|---|---|---|")
    for case in given.cases.split(","):
        for size in map(int, getattr(given, case).split(",")):
            with tempfile.TemporaryDirectory() as home:
                draw(case, size, Path(home) / "sources")
                before = resource.getrusage(resource.RUSAGE_CHILDREN)
                seen = watch([sys.executable, "-m", "benchmarks.bad_inputs", "--take", case, home], PROJECT_ROOT)
                after = resource.getrusage(resource.RUSAGE_CHILDREN)
                cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
                line = next((line for line in seen.out.splitlines() if line.startswith("FIGURES ")), None)
                if line is None:
                    raise SystemExit(f"{case} {size}: {seen.out[-1000:]}{seen.errors[-3000:]}")
                figures = json.loads(line.removeprefix("FIGURES "))
            progress, silence = told(seen.errors)
            rows = "; ".join(f"{name} {a:,}, {b:,}" for name, (a, b) in figures["rows"].items())
            print(
                f"| {case} | {size:,} | {rows} | {cpu:.1f} | {seen.peak_mb:,.0f} | {progress} | {silence:.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
