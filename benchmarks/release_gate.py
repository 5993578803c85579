"""Decontamination of a release: time and memory of its gate by the number of rows, all sets known.

    python -m benchmarks.release_gate [--images 5500,55000]

Rows are those of a generated lake (tests/lake_at_size.py; 55,000 images make 120,000 rows), with hashes that are well
spread and questions of the kind that benchmarks/question_gate.py draws, held against 12,000 images and 15,042 items.
One row in 200 repeats an item. Each size is a process of its own.

Peers: none of the public pipelines holds a finished data set against its evaluation sets again. The exponent is what
counts: 1 is linear time.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.question_gate import texts
from resources.lake.store import LakeStore
from tests.lake_at_size import fill
from wethink_assets.dataset.contamination import collisions
from wethink_assets.gates import Scope
from wethink_assets.settings import PROJECT_ROOT, Settings

RELEASE = "release-1"


def made(home: Path, images: int) -> tuple[LakeStore, int]:
    """A lake whose rows ask drawn questions, and how many of them repeat an item."""
    store = LakeStore(f"sqlite:{home}/lake/catalog.sqlite", f"{home}/lake/data")
    fill(store, images)
    rng = np.random.default_rng(images)
    ids = store.sql(f"SELECT sample_id FROM release_rows WHERE release_id = '{RELEASE}' ORDER BY 1")["sample_id"]
    items = texts(rng, 15_042)
    long = [text for text in items if len(text.split()) >= 13]
    own = texts(rng, len(ids))
    repeated = range(0, len(ids), 200)
    for place in repeated:
        own[place] = long[place % len(long)]
    with store.connection() as con:
        con.register("own", pl.DataFrame({"sample_id": ids, "problem": own}).to_arrow())
        con.register("items", pl.DataFrame({"n": range(len(items)), "question": items}).to_arrow())
        con.execute("UPDATE samples SET problem = own.problem FROM own WHERE samples.sample_id = own.sample_id")
        con.execute(
            "UPDATE release_rows SET problem = own.problem FROM own WHERE release_rows.sample_id = own.sample_id"
        )
        con.execute(
            "UPDATE contamination_questions SET question = items.question FROM items "
            "WHERE items.n = position * 14 + substr(benchmark, 4)::INTEGER"
        )
    return store, len(repeated)


def run(images: int) -> None:
    with tempfile.TemporaryDirectory(prefix="wethink-gate-") as folder:
        home = Path(folder)
        store, repeated = made(home, images)
        scope = Scope(store, Settings(home=home), "release", "")
        rows = store.sql(f"SELECT count(*) AS n FROM release_rows WHERE release_id = '{RELEASE}'")["n"][0]
        Path("/proc/self/clear_refs").write_text("5")  # the highest memory from here on
        began, cpu = time.perf_counter(), time.process_time()
        found = collisions(scope, RELEASE)
        wall, cpu = time.perf_counter() - began, time.process_time() - cpu
        store.close()
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    figures = {
        "rows": rows,
        "wall": wall,
        "cpu": cpu,
        "peak_mb": int(status["VmHWM"].split()[0]) // 1024,
        "found": len(found),
        "repeated": repeated,
    }
    print("FIGURES " + json.dumps(figures))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", default="5500,55000")
    parser.add_argument("--one", type=int)
    options = parser.parse_args()
    if options.one:
        run(options.one)
        return
    before: dict[str, float] = {}
    for images in options.images.split(","):
        command = [sys.executable, "-m", "benchmarks.release_gate", "--one", images]
        done = subprocess.run(command, cwd=PROJECT_ROOT, stdout=subprocess.PIPE, text=True, check=True)
        figures = json.loads(next(line for line in done.stdout.splitlines() if line.startswith("FIGURES"))[8:])
        exponent = ""
        if before:
            grown = figures["rows"] / before["rows"]
            exponent = f", exponent {math.log(figures['cpu'] / before['cpu'], grown):.2f}"
        print(
            f"{figures['rows']:,} rows: {figures['cpu']:.1f} s CPU, {figures['wall']:.1f} s wall, "
            f"peak {figures['peak_mb']} MB, {figures['found']} found, {figures['repeated']} planted{exponent}"
        )
        before = figures


if __name__ == "__main__":
    main()
