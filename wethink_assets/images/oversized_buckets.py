"""Oversized buckets of the near-duplicate search (locality-sensitive hashing): many images of nearly one hash.

Such as blank scans. Belongs here: over-full buckets, and the closest kept image in them. Pure.
Does not belong here: buckets of ordinary size (near_duplicates.py).

An over-full bucket is not joined with itself, which would make as many pairs as the square of its size. Its images are
asked one after the other, in order, against those of the bucket that were kept. So memory grows with the number of
images only, and time at worst with half the square of the bucket: one XOR and one bit count of a machine word per pair,
a second of work for 50,000 such images that are all different, and none of it for those that are all alike.
"""

from __future__ import annotations

import numpy as np

from wethink_assets.images.hash_arrays import KEYS, Hashes, bands_of, bucket_of, distances, wide_distances


class OversizedBuckets:
    """The kept images of every over-full bucket. `oversized` holds a bit per key for each image, set where it is."""

    def __init__(self, hashes: Hashes, oversized: np.ndarray, radius: tuple[int, int]) -> None:
        self._hashes = hashes
        self._near, self._far = radius
        self.members = np.flatnonzero(oversized)
        self._row = np.full(len(hashes), -1, np.int32)
        self._row[self.members] = np.arange(len(self.members), dtype=np.int32)
        self._buckets = np.full((len(self.members), len(KEYS)), -1, np.int32)
        bands = bands_of(hashes.h[self.members])
        first = 0
        for number, key in enumerate(KEYS):
            here = np.flatnonzero(oversized[self.members] >> np.uint64(number) & 1)
            names, places = np.unique(bucket_of(bands[:, here], key), return_inverse=True)
            self._buckets[here, number] = first + places
            first += len(names)
        sizes = np.bincount(self._buckets[self._buckets >= 0], minlength=first)
        self._start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        self._fill = np.zeros(first, np.int64)
        self._h = np.zeros(self._start[-1], np.uint64)
        self._node = np.zeros(self._start[-1], np.int32)
        self._all_h = np.zeros(len(self.members), np.uint64)
        self._all_node = np.zeros(len(self.members), np.int32)
        self._count = 0

    def __contains__(self, node: int) -> bool:
        return bool(self._row[node] >= 0)

    def keep(self, node: int) -> None:
        """Later images are compared with this one."""
        mine = self._of(node)
        places = self._start[mine] + self._fill[mine]
        self._h[places] = self._all_h[self._count] = self._hashes.h[node]
        self._node[places] = self._all_node[self._count] = node
        self._fill[mine] += 1
        self._count += 1

    def keep_all_below(self, node: int) -> None:
        """As `keep` for all images of oversized buckets before `node`."""
        kept = self.members[: np.searchsorted(self.members, node)]
        rows, keys = np.nonzero(self._buckets[: len(kept)] >= 0)
        buckets = self._buckets[rows, keys]
        order = np.argsort(buckets, kind="stable")
        self._fill = np.bincount(buckets, minlength=len(self._fill)).astype(np.int64)
        before = np.concatenate([[0], np.cumsum(self._fill)])[:-1]
        places = np.arange(len(order)) - before[buckets[order]] + self._start[buckets[order]]
        self._node[places] = kept[rows[order]]
        self._h[places] = self._hashes.h[kept[rows[order]]]
        self._count = len(kept)
        self._all_node[: len(kept)] = kept
        self._all_h[: len(kept)] = self._hashes.h[kept]

    def closest(self, node: int, most: int) -> list[tuple[int, int, int]]:
        """Bits of 256, bits of 64, and image of the closest kept ones that are near, in order, `most` at most."""
        mine = self._of(node)
        h = self._hashes.h[node]
        if self._fill[mine].sum() >= self._count:  # buckets overlap: then the list of all is the shorter one
            near = self._all_node[: self._count][distances(self._all_h[: self._count], h) <= self._near]
        else:
            parts = [slice(self._start[b], self._start[b] + self._fill[b]) for b in mine]
            near = np.unique(np.concatenate([self._node[p][distances(self._h[p], h) <= self._near] for p in parts]))
        if not len(near):
            return []
        wide = self._hashes.wide
        # Half of the wide hash tells most strangers apart.
        near = near[wide_distances(wide[:2, near], wide[:2, node]) <= self._far]
        bits = wide_distances(wide[:, near], wide[:, node])
        near, bits = near[bits <= self._far], bits[bits <= self._far]
        if len(near) > most:
            close = bits <= np.partition(bits, most - 1)[most - 1]
            near, bits = near[close], bits[close]
        small = distances(self._hashes.h[near], h)
        return sorted(zip(bits.tolist(), small.tolist(), near.tolist(), strict=True))[:most]

    def _of(self, node: int) -> np.ndarray:
        buckets = self._buckets[self._row[node]]
        return buckets[buckets >= 0]
