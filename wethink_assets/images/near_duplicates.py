"""Near-duplicate search: all pairs of images whose perceptual hashes are close, exactly.

Belongs here: which images of a batch look like one that stays, and the closest known image. Pure.
Does not belong here: making hashes (decoding/hashing.py), looking at pictures (confirmation.py), benchmarks
(contamination.py), over-full buckets (oversized_buckets.py).

Two images are candidates when their 64-bit hashes differ in at most `NEAR` bits *and* their 256-bit hashes in at most
`FAR` bits. Charts, maps and pages of one template are such too: so whoever drops anything hands in `looks`, which sees
the pictures, and a candidate counts where it is a copy. Without `looks` the hashes alone decide, at the closer `ALIKE`.

All pairs within `SURE` bits are found, and all within `NEAR` where few enough are compared one by one; else those of
`SURE` to `NEAR` bits that share a bucket, which most do.

Cost: with n images of well spread hashes, 36 sorts of n numbers, and comparing each image with the n / 2^14 of its
buckets, so ten times the images take ten times the time up to some hundred thousand, and then more. Buckets of more
than `BUCKET_LIMIT` images go to oversized_buckets.py, so that memory grows with the images and the close pairs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import polars as pl

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
    pairs_within,
    two_bits_apart,
    wide_distances,
)
from wethink_assets.images.oversized_buckets import OversizedBuckets

# Bits of 256 [D]. Measured on real images: cropped ones within 110 where they are within 14 of 64, re-encoded or
# resized ones within 12. Unrelated pictures differ in 128, and what is of one template is told apart by looking.
FAR = 110
ALIKE = (4, 40)  # bits of 64 and of 256 up to which a picture that is no copy `looks like` another one [D]
BUCKET_LIMIT = 100  # images of a bucket that are joined with one another; more are asked one by one [D]
FEW = 20  # times as many images as new ones, from which on it pays to sort only those in the buckets of new ones [D]
FEWEST = 1000  # the same for the thirds of a hash, which let only a part of all images come so far [D]
CLOSEST = 500  # candidates of one image that may be looked at, the closest ones [D]
ALL_WITH_ALL = 20_000_000  # pairs that are compared one by one, which is faster than making any buckets [D]

Images = Hashes | pl.DataFrame | Sequence[Mapping[str, Any]]


class Verdict(Protocol):
    """See `confirmation.Seen`."""

    @property
    def how(self) -> str: ...
    @property
    def other_id(self) -> str: ...
    @property
    def detail(self) -> str: ...
    @property
    def reason(self) -> str: ...


class Looks(Protocol):
    """Sees the pictures; see `confirmation.Confirmation`."""

    def expect(self, image_ids: Iterable[str]) -> None: ...
    def judge(self, image_id: str, others: Sequence[str]) -> Verdict: ...


@dataclass(frozen=True)
class Pair:
    """`image_id` has hashes close to those of `other_id`, which comes before it; `how` as in `confirmation.Seen`."""

    image_id: str
    other_id: str
    distance: int
    distance256: int
    how: str = "looks_like"
    detail: str = ""
    reason: str = ""

    @property
    def is_alike(self) -> bool:
        return self.distance <= ALIKE[0] and self.distance256 <= ALIKE[1]


def near_duplicates(
    new: Images,
    earlier: Images,
    *,
    bucket_limit: int = BUCKET_LIMIT,
    looks: Looks | None = None,
) -> dict[str, Pair]:
    """Images of `new` to drop, each with the closest image of which it is a copy and that stays.

    Images are judged in order: one goes when it is a copy of an earlier image, or of a new one before it that stays.
    With `looks`, one that cannot be judged since a picture is gone is in the result too: see `Pair.how`.
    Both are rows or frames with image_id, phash and phash256, or `hashes_of` them, which a large pool that is asked
    more than once is read for only once; no image occurs in both.
    """
    return _search(hashes_of(new), hashes_of(earlier), True, bucket_limit, looks)


def closest(
    images: Images,
    known: Images,
    *,
    bucket_limit: int = BUCKET_LIMIT,
    looks: Looks | None = None,
) -> dict[str, Pair]:
    """The images with hashes close to a known one's, each with the one of which it is a copy, or else the closest."""
    return _search(hashes_of(images), hashes_of(known), False, bucket_limit, looks)


def _search(
    new: Hashes,
    known: Hashes,
    among_new: bool,
    bucket_limit: int,
    looks: Looks | None,
) -> dict[str, Pair]:
    if not len(new) or not (len(known) or among_new):
        return {}
    radius = ALIKE if looks is None else (NEAR, FAR)
    if len(new) * (len(known) + len(new)) > ALL_WITH_ALL and len(new) * FEWEST < len(known):
        known = known.only(np.flatnonzero(two_bits_apart(new.h, known.h)))
    everything, first = joined(known, new), len(known)
    stays = np.ones(len(everything), bool)
    if not among_new:
        stays[first:] = False
    judged = _Judged(everything, stays if among_new else None, looks)
    if len(everything) * len(new) <= ALL_WITH_ALL:
        images, others = pairs_within(everything.h, first, radius[0])
        images, others = _fitting(everything, images[stays[others]], others[stays[others]], radius[1])
        judged.all_of(None, images, others, first)
    else:
        oversized = _oversized(everything.h, bucket_limit)
        oversized_buckets = OversizedBuckets(everything, oversized, radius)
        oversized_buckets.keep_all_below(first)
        images, others = _sharing_a_bucket(everything.h, first, oversized, radius[0])
        images, others = _fitting(everything, images[stays[others]], others[stays[others]], radius[1])
        judged.all_of(oversized_buckets, images, others, first)
    return {everything.ids[node]: pair for node, pair in sorted(judged.pairs.items())}


