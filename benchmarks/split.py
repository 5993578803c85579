"""Time and memory of the split by cluster and of its check, by the number of images.

    python -m benchmarks.split [--images 12000,120000]

Hashes are well spread, but for a tenth of the images, which are pages of one form, a bit or two apart; a fifth are
pages of documents of three. `grown` splits the same images again, eight of ten of them released. Each size is a process
of its own.

Peers: scikit-learn's GroupShuffleSplit and the like take the groups as given, so that there is nothing to compare with;
what counts is that ten times the images take ten times the time.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time

import numpy as np
import polars as pl

from wethink_assets.dataset.sides import sides
from wethink_assets.dataset.straddling import straddling

SHARE = 0.25
HELD = ("split", "cluster_id", "first_released")


def drawn(images: int) -> pl.DataFrame:
    rng = np.random.default_rng(0)
    hashes = rng.integers(0, 256, (images, 40), np.uint8)
    form = images // 10
    hashes[:form] = hashes[0]
    hashes[np.arange(form), rng.integers(0, 8, form)] ^= (1 << rng.integers(0, 8, form)).astype(np.uint8)
    digits = [row.tobytes().hex() for row in hashes]
    return pl.DataFrame(
        {
            "image_id": [f"{n:064x}" for n in range(images)],
            "phash": [text[:16] for text in digits],
            "phash256": [text[16:] for text in digits],
            "document": [f"d:{n // 3}" if n % 15 < 3 else None for n in range(images)],
            "batch_order": 1,
        }
    ).with_columns(
        split=pl.lit(None, pl.String), cluster_id=pl.lit(None, pl.String), first_released=pl.lit(None, pl.Int64)
    )


def measure(images: int) -> None:
    rows = drawn(images)
    spent = []
    began = time.process_time()
    found = sides(rows, heldout_share=SHARE)
    spent.append(time.process_time() - began)
    told = rows.with_columns(
        split=rows["image_id"].replace_strict(found.split),
        cluster_id=rows["image_id"].replace_strict(found.cluster),
        first_released=pl.lit(1, pl.Int64),
    )
    released = pl.int_range(images) % 10 < 8
    began = time.process_time()
    grown = sides(told.with_columns(pl.when(released).then(name) for name in HELD), heldout_share=SHARE)
    spent.append(time.process_time() - began)
    began = time.process_time()
    wrong = straddling(told)
    spent.append(time.process_time() - began)
    if wrong or grown.bridges or grown.split != found.split:
        raise SystemExit(f"{len(wrong)} straddle, {len(grown.bridges)} were dropped, or sides changed")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"| {images:,} | {' | '.join(f'{seconds:.2f}' for seconds in spent)} | {peak:.0f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", default="12000,120000")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        measure(given.one)
        return
    print("| images | split, CPU-s | grown, CPU-s | check, CPU-s | peak MB |\n|---|---|---|---|---|", flush=True)
    for images in given.images.split(","):
        subprocess.run([sys.executable, "-m", "benchmarks.split", "--one", images], check=True)


if __name__ == "__main__":
    main()
