"""Copy detection (near-duplicate verification): are two pictures one picture, saved, resized, cropped or toned anew?

Belongs here: the local measure between two aligned pictures, its limits, the verdict. Pure. Does not belong here: the
alignment (alignment.py), the first look at a few numbers (signatures.py), which pairs are looked at
(near_duplicates.py), reading files (pictures.py).

Perceptual hashes are blind to what is small: charts of one template, maps with another state marked, a figure with
another number, plain pages of any colour have the same bits. So every candidate is looked at, at up to `PIXELS`, and
the worst place decides, not the mean. Most pairs agree nearly everywhere as they are, so that nothing need be undone to
judge their worst place; only the others are aligned.

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

from wethink_assets.images.alignment import Placement, greys, overlaid, placement, soften, tone_between, toned

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
SEEN = 12.0  # levels from which on a pixel counts as part of a watermark; half the limit where that is less
QUIET, OUTLIER = 12.0, 5.0  # the least limit where nothing was moved, and times what edges differ by: copies up to 3.8
FAR = 1.5  # times a limit, beyond which nothing of the whole is left to undo [D]
AGREE = 6.0  # levels that re-encoding changes; levels a pixel of an edge [D]
IN_REGISTER = 0.97  # share of the pixels, and of those at edges, that agree where nothing was moved or toned [D]
GLANCE = 128  # pixels of the longer side at the first looks, which end most comparisons; the second of LEVELS


@dataclass(frozen=True)
class Difference:
    """The worst place of two pictures; levels of 256.

    `veil` holds where all of it could be a watermark, `plain` where both pictures are of one colour; `limit` is what
    brightness may differ by.
    """

    luma: float
    chroma: float
    veil: bool = False
    plain: bool = False
    limit: float = LUMA

    @property
    def is_copy(self) -> bool:
        if self.plain:
            return max(self.luma, self.chroma) <= PLAIN
        return self.chroma <= CHROMA and self.luma <= (VEIL if self.veil else self.limit)

    @property
    def is_close(self) -> bool:
        """Whether nothing need be undone to see that it is a copy."""
        return self.is_copy and self.luma <= CLOSE

    @property
    def is_far(self) -> bool:
        """Whether it is another picture, even if something of the whole were left to undo."""
        return self.chroma > FAR * CHROMA or (self.luma > FAR * LUMA and not self.veil)

    @property
    def is_outlier(self) -> bool:
        """Whether the worst place stands out from all others."""
        return self.limit < LUMA and self.limit < self.luma and not self.veil

    def exceeds(self, more: float) -> bool:
        """Whether a limit is passed by so many levels."""
        return self.chroma > CHROMA + more or (self.luma > LUMA + more and not self.veil)

    def __str__(self) -> str:
        if self.luma == np.inf:
            return "another shape"
        return f"the worst place differs by {self.luma:.0f} levels of brightness and {self.chroma:.0f} of colour"


def difference(first: Image.Image, second: Image.Image) -> Difference:
    """Between two RGB pictures of at most `PIXELS` pixels. Symmetric but for rounding."""
    bent = abs(log(first.width * second.height / (first.height * second.width)))
    if bent > MOST_ASPECT:
        return Difference(np.inf, np.inf)
    if first.size == second.size and first.tobytes() == second.tobytes():
        return Difference(0, 0)
    if bent < SAME_ASPECT:
        as_they_are = overlaid(first, second, Placement(), GLANCE)
        glance, in_register = measured(*as_they_are), _are_in_register(*as_they_are)
        if in_register and glance.is_far:
            return glance
        if in_register or glance.is_close:
            unmoved = measured(*overlaid(first, second, Placement()), in_register=in_register)
            sure = unmoved.is_copy or unmoved.is_outlier or unmoved.exceeds(AGREE)
            if unmoved.is_close or (in_register and sure):
                return unmoved
    pairs = greys(first, second)
    found = placement(pairs[:2])
    small = overlaid(first, second, found, GLANCE)
    tone = tone_between(*small)
    # What is shrunk is smoother: a difference that is seen so is seen at full size too.
    glance = measured(toned(small[0], tone), small[1])
    if glance.is_far:
        return glance
    one, other = overlaid(first, second, placement(pairs[2:], found, 2))
    return measured(toned(one, tone), other)


def measured(a: Image.Image, b: Image.Image, *, in_register: bool = False) -> Difference:
    """Of two aligned RGB pictures of one size, each in turn made as soft as the other is.

    `in_register`: what differs is what saving changed, which is much alike at all edges, or an edit.
    """
    plain = max(_spread_of(p) for p in (a, b)) < FLAT
    grey = [np.asarray(p.convert("L")) for p in (a, b)]
    trim = 3 if min(a.size) > 24 else 1
    inner = (slice(trim, -trim), slice(trim, -trim))
    luma, veil, limit = _largest(_binomial(np.subtract(*grey, dtype=np.int16), trim)) / 16, False, LUMA
    if luma > (PLAIN if plain else QUIET if in_register else CLOSE):  # else nothing needs to be explained
        one, other = (soften(g.astype(np.float32)) for g in grey)
        luma, left, steep = _beyond_edges(one, other, inner)
        if luma > QUIET:  # one may be the softer one
            softer = (soften(one), other), (one, soften(other))
            pair = min(
                ((one, other), *softer), key=lambda pair: float(np.abs(pair[0][::2, ::2] - pair[1][::2, ::2]).mean())
            )
            luma, left, steep = _beyond_edges(*pair, inner)
            other = pair[1]
        if in_register and luma > QUIET:
            limit = min(LUMA, max(QUIET, OUTLIER * _usual(left, steep)))
        veil = luma > limit and _is_veil(left[inner], other[inner], min(SEEN, limit / 2))
    # Colour by regions of about 7x7 pixels, in an icon by smaller ones.
    step = 2 if min(a.size) > 24 else 1
    colours = np.subtract(*(np.asarray(p.reduce(step).convert("YCbCr")) for p in (a, b)), dtype=np.int16)
    chroma = max(_largest(_binomial(_binomial(colours[..., c]).astype(np.int32))) for c in (1, 2)) / 256
    return Difference(luma, chroma, veil, plain, limit)


def _are_in_register(a: Image.Image, b: Image.Image) -> bool:
    """Whether nearly all of two pictures of one size agrees as it is, edges included: nothing was moved or toned."""
    one, other = (soften(np.asarray(p.convert("L"), np.float32)) for p in (a, b))
    agree = np.abs(one - other) < AGREE
    edges = np.maximum(_steepness(one), _steepness(other)) > AGREE
    return bool(agree.mean() > IN_REGISTER and edges.any() and agree[edges].mean() > IN_REGISTER)


def _beyond_edges(
    one: np.ndarray, other: np.ndarray, inner: tuple[slice, slice]
) -> tuple[float, np.ndarray, np.ndarray]:
    """The worst difference that no edge explains, all differences, and how steep the steeper one is."""
    left, steep = one - other, (_steepness(one), _steepness(other))
    # How steep both are within a pixel: what only one of them shows is no edge that was moved.
    moved = EDGE * np.minimum(_spread(steep[0]), _spread(steep[1]))
    return float((np.abs(left) - moved)[inner].max(initial=0)), left, np.maximum(*steep)


def _usual(left: np.ndarray, steep: np.ndarray) -> float:
    """What edges differ by but for the worst twentieth of them; infinite where there are none."""
    at_edges = np.abs(left[::2, ::2])[steep[::2, ::2] > AGREE]
    return float(np.quantile(at_edges, 0.95)) if len(at_edges) else np.inf


def _spread_of(a: Image.Image) -> float:
    """The largest standard deviation of a colour."""
    sampled = np.asarray(a)[::3, ::3]
    return max(float(sampled[..., c].std(dtype=np.float32)) for c in range(3))


def _binomial(a: np.ndarray, trim: int = 1) -> np.ndarray:
    """16 times the binomial blur of 3x3 of (h, w), without a rim of `trim` pixels."""
    rim = trim - 1
    a = a[rim : len(a) - rim, rim : a.shape[1] - rim]
    down = a[:-2] + a[2:]
    down += a[1:-1]
    down += a[1:-1]
    across = down[:, :-2] + down[:, 2:]
    across += down[:, 1:-1]
    across += down[:, 1:-1]
    return across


def _largest(a: np.ndarray) -> int:
    return max(int(a.max(initial=0)), -int(a.min(initial=0)))


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


def _spread(a: np.ndarray) -> np.ndarray:
    """The largest of each 3x3."""
    down = a.copy()
    np.maximum(down[1:], a[:-1], out=down[1:])
    np.maximum(down[:-1], a[1:], out=down[:-1])
    across = down.copy()
    np.maximum(across[:, 1:], down[:, :-1], out=across[:, 1:])
    np.maximum(across[:, :-1], down[:, 1:], out=across[:, :-1])
    return across


def _is_veil(left: np.ndarray, under: np.ndarray, least: float) -> bool:
    """Whether all that differs by so much could be a translucent text over the picture whose brightness is `under`.

    A white or black one changes all pixels in one direction; a grey one draws both the darker and the brighter ones
    to itself, and so changes each by less.
    """
    seen = np.abs(left) > least
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
