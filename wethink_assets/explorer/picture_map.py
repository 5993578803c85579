"""Places of pictures on a plane by their perceptual hashes (dimensionality reduction: PCA), and cells of that plane.

Belongs here: coordinates and what falls into which cell. Pure, offline and without chance: the same pictures have the
same places on every machine. Does not belong here: which pictures (map_pages.py), hashes (decoding/).

A hash holds the signs of the lowest 16 x 16 frequencies, so that what is near is alike in layout, light and dark, not
in meaning. Places are ranks along the two directions in which the hashes differ most: the plane is evenly filled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

BITS = 256
ACROSS, DOWN = 12, 8  # cells of a view
DEEPEST = 5  # views within views: a twelfth of a twelfth of …
FINE = 64  # parts of a cell of the deepest view
SIDES = (
    FINE * ACROSS ** (DEEPEST + 1),
    FINE * DOWN ** (DEEPEST + 1),
)  # the plane in whole numbers: cells part it evenly


@dataclass(frozen=True)
class Cell:
    """A cell with pictures. `shown` is the number of the one nearest to its middle, `pictures` how many there are."""

    column: int
    row: int
    shown: int
    pictures: int


def places(hashes: Sequence[str]) -> np.ndarray:
    """Coordinates from 0 to below 1, a row for each hash of 64 hex digits; one that is none counts as all zeros."""
    if not hashes:
        return np.zeros((0, 2))
    bits = np.unpackbits(np.stack([_bytes(one) for one in hashes]), axis=1).astype(np.float32)
    bits -= bits.mean(axis=0)
    _, vectors = np.linalg.eigh((bits.T @ bits).astype(np.float64))
    axes = vectors[:, [-1, -2]]
    signs = np.sign(axes[np.abs(axes).argmax(axis=0), [0, 1]])  # an eigenvector has no sign of its own
    flat = np.round(bits @ (axes * np.where(signs == 0, 1, signs)), 4)
    ranks = np.stack([np.argsort(np.argsort(flat[:, axis], kind="stable")) for axis in (0, 1)], axis=1)
    return ranks / len(hashes)


def zoomed(path: Sequence[tuple[int, int]]) -> tuple[int, int, int, int]:
    """Left, top, width and height of a view, of SIDES: a cell of a cell of the whole plane."""
    left, top, (wide, high) = 0, 0, SIDES
    for column, row in path:
        wide, high = wide // ACROSS, high // DOWN
        left, top = left + column * wide, top + row * high
    return left, top, wide, high


def cells(plane: np.ndarray, path: Sequence[tuple[int, int]]) -> list[Cell]:
    """The cells of a view that hold pictures, row by row; pictures are numbers of rows of the plane.

    In whole numbers, so that a picture on an edge falls on the same side of it in every view.
    """
    left, top, wide, high = zoomed(path)
    own = (plane * SIDES).astype(np.int64) - (left, top)
    inside = np.flatnonzero(((own >= 0) & (own < (wide, high))).all(axis=1))
    sides = np.array((wide // ACROSS, high // DOWN))
    parts, within = np.divmod(own[inside], sides)
    column, row = parts[:, 0], parts[:, 1]
    off = ((within / sides - 0.5) ** 2).sum(axis=1)
    order = np.lexsort((inside, off, column, row))
    codes = (row * ACROSS + column)[order]
    found, first, counts = np.unique(codes, return_index=True, return_counts=True)
    shown = inside[order][first]
    return [
        Cell(int(code % ACROSS), int(code // ACROSS), int(number), int(count))
        for code, number, count in zip(found, shown, counts, strict=True)
    ]


def path_of(text: str) -> list[tuple[int, int]]:
    """The way to a view from an address, `3.5-0.1`: column and row of each cell; what is none ends it."""
    found: list[tuple[int, int]] = []
    for part in text.split("-")[:DEEPEST] if text else ():
        column, _, row = part.partition(".")
        if not (column.isdecimal() and row.isdecimal() and len(part) < 8):
            break
        if int(column) >= ACROSS or int(row) >= DOWN:
            break
        found.append((int(column), int(row)))
    return found


def text_of(path: Sequence[tuple[int, int]]) -> str:
    return "-".join(f"{column}.{row}" for column, row in path)


def _bytes(text: str) -> np.ndarray:
    try:
        data = bytes.fromhex(text)
    except ValueError:
        data = b""
    return np.frombuffer(data if len(data) == BITS // 8 else bytes(BITS // 8), dtype=np.uint8)
