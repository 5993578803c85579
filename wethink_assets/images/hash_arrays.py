"""Perceptual hashes of many images as arrays of machine words.

Belongs here: reading hashes from frames, cutting them into bands, distances. Pure.
Does not belong here: making hashes (hashing.py), searching (near_duplicates.py).

The 64 bits are cut into six bands. Two hashes that differ in at most 4 bits have at least two equal bands, since
4 bits touch 4 bands at most (pigeonhole). So the 15 pairs of bands are keys, and every near pair shares one. Five
single bands would do as well, but their buckets of 13 bits hold 64 times as many chance meetings as these of 21.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl

NEAR = 4  # bits of 64 that may differ; the bands below are made for it
BANDS = ((0, 11), (11, 11), (22, 11), (33, 11), (44, 10), (54, 10))  # first bit, number of bits
KEYS = tuple(combinations(range(len(BANDS)), len(BANDS) - NEAR))  # pairs of bands
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


def hashes_of(images: pl.DataFrame | Sequence[Mapping[str, Any]]) -> Hashes:
    """From rows with image_id, phash (16 hex digits) and phash256 (64 hex digits).

    Raises:
        ValueError: a hash has another length or is no hex; the message names the image.
    """
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


def mask_of(key: tuple[int, int]) -> int:
    """The bits of a key's bands within a hash."""
    return sum(((1 << width) - 1) << start for start, width in (BANDS[band] for band in key))


def bands_of(h: np.ndarray) -> np.ndarray:
    """(bands, n) small numbers."""
    made = np.empty((len(BANDS), len(h)), np.int32)
    for band, (start, width) in enumerate(BANDS):
        made[band] = (h >> np.uint64(start)) & np.uint64((1 << width) - 1)
    return made


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
