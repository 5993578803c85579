"""Perceptual hashes of many images as arrays of machine words, with their bands and Hamming distances.

Belongs here: reading hashes from frames, cutting them into bands, distances. Pure.
Does not belong here: making hashes (decoding/hashing.py), searching (near_duplicates.py).

The 64 bits are cut into nine bands. Two hashes that differ in at most `SURE` bits have at least two equal bands, since
7 bits touch 7 bands at most (pigeonhole). So the 36 pairs of bands are keys, and every such pair of images shares one;
of those that differ in more bits, up to `NEAR`, most do. Eight single bands would do as well, but their buckets of 8
bits hold 64 times as many chance meetings as these of 14.

In the same way one of three thirds differs in at most two bits: what has no third so close to any of a few hashes is
within `SURE` bits of none of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl

NEAR = 14  # bits of 64 that may differ [D], measured in benchmarks/results/near_pairs.md
SURE = 7  # bits up to which every pair is found; the bands below are made for it
BANDS = (*((start, 7) for start in range(0, 56, 7)), (56, 8))  # first bit, number of bits
KEYS: tuple[tuple[int, int], ...] = tuple(combinations(range(len(BANDS)), 2))  # pairs of bands
THIRDS = ((0, 22), (22, 21), (43, 21))  # first bit, number of bits
BLOCK = 1 << 16  # hashes at a time: what the processor's cache holds
SCHEMA = {"image_id": pl.String, "phash": pl.String, "phash256": pl.String}


@dataclass(frozen=True)
class Hashes:
    """`h`: (n,) uint64; `wide`: (4, n) uint64, the 256-bit hash."""

    ids: pl.Series
    h: np.ndarray
    wide: np.ndarray

    def __len__(self) -> int:
        return len(self.h)

    def only(self, places: np.ndarray) -> Hashes:
        return Hashes(self.ids.gather(places), self.h[places], self.wide[:, places])


def hashes_of(images: Hashes | pl.DataFrame | Sequence[Mapping[str, Any]]) -> Hashes:
    """From rows with image_id, phash (16 hex digits) and phash256 (64 hex digits).

    Raises:
        ValueError: a hash has another length or is no hex; the message names the image.
    """
    if isinstance(images, Hashes):
        return images
    if not isinstance(images, pl.DataFrame):
        images = pl.DataFrame({name: [row[name] for row in images] for name in SCHEMA}, schema=SCHEMA)
    return Hashes(
        images["image_id"],
        _words(images, "phash", 1)[0],
        _words(images, "phash256", 4),
    )


def joined(first: Hashes, second: Hashes) -> Hashes:
    return Hashes(
        pl.concat([first.ids, second.ids]),
        np.concatenate([first.h, second.h]),
        np.concatenate([first.wide, second.wide], axis=1),
    )


def two_bits_apart(few: np.ndarray, many: np.ndarray) -> np.ndarray:
    """(many,) bool: whether a third of the hash is, but for two bits, that of any of `few`; all within `SURE` are."""
    tables = []
    for start, width in THIRDS:
        near = np.zeros(1 << width, bool)
        own = ((few >> np.uint64(start)) & np.uint64((1 << width) - 1)).astype(np.int64)
        for one in range(width):
            for other in range(one + 1):
                near[own ^ (1 << one) ^ (1 << other)] = True  # the same bit twice: nothing differs
            near[own ^ (1 << one)] = True
        tables.append(
            (start, (1 << (width - 3)) - 1, np.packbits(near, bitorder="little"))
        )  # as bits it fits the cache
    meets = np.empty(len(many), bool)
    words = many.view(np.int64)  # what numpy takes as places without making a copy
    for first in range(0, len(many), BLOCK):
        part = words[first : first + BLOCK]
        close = np.zeros(len(part), np.uint8)
        for start, mask, near in tables:
            third = part >> start
            close |= near[(third >> 3) & mask] >> (third & 7).astype(np.uint8)
        meets[first : first + BLOCK] = close & 1
    return meets


def pairs_within(hashes: np.ndarray, first: int, near: int) -> tuple[np.ndarray, np.ndarray]:
    """All (image, other) with image >= `first`, other before it, and at most `near` different bits, ordered by image.

    Compares all with all.
    """
    images, others = [], []
    rows = max(1, BLOCK * 16 // max(1, len(hashes)))
    for start in range(first, len(hashes), rows):
        stop = min(start + rows, len(hashes))
        close = np.bitwise_count(hashes[start:stop, None] ^ hashes[None, :stop]) <= near
        image, other = np.divmod(np.flatnonzero(close), stop)
        before = other < image + start
        images.append(image[before] + start)
        others.append(other[before])
    none = np.empty(0, np.int64)
    return np.concatenate([none, *images]), np.concatenate([none, *others])


def mask_of(key: tuple[int, int]) -> int:
    """The bits of a key's bands within a hash."""
    return sum(((1 << width) - 1) << start for start, width in (BANDS[band] for band in key))


def bands_of(h: np.ndarray) -> np.ndarray:
    """(bands, n) small numbers."""
    bands = np.empty((len(BANDS), len(h)), np.int32)
    for band, (start, width) in enumerate(BANDS):
        bands[band] = (h >> np.uint64(start)) & np.uint64((1 << width) - 1)
    return bands


def bucket_of(bands: np.ndarray, key: tuple[int, int]) -> np.ndarray:
    """(n,) numbers below `buckets_of(key)`, equal where both bands are equal."""
    return bands[key[0]] << BANDS[key[1]][1] | bands[key[1]]


def buckets_of(key: tuple[int, int]) -> int:
    return 1 << sum(BANDS[band][1] for band in key)


def distances(h: np.ndarray, other: np.ndarray | np.uint64) -> np.ndarray:
    """Number of different bits."""
    return np.bitwise_count(h ^ other)


def wide_distances(wide: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Number of different bits of (words, n) words and as many others, or one other of (words,)."""
    total = np.zeros(wide.shape[1], np.int16)
    for word, against in zip(wide, other, strict=True):
        total += np.bitwise_count(word ^ against)
    return total


def _words(images: pl.DataFrame, column: str, words: int) -> np.ndarray:
    """Hex digits to (words, n), without a Python object for any image."""
    texts = images[column]
    wrong = images.filter(texts.str.len_bytes().fill_null(0) != 16 * words)
    if wrong.height:
        raise ValueError(f"image {wrong['image_id'][0]}: {column} is {wrong[column][0]!r}, not {16 * words} hex digits")
    try:
        data = bytes.fromhex(texts.str.join("").item()) if len(texts) else b""
        if len(data) != 8 * words * len(texts):  # white space passes for nothing in fromhex
            raise ValueError("white space")
    except ValueError:
        bad = images.filter(~texts.str.contains(r"^[0-9a-fA-F]*$"))
        raise ValueError(f"image {bad['image_id'][0]}: {column} {bad[column][0]!r} is no hex number") from None
    return np.ascontiguousarray(np.frombuffer(data, ">u8").reshape(-1, words).T, np.uint64)
