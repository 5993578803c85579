"""Copy detection (near-duplicate verification): are two pictures one picture, saved, resized, cropped or toned anew?

Belongs here: the local measure between two aligned pictures, its limits, the verdict. Pure. Does not belong here: the
alignment (alignment.py), the first look at a few numbers (signatures.py), which pairs are looked at
(near_duplicates.py), reading files (pictures.py).

Perceptual hashes are blind to what is small: charts of one template, maps with another state marked, a figure with
another number, plain pages of any colour have the same bits. So every candidate is looked at, at up to `PIXELS`, and
the worst place decides, not the mean:

- brightness: the largest difference of a pixel beyond what a steep edge explains by a fraction of a pixel's shift;
  thin lines and small text count as they are;
- colour: the largest difference of the two colour components over a region of a few pixels, as JPEG blurs colour;
- a watermark is one-sided, weak, grey and wide: a veil of text over the picture. Such a difference is a copy's.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import numpy as np
from PIL import Image

from wethink_assets.images.alignment import LEVELS, Placement, overlaid, placement, soften, toned

PIXELS = 448 * 448  # of a picture that is looked at [D]; smaller ones are looked at as they are
MOST_ASPECT = 0.07  # logarithm of the ratio of two aspect ratios: crops change it by up to 0.04
SAME_ASPECT = 0.01  # up to here rounding to whole pixels explains it
# Limits in levels of 256 [D], measured in benchmarks/results/near_pairs.md.
LUMA = 27.5
CHROMA = 20.0
CLOSE = 18.0  # of brightness, where nothing was moved or toned
EDGE = 0.3  # pixels of shift that an edge may hide
VEIL = 75.0  # the most that a watermark changes: 30 % of white
ONE_SIDED = 0.97  # share of the difference that has one sign
WIDE, HIGH = 0.2, 0.04  # of the shorter side that a watermark spans at least, along and across
FLAT = 3.0  # levels, the standard deviation below which a picture is plain
PLAIN = 6.0  # levels between two plain pictures, which have nothing else to tell them by
SEEN = 12.0  # levels from which on a pixel counts as different
GLANCE = 128  # pixels of the longer side at the first looks, which end most comparisons; the second of LEVELS


@dataclass(frozen=True)
class Difference:
    """The worst place of two pictures; levels of 256.

    `veil` holds where all of it could be a watermark, `plain` where both pictures are of one colour.
    """

    luma: float
    chroma: float
    veil: bool = False
    plain: bool = False

    @property
    def is_copy(self) -> bool:
        if self.plain:
            return max(self.luma, self.chroma) <= PLAIN
        return self.chroma <= CHROMA and self.luma <= (VEIL if self.veil else LUMA)

    @property
    def is_close(self) -> bool:
        """Whether nothing need be undone to see that it is a copy."""
        return self.is_copy and self.luma <= CLOSE

    def __str__(self) -> str:
        if self.luma == np.inf:
            return "another shape"
        return f"the worst place differs by {self.luma:.0f} levels of brightness and {self.chroma:.0f} of colour"


def difference(first: Image.Image, second: Image.Image) -> Difference:
    """Between two RGB pictures of at most `PIXELS` pixels. Symmetric but for rounding."""
    bent = abs(log(first.width * second.height / (first.height * second.width)))
    if bent > MOST_ASPECT:
        return Difference(np.inf, np.inf)
    if bent < SAME_ASPECT and measured(*overlaid(first, second, Placement(), GLANCE), tone=False).is_close:
        unmoved = measured(*overlaid(first, second, Placement()), tone=False)
        if unmoved.is_close:
            return unmoved
    found = placement(first, second, LEVELS[:2])
    glance = measured(*overlaid(first, second, found, GLANCE))
    # What is shrunk is smoother: a difference that is seen so is seen at full size too.
    if glance.chroma > 1.5 * CHROMA or (glance.luma > 1.5 * LUMA and not glance.veil):
        return glance
    if max(first.width, first.height) > GLANCE:
        found = placement(first, second, LEVELS[2:], found)
    return measured(*overlaid(first, second, found))


def measured(a: np.ndarray, b: np.ndarray, *, tone: bool = True) -> Difference:
    """Of two aligned pictures, (h, w, 3) float32, each in turn made as soft as the other is."""
    plain = max(float(p[::3, ::3].std(axis=(0, 1)).max()) for p in (a, b)) < FLAT
    if tone and not plain:
        a = toned(a, b)
    bright = soften(_luma(a)), soften(_luma(b))
    softer = soften(bright[0]), soften(bright[1])
    pairs = (bright, (softer[0], bright[1]), (bright[0], softer[1]))
    one, other = min(pairs, key=lambda pair: float(np.abs(pair[0][::2, ::2] - pair[1][::2, ::2]).mean()))
    luma = one - other
    beyond = np.abs(luma) - EDGE * _shared_edges(one, other)
    inner = (slice(3, -3), slice(3, -3)) if min(luma.shape) > 24 else (slice(1, -1), slice(1, -1))
    # Colour by regions of about 7x7 pixels.
    left = _halved(a - b)
    grey = _luma(left)
    blue, red = 0.564 * (left[..., 2] - grey), 0.713 * (left[..., 0] - grey)
    chroma = max(float(np.abs(soften(soften(c))[1:-1, 1:-1]).max(initial=0)) for c in (blue, red))
    return Difference(float(beyond[inner].max(initial=0)), chroma, _is_veil(luma[inner], other[inner]), plain)


def _luma(a: np.ndarray) -> np.ndarray:
    return (a.reshape(-1, 3) @ np.array([0.299, 0.587, 0.114], np.float32)).reshape(a.shape[:2])


def _steepness(a: np.ndarray) -> np.ndarray:
    """Of (h, w), levels a pixel."""
    down, across = np.zeros_like(a), np.zeros_like(a)
    np.subtract(a[2:], a[:-2], out=down[1:-1])
    np.subtract(a[:, 2:], a[:, :-2], out=across[:, 1:-1])
    down *= down
    across *= across
    down += across
    np.sqrt(down, out=down)
    down *= np.float32(0.5)
    return down


def _shared_edges(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """How steep both are within a pixel: what only one of them shows is no edge that was moved."""
    return np.minimum(_spread(_steepness(one)), _spread(_steepness(other)))


def _spread(a: np.ndarray) -> np.ndarray:
    """The largest of each 3x3."""
    down = a.copy()
    np.maximum(down[1:], a[:-1], out=down[1:])
    np.maximum(down[:-1], a[1:], out=down[:-1])
    across = down.copy()
    np.maximum(across[:, 1:], down[:, :-1], out=across[:, 1:])
    np.maximum(across[:, :-1], down[:, 1:], out=across[:, :-1])
    return across


def _halved(a: np.ndarray) -> np.ndarray:
    height, width = a.shape[0] // 2 * 2, a.shape[1] // 2 * 2
    rows = a[:height:2, :width] + a[1:height:2, :width]
    return (rows[:, ::2] + rows[:, 1::2]) * np.float32(0.25)


def _is_veil(left: np.ndarray, under: np.ndarray) -> bool:
    """Whether all that differs could be a translucent text over the picture whose brightness is `under`.

    A white or black one changes all pixels in one direction; a grey one draws both the darker and the brighter ones
    to itself, and so changes each by less.
    """
    seen = np.abs(left) > SEEN
    if not seen.any():
        return False
    side = min(seen.shape)
    spans = sorted(np.ptp(np.flatnonzero(seen.any(axis=axis))) / side for axis in (0, 1))
    if spans[0] < HIGH or spans[1] < WIDE or _is_solid(seen, max(9, side // 24)):
        return False
    values, under = left[seen], under[seen]
    strength = np.abs(values)
    if abs(float(values.sum())) >= ONE_SIDED * float(strength.sum()):
        return float(strength.max()) <= VEIL
    brighter, darker = values > 0, values < 0
    ink = (
        np.average(under[brighter], weights=strength[brighter]) + np.average(under[darker], weights=strength[darker])
    ) / 2
    # `left` is above zero where the first picture is the brighter one: the veil darkens what is brighter than itself.
    drawn = np.where(under > ink, values, -values)
    return abs(float(drawn.sum())) >= ONE_SIDED * float(strength.sum()) and float(strength.max()) <= VEIL / 2


def _is_solid(seen: np.ndarray, edge: int) -> bool:
    """Whether a square of so many pixels is full: no stroke of a text is as wide."""
    if min(seen.shape) <= edge:
        return False
    sums = np.zeros((seen.shape[0] + 1, seen.shape[1] + 1), np.int32)
    np.cumsum(np.cumsum(seen, axis=0, dtype=np.int32), axis=1, out=sums[1:, 1:])
    full = sums[edge:, edge:] - sums[:-edge, edge:] - sums[edge:, :-edge] + sums[:-edge, :-edge]
    return int(full.max()) == edge * edge