def _oversized(h: np.ndarray, bucket_limit: int) -> np.ndarray:
    """(n,) uint64: per image the keys whose bucket is over-full, a bit each."""
    bucket_limit = max(bucket_limit, 4 * len(h) // min(map(buckets_of, KEYS)))  # of very many images most are fuller
    oversized = np.zeros(len(h), np.uint64)
    bands = bands_of(h)
    for number, key in enumerate(KEYS):
        bucket = bucket_of(bands, key)
        full = np.bincount(bucket, minlength=buckets_of(key))[bucket] > bucket_limit
        oversized |= full.astype(np.uint64) << np.uint64(number)
    return oversized


def _sharing_a_bucket(h: np.ndarray, first: int, oversized: np.ndarray, near: int) -> tuple[np.ndarray, np.ndarray]:
    """All (image, other) with image >= `first`, other before it, a bucket of both and at most `near` different bits.

    Ordered by image; a pair is there once. Over-full buckets are left out. In the order of a key's buckets, each new
    image is compared with the one before it, then all that still have one with the second before, and so on.
    """
    bands = bands_of(h)
    found = [np.empty(0, np.int64)]
    for number, key in enumerate(KEYS):
        bucket = bucket_of(bands, key).astype(np.uint16)  # whose sorting takes a pass for each byte
        if (len(h) - first) * FEW < len(h):
            used = np.zeros(buckets_of(key), bool)
            used[bucket[first:]] = True
            order = np.flatnonzero(used[bucket])
            order = order[np.argsort(bucket[order], kind="stable")]
        else:
            order = np.argsort(bucket, kind="stable")
        sizes = np.bincount(bucket[order], minlength=buckets_of(key))
        starts = np.cumsum(sizes) - sizes
        asks = (order >= first) & (oversized[order] >> np.uint64(number) & np.uint64(1) == 0)
        place = np.flatnonzero(asks)
        begin = starts[bucket[order[place]]]
        sorted_h = h[order]
        before = place - 1
        while len(place):
            if not (left := before >= begin).all():
                place, begin, before = place[left], begin[left], before[left]
            close = np.flatnonzero(np.bitwise_count(sorted_h[place] ^ sorted_h[before]) <= near)
            found.append(order[place[close]] << 32 | order[before[close]])
            before -= 1
    pairs = np.unique(np.concatenate(found))
    return pairs >> 32, pairs & 0xFFFFFFFF


def _fitting(all_: Hashes, images: np.ndarray, others: np.ndarray, far: int) -> tuple[np.ndarray, np.ndarray]:
    fits = wide_distances(all_.wide[:, images], all_.wide[:, others]) <= far
    return images[fits], others[fits]


class _Judged:
    """The verdicts, in order. `stays` (None: new images are not compared) loses those that go."""

    def __init__(self, hashes: Hashes, stays: np.ndarray | None, looks: Looks | None) -> None:
        self._hashes = hashes
        self._stays = stays
        self._looks = looks
        self.pairs: dict[int, Pair] = {}

    def all_of(
        self, oversized_buckets: OversizedBuckets | None, images: np.ndarray, others: np.ndarray, first: int
    ) -> None:
        """Judge the new images, from `first` on, that have close ones or are in over-full buckets."""
        hashes, stays = self._hashes, self._stays
        if self._looks is not None:
            self._looks.expect(hashes.ids.gather(np.union1d(images, others)))
        wide = wide_distances(hashes.wide[:, images], hashes.wide[:, others]).tolist()
        small = distances(hashes.h[images], hashes.h[others]).tolist()
        names, firsts = np.unique(images, return_index=True)
        ends = np.append(firsts, len(images))[1:].tolist()
        pairs = dict(zip(names.tolist(), zip(firsts.tolist(), ends, strict=True), strict=True))
        order, other = names, others.tolist()
        if oversized_buckets is not None:
            members = oversized_buckets.members
            order = np.union1d(names, members[np.searchsorted(members, first) :])
        for node in order.tolist():
            start, end = pairs.get(node, (0, 0))
            near = [(wide[i], small[i], other[i]) for i in range(start, end) if stays is None or stays[other[i]]]
            in_oversized = oversized_buckets is not None and node in oversized_buckets
            if in_oversized:
                near += oversized_buckets.closest(node, CLOSEST if self._looks else 1)
            pair = self._judge(node, near) if near else None
            if pair is not None:
                self.pairs[node] = pair
                if stays is not None:
                    stays[node] = False
            elif in_oversized and stays is not None:
                oversized_buckets.keep(node)

    def _judge(self, node: int, near: list[tuple[int, int, int]]) -> Pair | None:
        """None where the image stays: no candidate is a copy."""
        ids = self._hashes.ids
        if self._looks is None:
            wide, small, other = min(near)
            return Pair(ids[node], ids[other], small, wide)
        pairs = [Pair(ids[node], ids[other], small, wide) for wide, small, other in sorted(set(near))]
        candidates = {pair.other_id: pair for pair in sorted(pairs, key=lambda p: not p.is_alike)[:CLOSEST]}
        seen = self._looks.judge(ids[node], list(candidates))
        pair = candidates[seen.other_id]
        if self._stays is not None and (seen.how == "looks_like" or (seen.how == "unconfirmed" and not pair.is_alike)):
            return None
        return replace(pair, how=seen.how, detail=seen.detail, reason=seen.reason)
