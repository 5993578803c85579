"""Exact search for images that look alike.

Belongs here: pairs within a Hamming distance, and which images of a batch they cost. Pure.
Does not belong here: making hashes (hashing.py), benchmarks (contamination.py).

Two images look alike when their 64-bit hashes differ in at most 4 bits *and* their 256-bit hashes in at most
`FAR` bits: the small hash alone takes charts and pages of one layout for each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import polars as pl

from resources.sql_files import statement

NEAR = 4  # bits of 64; the bands of sql/images/find_near_pairs.sql are made for it
# Bits of 256 [D]. Measured on 184 real images, 2 % cropped: 99.4 % of the pairs within 4 bits are within 40 (median 16,
# most 48); re-encoded or resized ones within 12. Of 2,160 sample images no unrelated pair came within 4 bits at all.
FAR = 40

SCHEMA = {"image_id": pl.String, "phash": pl.String, "phash256": pl.String}


@dataclass(frozen=True)
class Pair:
    """`image_id` looks like `other_id`, which comes before it."""

    image_id: str
    other_id: str
    distance: int
    distance256: int


def near_pairs(
    new: Sequence[Mapping[str, Any]],
    earlier: pl.DataFrame | Sequence[Mapping[str, Any]],
    *,
    among_new: bool = True,
    far: int = FAR,
) -> list[Pair]:
    """All pairs of a new image with an earlier one or, `among_new`, with a new one before it, in the order of `new`."""
    if not new:
        return []
    fresh = _frame(new).with_row_index("place").with_columns(pl.col("place").cast(pl.Int64))
    old = earlier.select(list(SCHEMA)) if isinstance(earlier, pl.DataFrame) else _frame(earlier)
    with duckdb.connect() as con:
        con.register("new", fresh.to_arrow())
        con.register("earlier", old.to_arrow())
        found = con.execute(statement("images/find_near_pairs"), {"far": far, "among_new": among_new}).fetchall()
    return [Pair(*row) for row in found]


def _frame(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame([{k: row[k] for k in SCHEMA} for row in rows], schema=SCHEMA)


def to_drop(pairs: Sequence[Pair], gone: set[str] = frozenset()) -> dict[str, Pair]:
    """Images to drop, each with the pair that costs it.

    Images are judged in order; one goes when it looks like an image that stays. `gone` images stay out anyway
    and cost nobody. Pairs must be ordered by image as `near_pairs` orders them.
    """
    dropped: dict[str, Pair] = {}
    for pair in pairs:
        if pair.image_id in gone or pair.image_id in dropped or pair.other_id in gone or pair.other_id in dropped:
            continue
        dropped[pair.image_id] = pair
    return dropped
