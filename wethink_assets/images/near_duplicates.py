"""Near-duplicate search: all pairs of images whose perceptual hashes are close, exactly.

Belongs here: which images of a batch look like one that stays, and the closest known image. Pure.
Does not belong here: making hashes (decoding/hashing.py), benchmarks (contamination.py), over-full buckets
(oversized_buckets.py).

Two images look alike when their 64-bit hashes differ in at most `NEAR` bits *and* their 256-bit hashes in at most
`FAR` bits: the small hash alone takes charts and pages of one layout for each other.

Cost: with n images of well spread hashes, 15 joins of n rows whose buckets hold n / 2^21 images, so ten times the
images take about ten times the time up to some millions, and then more. Buckets of more than `BUCKET_LIMIT` images go
to oversized_buckets.py. New images are searched in pieces of at most `CANDIDATES` meetings, so memory stays bounded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa

from resources.lake.database import Memory, database
from resources.lake.sql_files import statement
from wethink_assets.images.hash_arrays import (
    KEYS,
    NEAR,
    Hashes,
    bands_of,
    bucket_of,
    buckets_of,
    distances,
    hashes_of,
    joined,
    mask_of,
    one_bit_apart,
    pairs_within,
    wide_distances,
)
from wethink_assets.images.oversized_buckets import OversizedBuckets

# Bits of 256 [D]. Measured on 184 real images, 2 % cropped: 99.4 % of the pairs within 4 bits are within 40 (median 16,
# most 48); re-encoded or resized ones within 12. Of 2,160 sample images no unrelated pair came within 4 bits at all.
FAR = 40
BUCKET_LIMIT = 100  # images of a bucket that are joined with one another; more are asked one by one [D]
FEW = 20  # times as many known images as new ones, from which on it pays to look for those that matter [D]
FEWEST = 200  # the same for the thirds of a hash, which look for less and let more pass [D]
ALL_WITH_ALL = 20_000_000  # pairs that are compared one by one, which is faster than making any buckets [D]
CANDIDATES = 5_000_000  # meetings in buckets at a time [D]: about 200 MB at worst

Images = Hashes | pl.DataFrame | Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Pair:
    """`image_id` looks like `other_id`, which comes before it."""

    image_id: str
    other_id: str
    distance: int
    distance256: int


def near_duplicates(
    new: Images,
    earlier: Images,
    *,
    far: int = FAR,
    bucket_limit: int = BUCKET_LIMIT,
    memory: Memory | None = None,
) -> dict[str, Pair]:
    """Images of `new` to drop, each with the closest image that it looks like and that stays.

    Images are judged in order: one goes when it looks like an earlier image, or like a new one before it that stays.
    Both are rows or frames with image_id, phash and phash256, or `hashes_of` them, which a large pool that is asked
    more than once is read for only once; no image occurs in both.
    """
    return _search(hashes_of(new), hashes_of(earlier), True, far, bucket_limit, memory)


def closest(
    images: Images,
    known: Images,
    *,
    far: int = FAR,
    bucket_limit: int = BUCKET_LIMIT,
    memory: Memory | None = None,
) -> dict[str, Pair]:
    """The images that look like a known one, each with the closest of them."""
    return _search(hashes_of(images), hashes_of(known), False, far, bucket_limit, memory)


def _search(
    new: Hashes, known: Hashes, among_new: bool, far: int, bucket_limit: int, memory: Memory | None
) -> dict[str, Pair]:
    if not len(new) or not (len(known) or among_new):
        return {}
    known = _meeting(new, known)
    everything, first = joined(known, new), len(known)
    stays = np.ones(len(everything), bool)
    if not among_new:
        stays[first:] = False
    best: dict[int, tuple[int, int, int]] = {}
    if len(everything) * len(new) <= ALL_WITH_ALL:
        images, others = pairs_within(everything.h, first, NEAR)
        images, others = _fitting(everything, images[stays[others]], others[stays[others]], far)
        _judge(everything, None, images, others, (first, len(everything)), stays if among_new else None, best)
    else:
        oversized, meetings = _buckets(everything.h, bucket_limit)
        oversized_buckets = OversizedBuckets(everything, oversized, far)
        oversized_buckets.keep_all_below(first)
        with database(memory) as con:
            for start, stop in _pieces(meetings[first:], first):
                images, others = _near(con, everything, oversized, stays, start, stop, far)
                _judge(everything, oversized_buckets, images, others, (start, stop), stays if among_new else None, best)
    ids = everything.ids
    return {ids[node]: Pair(ids[node], ids[other], d, wide) for node, (wide, d, other) in sorted(best.items())}


def _meeting(new: Hashes, known: Hashes) -> Hashes:
    """The known images that share a bucket with any new one: few where a small batch comes to a large pool."""
    if len(new) * FEW > len(known):
        return known
    if len(new) * FEWEST < len(known):
        known = known.only(np.flatnonzero(one_bit_apart(new.h, known.h)))
    ours, theirs = bands_of(new.h), bands_of(known.h)
    meets = np.zeros(len(known), bool)
    used = np.zeros(max(map(buckets_of, KEYS)), bool)
    for key in KEYS:
        mine = bucket_of(ours, key)
        used[mine] = True
        meets |= used[bucket_of(theirs, key)]
        used[mine] = False
    return known.only(np.flatnonzero(meets))


def _buckets(h: np.ndarray, bucket_limit: int) -> tuple[np.ndarray, np.ndarray]:
    """Per image, the keys whose bucket is over-full (a bit each), and the size of its other buckets together."""
    oversized = np.zeros(len(h), np.uint16)
    meetings = np.zeros(len(h), np.int64)
    bands = bands_of(h)
    for number, key in enumerate(KEYS):
        bucket = bucket_of(bands, key)
        sizes = np.bincount(bucket, minlength=buckets_of(key))[bucket]
        full = sizes > bucket_limit
        oversized |= full.astype(np.uint16) << np.uint16(number)
        meetings += np.where(full, 0, sizes)
    return oversized, meetings


def _pieces(meetings: np.ndarray, first: int) -> Iterator[tuple[int, int]]:
    """Ranges of new images with at most `CANDIDATES` meetings each."""
    total = np.cumsum(meetings)
    start = 0
    while start < len(meetings):
        done = total[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(total, done + CANDIDATES, "right")))
        yield first + start, first + stop
        start = stop


def _near(
    con: duckdb.DuckDBPyConnection,
    all_: Hashes,
    oversized: np.ndarray,
    stays: np.ndarray,
    start: int,
    stop: int,
    far: int,
) -> tuple[np.ndarray, np.ndarray]:
    """All near pairs of images start…stop with those before them that stay, but for over-full buckets.

    Ordered by image; a pair is there once.
    """
    nodes = np.arange(start, stop, dtype=np.int32)
    known = np.flatnonzero(stays[:stop]).astype(np.int32)
    con.register("new", pa.table({"node": nodes, "h": all_.h[start:stop], "oversized": oversized[start:stop]}))
    con.register("known", pa.table({"node": known, "h": all_.h[known]}))
    query = statement("images/find_close_hashes")
    packed_pairs = []
    for number, key in enumerate(KEYS):
        close = con.execute(query, {"mask": mask_of(key), "bit": 1 << number, "near": NEAR}).fetchnumpy()
        image, other = (np.asarray(close[name], dtype=np.int64) for name in ("image", "other"))
        packed_pairs.append(image << 32 | other)
    pairs = np.unique(np.concatenate(packed_pairs))
    images, others = pairs >> 32, pairs & 0xFFFFFFFF
    return _fitting(all_, images, others, far)


def _fitting(all_: Hashes, images: np.ndarray, others: np.ndarray, far: int) -> tuple[np.ndarray, np.ndarray]:
    fits = wide_distances(all_.wide[:, images], all_.wide[:, others]) <= far
    return images[fits], others[fits]


def _judge(
    all_: Hashes,
    oversized_buckets: OversizedBuckets | None,
    images: np.ndarray,
    others: np.ndarray,
    piece: tuple[int, int],
    stays: np.ndarray | None,
    best: dict[int, tuple[int, int, int]],
) -> None:
    """Fill `best` for one piece, in order; `stays` (None: new images are not compared) loses those that go."""
    wide = wide_distances(all_.wide[:, images], all_.wide[:, others]).tolist()
    small = distances(all_.h[images], all_.h[others]).tolist()
    names, firsts = np.unique(images, return_index=True)
    ends = np.append(firsts, len(images))[1:].tolist()
    pairs = dict(zip(names.tolist(), zip(firsts.tolist(), ends, strict=True), strict=True))
    order, other = names, others.tolist()
    if oversized_buckets is not None:
        inside = oversized_buckets.members[
            np.searchsorted(oversized_buckets.members, piece[0]) : np.searchsorted(oversized_buckets.members, piece[1])
        ]
        order = np.union1d(names, inside)
    for node in order.tolist():
        start, end = pairs.get(node, (0, 0))
        near = [(wide[i], small[i], other[i]) for i in range(start, end) if stays is None or stays[other[i]]]
        in_oversized = oversized_buckets is not None and node in oversized_buckets
        if in_oversized and (one := oversized_buckets.closest(node)):
            near.append(one)
        if near:
            best[node] = min(near)
            if stays is not None:
                stays[node] = False
        elif in_oversized and stays is not None:
            oversized_buckets.keep(node)
