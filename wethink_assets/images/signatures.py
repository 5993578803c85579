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
_INNER = (slice(RIM, SIDE - RIM), slice(RIM, SIDE - RIM))
_NEXT = np.clip(np.arange(-1, COLOUR_SIDE + 1), 0, COLOUR_SIDE - 1)  # with a rim like the cells at the edge


@dataclass(frozen=True)
class Signature:
    """`grey`: (64, 64) uint8; `colours`: (16, 16, 3) uint8."""

    grey: np.ndarray
    colours: np.ndarray
    allowed: int


def signature(image: Image.Image) -> Signature:
    """Of an RGB picture."""
    cells = image.resize((SIDE, SIDE), Image.Resampling.BOX)
    grey = soften(np.asarray(cells.convert("L"), np.float32)).round().astype(np.uint8)
    # Softened, a thin line counts the same wherever it meets the cells.
    colours = np.asarray(cells.reduce(SIDE // COLOUR_SIDE))
    return Signature(grey, colours, ALLOWED if min(image.size) >= LARGE else ALLOWED_SMALL)


class Surroundings:
    """What the cells of a picture's copies may be, for comparing one picture with many."""

    def __init__(self, of: Signature) -> None:
        self.of = of
        self._darkest = _around(of.grey, np.minimum).astype(np.int16)
        self._brightest = _around(of.grey, np.maximum).astype(np.int16)
        self._colours = of.colours.astype(np.int16)
        rims = self._colours[np.ix_(_NEXT, _NEXT)]
        self._spread = np.zeros((COLOUR_SIDE, COLOUR_SIDE), np.int16)
        for y in range(3):
            for x in range(3):
                moved = rims[y : y + COLOUR_SIDE, x : x + COLOUR_SIDE]
                np.maximum(self._spread, np.abs(moved - self._colours).max(axis=2), out=self._spread)
        plain = float(self._colours.reshape(-1, 3).std(axis=0).max()) < 4  # which has none to move
        self._spread += PLAIN_ALLOWED if plain else COLOURS_ALLOWED

    def exclude(self, other: Signature) -> bool:
        """Whether a cell of `other` is darker, brighter or of another colour than all around it here."""
        allowed = max(self.of.allowed, other.allowed)
        here = other.grey[_INNER].astype(np.int16)
        return bool(
            (here < self._darkest - allowed).any()
            or (here > self._brightest + allowed).any()
            or (np.abs(other.colours - self._colours).max(axis=2) > self._spread).any()
        )


def are_strangers(one: Surroundings, other: Signature) -> bool:
    """Whether they are of different pictures for certain. Symmetric."""
    return one.exclude(other) or Surroundings(other).exclude(one.of)


def _around(cells: np.ndarray, extreme: np.ufunc) -> np.ndarray:
    """The smallest or largest of the cells within `REACH` of the inner ones."""
    span = SIDE - 2 * RIM
    rows = cells[RIM - REACH : RIM - REACH + span]
    for step in range(RIM - REACH + 1, RIM + REACH + 1):
        rows = extreme(rows, cells[step : step + span])
    around = rows[:, RIM - REACH : RIM - REACH + span]
    for step in range(RIM - REACH + 1, RIM + REACH + 1):
        around = extreme(around, rows[:, step : step + span])
    return around
