"""CPU, wall and memory of each export format, and of the `datasets` library writing the same rows.

    python -m benchmarks.exports [--rows 3000,30000] [--formats hub,webdataset]

Rows are as the lake hands them on (windows of 1,000, some 2 KB of text), pictures 500 JPEG files of some 60 KB, each
read and written once a row as an export does. Each figure is a process of its own, start included.

Peer for `hub`: `Dataset.from_generator(…).to_parquet` with the same columns and row groups of 100 rows.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PICTURES = 500
PEER = "datasets"


def draw(folder: Path) -> None:
    import numpy as np
    from PIL import Image

    random = np.random.default_rng(7)
    for number in range(PICTURES):
        pixels = random.integers(0, 256, (60, 80, 3), dtype=np.uint8)
        Image.fromarray(pixels).resize((640, 480)).save(folder / f"{number}.jpg", quality=92)


def windows(rows: int, size: int = 1000) -> Iterator[list[dict[str, Any]]]:
    words = [hashlib.sha256(str(n).encode()).hexdigest()[: 3 + n % 9] for n in range(4000)]
    for start in range(0, rows, size):
        window = []
        for n in range(start, min(start + size, rows)):
            text = " ".join(words[(n * 31 + k * 7) % 4000] for k in range(200))
            window.append(
                {
                    "split": "heldout" if n % 50 == 0 else "train",
                    "position": n,
                    "sample_id": hashlib.sha256(str(n).encode()).hexdigest(),
                    "image_id": str(n % PICTURES),
                    "image_path": f"coco/train2017/{n % PICTURES:012}.jpg",
                    "source": "coco",
                    "batch": "batch1",
                    "licence": "CC BY 4.0",
                    "problem": text[:200],
                    "answer": str(n),
                    "answer_typed": json.dumps({"type": "number", "text": str(n)}),
                    "answer_type": "number",
                    "category": "FIB",
                    "abilities": ["math", "ocr"],
                    "refined_cot": text,
                    "reward": "rule",
                }
            )
        yield window


def write(name: str, rows: int, pictures: Path, target: Path) -> None:
    """What a measured process does."""
    if name == PEER:
        from datasets import Dataset, Features, Image, List, Value

        from wethink_assets.exports.parquet_formats import HUB, hub_row

        features = Features(
            {
                column: Image()
                if column == "image"
                else List(Value("string"))
                if column == "abilities"
                else Value("string")
                for column in HUB
            }
        )

        def made() -> Iterator[dict[str, Any]]:
            for window in windows(rows):
                for row in window:
                    yield hub_row(row, (pictures / f"{row['image_id']}.jpg").read_bytes())

        data = Dataset.from_generator(made, features=features, cache_dir=str(target.parent / "cache"))
        data.to_parquet(str(target), batch_size=100)
        return
    from wethink_assets.exports.about import About
    from wethink_assets.exports.formats import FORMATS
    from wethink_assets.exports.job import export

    export(FORMATS[name], windows(rows), target, lambda image_id: pictures / f"{image_id}.jpg", about=About("r"))


def measured(name: str, rows: int, pictures: Path, folder: Path) -> str:
    target = folder / "out"
    argv = [
        sys.executable,
        "-m",
        "benchmarks.exports",
        "--write",
        name,
        "--rows",
        str(rows),
        str(pictures),
        str(target),
    ]
    began = time.perf_counter()
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall, cpu = time.perf_counter() - began, usage.ru_utime + usage.ru_stime
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(errors[-2000:])
    written = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    shutil.rmtree(folder / "cache", ignore_errors=True)
    shutil.rmtree(target) if target.is_dir() else target.unlink()
    return (
        f"| {name} | {rows:,} | {cpu:.1f} | {1e3 * cpu / rows:.2f} | {wall:.1f} | {usage.ru_maxrss / 2**10:,.0f} "
        f"| {written / 2**20:,.0f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", default="3000,30000")
    parser.add_argument("--formats", default=f"{PEER},hub,easyr1,verl,trl,llama-factory,webdataset")
    parser.add_argument("--write")
    parser.add_argument("paths", nargs="*", type=Path)
    arguments = parser.parse_args()
    if arguments.write:
        write(arguments.write, int(arguments.rows), *arguments.paths)
        return
    print("| format | rows | CPU-s | CPU-ms a row | wall s | peak MiB | MiB written |\n|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as root:
        pictures, folder = Path(root) / "pictures", Path(root) / "written"
        pictures.mkdir()
        folder.mkdir()
        draw(pictures)
        for rows in map(int, arguments.rows.split(",")):
            for name in arguments.formats.split(","):
                print(measured(name, rows, pictures, folder), flush=True)


if __name__ == "__main__":
    main()
