"""The sides of the split by cluster (group-aware split, leakage): no look-alike and no sister page on the other side.

Belongs here: which side, train or held out, an image takes, and which image can take none. Pure. Does not belong here:
which images belong together (images/look_alikes.py, sources/documents.py), which samples are taken (selection.py).

Images belong together when a chain of look-alikes, pages of one document, and images that were released as one cluster
joins them. A cluster takes the side that a release gave to any of its images; a new one that of the hash of its name,
which is the id of its first image; a new one of more than `LARGE` images trains, so that no single throw decides on all
pages of a form. What was released never changes sides: a new image that would join clusters of both sides is dropped,
and so is a released held-out one that joins a training one, as releases of earlier versions may hold.

First come the released images that train, then those held out, then by growth batch and id: equal images with an equal
history have equal sides on every machine.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from wethink_assets.images.hash_arrays import hashes_of
from wethink_assets.images.look_alikes import are_alike, components

TRAIN, HELDOUT = "train", "heldout"
BRIDGE = "look_alikes_on_both_sides"
_TIES = ("document", "cluster_id")
LARGE = 100  # images of a new cluster that may be held out [D]


@dataclass(frozen=True)
class Sides:
    """By image id: its split and the name of its cluster; `bridges` are the images that can take no side, and why."""

    split: dict[str, str] = field(default_factory=dict)
    cluster: dict[str, str] = field(default_factory=dict)
    bridges: dict[str, str] = field(default_factory=dict)


def sides(images: pl.DataFrame, *, heldout_share: float, seed: int = 0) -> Sides:
    """The side of every image.

    `images` holds image_id, phash, phash256, document, batch_order, and of images that a release held first_released,
    split and cluster_id, null elsewhere. Hashes are null where no pool holds the image: it then looks like none.
    """
    rows = images.sort(
        pl.col("split").is_null(),
        pl.col("split") != TRAIN,
        "first_released",
        "batch_order",
        "image_id",
        nulls_last=True,
    )
    if rows.is_empty():
        return Sides()
    ids, held = rows["image_id"].to_list(), rows["split"].to_list()
    names = [name or own for name, own in zip(rows["cluster_id"], ids, strict=True)]
    pictures = _Pictures(rows)
    told = Sides()
    for members in _groups(components(pictures.hashes, pictures.ties, pictures.seen)):
        parts = [members]
        if len({held[image] for image in members} - {None}) > 1:
            parts, bridges = _parted(np.array(members), [held[image] for image in members], pictures)
            for image, side, other in bridges:
                told.bridges[ids[image]] = f"its picture or document is like that of {ids[other]}, whose side is {side}"
        for part in parts:
            released = next((held[image] for image in part if held[image]), None)
            name = names[part[0]]
            side = released or (TRAIN if len(part) > LARGE else split_of(name, heldout_share, seed))
            for image in part:
                told.split[ids[image]], told.cluster[ids[image]] = side, name
    return told


def split_of(name: str, heldout_share: float, seed: int = 0) -> str:
    """The split of a cluster by the hash of its name; one image alone is named by its own id."""
    digest = hashlib.sha256(f"{seed} split {name}".encode()).hexdigest()
    return HELDOUT if int(digest[:13], 16) / 16**13 < heldout_share else TRAIN


class _Pictures:
    """What makes the images of a frame belong together: hashes, where there are `seen` ones, and ties by number."""

    def __init__(self, rows: pl.DataFrame) -> None:
        self.seen = rows.select(pl.col("phash").is_not_null() & pl.col("phash256").is_not_null()).to_series().to_numpy()
        blank = [pl.col(name).fill_null("0" * digits) for name, digits in (("phash", 16), ("phash256", 64))]
        self.hashes = hashes_of(rows.select("image_id", *blank))
        self.ties = [rows[name].rank("dense").cast(pl.Int64).fill_null(-1).to_numpy() for name in _TIES]

    def like(self, image: int, others: np.ndarray) -> np.ndarray:
        """(others,) bool: which of them belong together with an image, without a chain."""
        like = np.zeros(len(others), bool)
        if self.seen[image]:
            like = are_alike(self.hashes, others, image) & self.seen[others]
        for tie in self.ties:
            like |= (tie[others] == tie[image]) & (tie[image] >= 0)
        return like


def _groups(first: np.ndarray) -> list[list[int]]:
    """The images of each component, in order."""
    order = np.argsort(first, kind="stable")
    return [part.tolist() for part in np.split(order, np.flatnonzero(np.diff(first[order])) + 1)]


def _parted(
    members: np.ndarray, held: list[str | None], pictures: _Pictures
) -> tuple[list[list[int]], list[tuple[int, str, int]]]:
    """A component with released images of both sides, cut into clusters of one side each.

    Also the images that can be in none, each with the side that another image holds against it, and that image. Time
    grows with the square of the members.
    """
    cluster = np.full(len(members), -1)
    side_of: dict[int, str | None] = {}
    bridges = []
    for place, own in enumerate(held):
        before = np.flatnonzero(cluster[:place] >= 0)
        near = before[pictures.like(members[place], members[before])]
        sides_of = {
            side: near[cluster[near] == number][0] for number in np.unique(cluster[near]) if (side := side_of[number])
        }
        against = [side for side in sides_of if side != own] if own else list(sides_of)[1:]
        if against:
            bridges.append((int(members[place]), against[0], int(members[sides_of[against[0]]])))
            continue
        side_of[place] = own or next(iter(sides_of), None)
        cluster[np.isin(cluster, cluster[near])] = place
        cluster[place] = place
    return [members[cluster == number].tolist() for number in np.unique(cluster[cluster >= 0])], bridges
