"""Image signatures (thumbnail descriptors): a few thousand numbers of a picture, which tell most look-alikes apart.

Belongs here: making a signature, and whether two of them are of different pictures for certain. Pure. Does not belong
here: the look at full size (same_picture.py), which pairs are compared (confirmation.py).

What a crop of a few per cent may move is allowed for: a cell of one picture must lie between the darkest and the
brightest of the cells around it in the other, but for a slight change of tone or a watermark.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from wethink_assets.images.alignment import soften

SIDE, REACH = 64, 2  # cells of brightness, and how far they may move
RIM = 3  # cells at the edge, which a crop takes away
LARGE = 256  # pixels of the shorter side, from which on a cell holds whole strokes
ALLOWED, ALLOWED_SMALL = 32, 64  # levels of 256 [D]: copies differ by up to 26, small ones by up to 51
COLOUR_SIDE = 16
COLOURS_ALLOWED, PLAIN_ALLOWED = 44, 30  # the same of colours, and of those of a plain picture [D]


@dataclass(frozen=True)
class Signature:
    """`grey`: (64, 64) uint8; `colours`: (16, 16, 3) uint8."""

    grey: np.ndarray
    colours: np.ndarray
    allowed: int


def signature(image: Image.Image) -> Signature:
    """Of an RGB picture."""
    cells = np.asarray(image.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX), np.float32)
    grey = soften(cells).round().astype(np.uint8)  # a thin line counts the same wherever it meets the cells
    colours = np.asarray(image.resize((COLOUR_SIDE, COLOUR_SIDE), Image.Resampling.BOX))
    return Signature(grey, colours, ALLOWED if min(image.size) >= LARGE else ALLOWED_SMALL)


def are_strangers(one: Signature, other: Signature) -> bool:
    """Whether they are of different pictures for certain. Symmetric."""
    allowed = max(one.allowed, other.allowed)
    return (
        _is_elsewhere(one.grey, other.grey, allowed)
        or _is_elsewhere(other.grey, one.grey, allowed)
        or _are_other_colours(one.colours, other.colours)
        or _are_other_colours(other.colours, one.colours)
    )


def _is_elsewhere(one: np.ndarray, other: np.ndarray, allowed: int) -> bool:
    """Whether an inner cell of `one` is darker or brighter than all around it in `other`."""
    inner = (slice(RIM, -RIM), slice(RIM, -RIM))
    here = one[inner].astype(np.int16)
    darkest = _around(other, np.minimum)[inner].astype(np.int16)
    brightest = _around(other, np.maximum)[inner].astype(np.int16)
    return bool(((here < darkest - allowed) | (here > brightest + allowed)).any())


def _around(cells: np.ndarray, extreme: np.ufunc) -> np.ndarray:
    """The smallest or largest of the cells within `REACH`."""
    padded = np.pad(cells, REACH, mode="edge")
    rows = padded[:SIDE]
    for step in range(1, 2 * REACH + 1):
        rows = extreme(rows, padded[step : step + SIDE])
    around = rows[:, :SIDE]
    for step in range(1, 2 * REACH + 1):
        around = extreme(around, rows[:, step : step + SIDE])
    return around


def _are_other_colours(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether a region differs by more than its neighbours do; a plain picture has none to move."""
    here, there = one.astype(np.int16), other.astype(np.int16)
    spread = np.zeros((COLOUR_SIDE, COLOUR_SIDE), np.int16)
    rims = np.pad(here, ((1, 1), (1, 1), (0, 0)), mode="edge")
    for y in range(3):
        for x in range(3):
            moved = rims[y : y + COLOUR_SIDE, x : x + COLOUR_SIDE]
            spread = np.maximum(spread, np.abs(moved - here).max(axis=2))
    plain = float(here.reshape(-1, 3).std(axis=0).max()) < 4
    return bool((np.abs(there - here).max(axis=2) > (PLAIN_ALLOWED if plain else COLOURS_ALLOWED) + spread).any())
