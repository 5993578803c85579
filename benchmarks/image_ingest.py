"""Image ingest: decode, both perceptual hashes, thumbnail; beside Pillow and imagehash used as they come.

Run `python -m benchmarks.image_ingest [--images 24] [--pool 400]`. JPEGs of 640x480 and 1600x1200 with noise, so that
they compress like photographs. Both sides give the same hashes, which is checked. `--pool`: images through the worker
processes, with images per second and the memory of a worker.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as in the workers; read when numpy is imported

import argparse
import io
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import imagehash
import numpy as np
from PIL import Image

from wethink_assets.decoding.decode import decode, thumbnail
from wethink_assets.decoding.hashing import perceptual_hashes
from wethink_assets.decoding.inspect import inspect_files
from wethink_assets.decoding.process import Decoder, Request

SIDE = 256
ROUNDS = 11


def photograph(rng: np.random.Generator, width: int, height: int) -> bytes:
    coarse = Image.fromarray(rng.integers(0, 256, (height // 16, width // 16, 3), dtype=np.uint8))
    smooth = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC)).astype(np.int16)
    noisy = np.clip(smooth + rng.integers(-12, 12, smooth.shape), 0, 255).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(noisy).save(out, "JPEG", quality=85)
    return out.getvalue()


def plain(data: bytes) -> tuple[str, str]:
    image = Image.open(io.BytesIO(data)).convert("RGB")
    hashes = str(imagehash.phash(image)), str(imagehash.phash(image, hash_size=16))
    small = image.copy()
    small.thumbnail((SIDE, SIDE))
    small.save(io.BytesIO(), "JPEG", quality=70)
    return hashes


def ours(data: bytes) -> tuple[str, str]:
    decoded = decode(data)
    hashes = perceptual_hashes(decoded.image)
    thumbnail(decoded.image, SIDE)
    return hashes


def cpu(actions: list[Callable[[bytes], object]], files: list[bytes]) -> tuple[list[list[float]], list[list[object]]]:
    """CPU-ms per file of each action, in turn per round, since a machine's speed varies; and each action's results."""
    rounds: list[list[float]] = [[] for _ in actions]
    results: list[list[object]] = [[] for _ in actions]
    for _ in range(ROUNDS):
        for number, action in enumerate(actions):
            start = time.process_time()
            results[number] = [action(data) for data in files]
            rounds[number].append((time.process_time() - start) * 1000 / len(files))
    return rounds, results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=24)
    parser.add_argument("--pool", type=int, default=400)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    for size in ((640, 480), (1600, 1200)):
        files = [photograph(rng, *size) for _ in range(options.images)]
        (theirs, mine), (expected, hashes) = cpu([plain, ours], files)
        if hashes != expected:
            raise SystemExit("the hashes differ")
        ratios = sorted(m / t for m, t in zip(mine, theirs, strict=True))
        print(
            f"{size[0]}x{size[1]}: Pillow and imagehash {median(theirs):.2f} CPU-ms per image "
            f"(least {min(theirs):.2f}), ours "
            f"{median(mine):.2f} ({min(mine):.2f}), ratio {min(mine) / min(theirs):.2f}, "
            f"of each round {ratios[0]:.2f} to {ratios[-1]:.2f}, median {median(ratios):.2f}"
        )
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number in range(20):
            paths.append(Path(folder) / f"{number}.jpg")
            paths[-1].write_bytes(photograph(rng, 640, 480))
        requests = [Request(str(n), paths[n % len(paths)]) for n in range(options.pool)]
        start = time.perf_counter()
        inspected = list(inspect_files(requests))
        seconds = time.perf_counter() - start
        if not all(f.ok for f in inspected):
            raise SystemExit(f"not decoded: {next(f for f in inspected if not f.ok)}")
        decoder = Decoder()
        for request in requests[:50]:
            decoder.inspect(request)
        status = Path(f"/proc/{decoder.pid}/status").read_text()
        decoder.close()
        peak = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
        print(
            f"worker processes: {len(requests) / seconds:.0f} images/s of 640x480, start included; "
            f"{int(peak) >> 10} MiB per worker"
        )


if __name__ == "__main__":
    main()
