"""Near-duplicate search beside comparing all with all, and beside faiss where it is installed.

Run `python -m benchmarks.near_duplicates [--counts 120000 1000000] [--crowd 50000]`. Each measurement is a process of
its own, so that CPU and peak memory (of the whole process, its images as text included) are its own. All peers find the
pairs within 4 of 64 bits; ours also compares 256 bits, and decides in order which image stays. The hashes are random,
with 2 % planted near-duplicates. `searched` is the search of the pool, at its wider radius, whose candidates are
confirmed by a nod; `confirmed` also decodes two pictures for each candidate (drawn ones, one of them saved again) and
looks at them.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from typing import Any

import numpy as np
import polars as pl

from wethink_assets.settings import PROJECT_ROOT

NEAR = 4


def hashes(count: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray, int]:
    """64-bit hashes, 256-bit hashes, and the number of planted near-duplicates, which come last."""
    rng = np.random.default_rng(seed)
    h, wide = rng.integers(0, 2**64, count, dtype=np.uint64), rng.integers(0, 2**64, (count, 4), dtype=np.uint64)
    planted = count // 50
    origin = rng.choice(count - planted, planted, replace=False)
    change = np.zeros(planted, np.uint64)
    for _ in range(NEAR):
        change |= np.uint64(1) << rng.integers(0, 64, planted).astype(np.uint64)
    h[-planted:], wide[-planted:] = h[origin] ^ change, wide[origin]
    return h, wide, planted


def frame(h: np.ndarray, wide: np.ndarray, name: str = "") -> pl.DataFrame:
    small, large = h.astype(">u8").tobytes().hex(), wide.astype(">u8").tobytes().hex()
    return pl.DataFrame(
        {
            "image_id": [f"{name}{i}" for i in range(len(h))],
            "phash": [small[i : i + 16] for i in range(0, len(small), 16)],
            "phash256": [large[i : i + 64] for i in range(0, len(large), 64)],
        }
    )


def ours(count: int):
    from wethink_assets.images.near_duplicates import near_duplicates

    h, wide, planted = hashes(count)
    images = frame(h, wide)
    return lambda: check(len(near_duplicates(images, images.head(0))), planted)


class Nod:
    """Confirms every candidate: what is left is the search."""

    def expect(self, image_ids):
        pass

    def judge(self, image_id, others):
        from wethink_assets.images.confirmation import Seen

        return Seen("copy", others[0])


class Look(Nod):
    """Decodes two pictures for each candidate and compares them, as the pool does for images that it has not seen."""

    def __init__(self):
        from wethink_assets.demo.pack.encode import encode
        from wethink_assets.demo.pack.render import draw, make_scene
        from wethink_assets.demo.pack.scene import KINDS

        drawn = [draw(make_scene(kind, number)) for kind in KINDS for number in range(4)]
        self._files = [(encode(image, False), encode(image, False, 60)) for image in drawn]
        self._looks = 0

    def judge(self, image_id, others):
        from wethink_assets.decoding.decode import decode, raster
        from wethink_assets.images.same_picture import PIXELS, difference
        from wethink_assets.images.signatures import Surroundings, are_strangers, signature

        one, other = (raster(decode(data).image, PIXELS) for data in self._files[self._looks % len(self._files)])
        self._looks += 1
        if are_strangers(Surroundings(signature(one)), signature(other)):
            raise SystemExit("strangers")
        if not difference(one, other).is_copy:
            raise SystemExit("no copy")
        return super().judge(image_id, others)


def searched(count: int, looks: Nod | None = None):
    from wethink_assets.images.near_duplicates import near_duplicates

    h, wide, planted = hashes(count)
    images = frame(h, wide)
    looks = looks or Nod()
    return lambda: check(len(near_duplicates(images, images.head(0), looks=looks)), planted)


def confirmed(count: int):
    return searched(count, Look())


def packing(count: int):
    """The rows of a pool to arrays of words, which a pool that is asked more than once pays once."""
    from wethink_assets.images.hash_arrays import hashes_of

    h, wide, _ = hashes(count)
    known = frame(h, wide)
    return lambda: len(hashes_of(known))


def small_batch(count: int):
    """1,000 new images, half of them near one of `count`, whose hashes are arrays before the clock starts.

    faiss's index is made before it is asked, too.
    """
    from wethink_assets.images.hash_arrays import hashes_of
    from wethink_assets.images.near_duplicates import near_duplicates

    h, wide, _ = hashes(count)
    known = hashes_of(frame(h, wide))
    rng = np.random.default_rng(2)
    new, other = h[:1000] ^ np.uint64(5), wide[:1000].copy()
    other[500:] = rng.integers(0, 2**64, (500, 4), dtype=np.uint64)
    batch = frame(new, other, "new")
    return lambda: check(len(near_duplicates(batch, known)), 500)


def crowd(count: int):
    """All in the same buckets, with 12 free bits: most are near-duplicates, 1.25 billion pairs at 50,000."""
    from wethink_assets.images.near_duplicates import near_duplicates

    h, wide, _ = hashes(count)
    images = frame(h & np.uint64(0x3F000000003F), np.zeros_like(wide))
    return lambda: len(near_duplicates(images, images.head(0)))


def strangers(count: int):
    """The worst crowd: the same buckets, nothing alike, so that each image is compared with all before it."""
    from wethink_assets.images.near_duplicates import near_duplicates

    h, wide, _ = hashes(count)
    images = frame(h & np.uint64(0xFFFFFF), np.random.default_rng(3).integers(0, 2**64, wide.shape, dtype=np.uint64))
    return lambda: len(near_duplicates(images, images.head(0)))


def brute_force(count: int):
    h, _, planted = hashes(count)

    def run() -> int:
        pairs = 0
        for i in range(1, len(h)):
            pairs += int(np.count_nonzero(np.bitwise_count(h[:i] ^ h[i]) <= NEAR))
        return check(pairs, planted)

    return run


def faiss(count: int):
    import faiss

    faiss.omp_set_num_threads(1)
    h, _, planted = hashes(count)
    data = h.view(np.uint8).reshape(-1, 8)

    def run() -> int:
        # Hash maps of 5 x 12 bits: 4 different bits leave one of five pieces equal, so this search is exact too.
        index = faiss.IndexBinaryMultiHash(64, 5, 12)
        index.nflip = 0
        index.add(data)
        limits, _, _ = index.range_search(data, NEAR + 1)
        return check((int(limits[-1]) - len(h)) // 2, planted)

    return run


def faiss_small_batch(count: int):
    import faiss

    faiss.omp_set_num_threads(1)
    h, _, _ = hashes(count)
    index = faiss.IndexBinaryMultiHash(64, 5, 12)
    index.nflip = 0
    index.add(h.view(np.uint8).reshape(-1, 8))
    new = (h[:1000] ^ np.uint64(5)).view(np.uint8).reshape(-1, 8)
    return lambda: check(int(index.range_search(new, NEAR + 1)[0][-1]), 1000)


def check(pairs: int, planted: int) -> int:
    if pairs < planted:
        raise SystemExit(f"{pairs} found, {planted} planted")
    return pairs


KINDS = {
    f.__name__: f
    for f in (ours, searched, confirmed, packing, small_batch, crowd, strangers, brute_force, faiss, faiss_small_batch)
}


def one(kind: str, count: int) -> None:
    if kind in ("ours", "searched", "confirmed", "packing", "small_batch", "crowd", "strangers"):
        KINDS["ours"](6000)()  # imports and DuckDB's first start, which a long-lived process pays once
    run = KINDS[kind](count)
    cpu, wall = time.process_time(), time.perf_counter()
    pairs = run()
    print(
        json.dumps(
            {
                "cpu": time.process_time() - cpu,
                "wall": time.perf_counter() - wall,
                "found": pairs,
                "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
            }
        )
    )


def measure(kind: str, count: int) -> dict[str, Any] | None:
    command = [sys.executable, "-m", "benchmarks.near_duplicates", "--one", kind, str(count)]
    out = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True)
    if out.returncode:
        print(f"{kind:17} {count:>9,}: not run ({out.stderr.strip().splitlines()[-1][:90]})", flush=True)
        return None
    result = json.loads(out.stdout)
    print(
        f"{kind:17} {count:>9,}: {result['cpu']:8.3f} CPU-s {result['wall']:8.3f} s, peak {result['peak']:>5} MiB, "
        f"{result['found']:,} found",
        flush=True,
    )
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counts", type=int, nargs="+", default=[120_000, 1_000_000])
    parser.add_argument("--crowd", type=int, default=50_000)
    parser.add_argument("--peers-up-to", type=int, default=120_000, help="comparing all with all takes the square")
    parser.add_argument("--looks-up-to", type=int, default=120_000, help="2 %% of so many images are looked at")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        one(options.one[0], int(options.one[1]))
        return
    first: tuple[int, float] | None = None
    for count in options.counts:
        mine = measure("ours", count)
        if mine is None:
            raise SystemExit(f"the search itself does not run on {count} images")
        if first:
            print(f"   {count / first[0]:.0f} times the images take {mine['cpu'] / first[1]:.1f} times the CPU")
        first = first or (count, mine["cpu"])
        for step in ("searched", "confirmed") if count <= options.looks_up_to else ("searched",):
            if done := measure(step, count):
                print(f"   {step} / ours: CPU {done['cpu'] / mine['cpu']:.1f}")
        for peer in ("brute_force", "faiss") if count <= options.peers_up_to else ():
            if other := measure(peer, count):
                print(f"   ours / {peer}: CPU {mine['cpu'] / other['cpu']:.3f}")
        measure("packing", count)
        batch, peer = measure("small_batch", count), measure("faiss_small_batch", count)
        if batch and peer:
            print(f"   ours / faiss: CPU {batch['cpu'] / peer['cpu']:.3f}")
    measure("crowd", options.crowd)
    measure("strangers", options.crowd)


if __name__ == "__main__":
    main()
