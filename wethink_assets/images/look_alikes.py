"""Clusters of look-alike pictures (connected components): which images belong together, exactly and in linear time.

Belongs here: components over close hashes and given ties. Pure. Does not belong here: which copies leave the pool
(near_duplicates.py), which side of a split a cluster takes (dataset/sides.py).

Two pictures look alike when their hashes are `ALIKE`, and belong together when a chain of such pairs joins them. What
differs in at most `ALIKE[0]` bits of 64 differs in at most that many of `BANDS` bands, so that two bands are equal: the
pairs of bands are keys, each of some 21 bits. Images of a key's bucket are compared with one another; of a bucket of
more than `FULL`, such as thousands of blank pages, each image is held against those that no other has reached yet.
So memory grows with the images, and time too, but for full buckets whose images are not alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from wethink_assets.images.hash_arrays import Hashes, distances, wide_distances
from wethink_assets.images.near_duplicates import ALIKE

BANDS = ((0, 11), (11, 11), (22, 11), (33, 11), (44, 10), (54, 10))  # first bit, number of bits
FULL = 64  # images of a bucket that are compared pair by pair [D]


def components(hashes: Hashes, ties: Sequence[np.ndarray] = (), seen: np.ndarray | None = None) -> np.ndarray:
    """(n,) int64: per image the place of the first image of its component.

    `ties` are (n,) integers each: images of one number above -1 belong together, whatever they look like. `seen`, (n,)
    bool, says which images have hashes; the others look like none.
    """
    first = np.arange(len(hashes))
    for tie in ties:
        _join_equal(first, tie)
    pictures = np.arange(len(hashes)) if seen is None else np.flatnonzero(seen)
    h = hashes.h[pictures]
    for one, other in combinations(range(len(BANDS)), 2):
        key = _band(h, one) << np.uint64(BANDS[other][1]) | _band(h, other)
        order = np.argsort(key, kind="stable")
        ends = np.append(np.flatnonzero(np.diff(key[order])), len(order) - 1) + 1
        _join_buckets(first, hashes, pictures[order], np.diff(ends, prepend=0))
    return first


def are_alike(hashes: Hashes, images: np.ndarray, other: int) -> np.ndarray:
    """(images,) bool: which of them look like `other`."""
    close = distances(hashes.h[images], hashes.h[other]) <= ALIKE[0]
    close[close] = wide_distances(hashes.wide[:, images[close]], hashes.wide[:, other]) <= ALIKE[1]
    return close


def _band(h: np.ndarray, band: int) -> np.ndarray:
    start, width = BANDS[band]
    return (h >> np.uint64(start)) & np.uint64((1 << width) - 1)


def _join_equal(first: np.ndarray, tie: np.ndarray) -> None:
    held = np.flatnonzero(tie >= 0)
    order = held[np.argsort(tie[held], kind="stable")]
    same = np.flatnonzero(np.diff(tie[order]) == 0)
    _join(first, order[same], order[same + 1])


def _join_buckets(first: np.ndarray, hashes: Hashes, order: np.ndarray, sizes: np.ndarray) -> None:
    """`order` holds the buckets one after the other, of these sizes."""
    size_of = np.repeat(sizes, sizes)
    place = np.arange(len(order)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    small = np.flatnonzero(size_of <= FULL)
    for step in range(1, FULL):
        small = small[place[small] >= step]
        if not len(small):
            break
        one, other = order[small], order[small - step]
        close = distances(hashes.h[one], hashes.h[other]) <= ALIKE[0]
        one, other = one[close], other[close]
        close = wide_distances(hashes.wide[:, one], hashes.wide[:, other]) <= ALIKE[1]
        _join(first, one[close], other[close])
    ends = np.cumsum(sizes)
    for full in np.flatnonzero(sizes > FULL):
        _join_full(first, hashes, order[ends[full] - sizes[full] : ends[full]])


def _join_full(first: np.ndarray, hashes: Hashes, left: np.ndarray) -> None:
    """Spreads from image to image: each is held against those that were not reached yet."""
    while len(left):
        start, left = left[0], left[1:]
        reached = [start]
        for image in reached:
            if not len(left):
                break
            close = are_alike(hashes, left, image)
            reached.extend(left[close])
            left = left[~close]
        _join(first, np.full(len(reached) - 1, start), np.array(reached[1:], np.int64))


def _join(first: np.ndarray, one: np.ndarray, other: np.ndarray) -> None:
    """Union of many pairs at once: the smaller place wins, and every image is told."""
    while True:
        a, b = first[one], first[other]
        apart = a != b
        if not apart.any():
            return
        one, other, a, b = one[apart], other[apart], a[apart], b[apart]
        np.minimum.at(first, np.maximum(a, b), np.minimum(a, b))
        while not np.array_equal(told := first[first], first):
            first[:] = told
