"""Leakage across the split, read back: held-out images that look like a training one or are of its document.

Belongs here: the search that the release's gate makes, by another way than the split itself. Pure. Does not belong
here: the split (sides.py), verdicts and severities (gates.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from wethink_assets.images.near_duplicates import closest


@dataclass(frozen=True)
class Straddling:
    """A held-out image, the training image that belongs to it, and why they belong together."""

    heldout: str
    train: str
    why: str


def straddling(images: pl.DataFrame) -> list[Straddling]:
    """Pairs on both sides of the split, one for each held-out image that has any, ordered by image.

    `images` holds image_id, split, phash, phash256 and document; hashes and document may be null.
    """
    found: dict[str, Straddling] = {}
    pages = images.filter(pl.col("document").is_not_null())
    pairs = pages.filter(split="heldout").join(pages.filter(split="train"), on="document", suffix="_train")
    for heldout, train, document in pairs.select("image_id", "image_id_train", "document").sort(pl.all()).iter_rows():
        found.setdefault(heldout, Straddling(heldout, train, f"both are of {document}"))
    seen = images.filter(pl.col("phash").is_not_null() & pl.col("phash256").is_not_null())
    hashes = seen.select("split", "image_id", "phash", "phash256").partition_by(
        "split", as_dict=True, include_key=False
    )
    if len(hashes) == 2:  # both sides have images
        for pair in closest(hashes["heldout",], hashes["train",]).values():
            why = f"their hashes differ in {pair.distance} of 64 and {pair.distance256} of 256 bits"
            found.setdefault(pair.image_id, Straddling(pair.image_id, pair.other_id, why))
    return [found[image] for image in sorted(found)]
