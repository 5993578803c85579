"""Image registration: one picture laid over another, in place and in brightness, for a comparison pixel by pixel.

Belongs here: the shift and scale between two pictures (Lucas-Kanade, coarse to fine), and a global colour map between
them. Pure. Does not belong here: what difference is left and what it means (same_picture.py), reading files.

Only what happens to a whole picture is undone: a crop of a few per cent, and a slight change of brightness, contrast
and colour. Both fits are robust, so what differs in one place stays to be seen there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from PIL import Image

LEVELS = ((64, 6), (128, 4), (256, 3))  # longer side in pixels, steps at most
MOST_SCALE = 0.06  # how much larger or smaller one may be drawn within its frame: a crop of 2 % of two sides, and room
MOST_SHIFT = 0.04  # of a side
SAMPLES = 80  # pixels along the shorter side, at least, that a colour map is made from [D]
MOST_TONE = 32.0  # levels of 256 that the colour map may move any pixel [D]: more is another colour

# Image coordinates run from -0.5 to 0.5 on both axes.


@dataclass(frozen=True)
class Placement:
    """Where a point of the second picture lies in the first: scale * x + shift, on each axis."""

    scale_x: float = 1.0
    shift_x: float = 0.0
    scale_y: float = 1.0
    shift_y: float = 0.0


def soften(a: np.ndarray) -> np.ndarray:
    """Binomial blur of 3x3 of (h, w); the rim is blurred along itself."""
    down = a.copy()
    pairs = a[:-1] + a[1:]
    np.add(pairs[:-1], pairs[1:], out=down[1:-1])
    down[1:-1] *= np.float32(0.25)
    across = down.copy()
    pairs = down[:, :-1] + down[:, 1:]
    np.add(pairs[:, :-1], pairs[:, 1:], out=across[:, 1:-1])
    across[:, 1:-1] *= np.float32(0.25)
    return across


def greys(first: Image.Image, second: Image.Image) -> list[tuple[np.ndarray, np.ndarray]]:
    """Both in brightness at the sizes of `LEVELS`, coarse to fine, up to the size of the smaller one."""
    width, height = min(first.size, second.size, key=lambda size: size[0] * size[1])
    shrinks = [min(1.0, side / max(width, height)) for side, _ in LEVELS]
    del shrinks[shrinks.index(1.0) + 1 if 1.0 in shrinks else len(shrinks) :]
    a, b = first.convert("L"), second.convert("L")
    pairs = []
    for shrink in reversed(shrinks):  # each from the finer one before it
        size = (max(8, round(width * shrink)), max(8, round(height * shrink)))
        a, b = a.resize(size, Image.Resampling.BILINEAR), b.resize(size, Image.Resampling.BILINEAR)
        pairs.append((soften(np.asarray(a, np.float32)), soften(np.asarray(b, np.float32))))
    return pairs[::-1]


def placement(
    pairs: Sequence[tuple[np.ndarray, np.ndarray]], start: Placement = Placement(), first: int = 0
) -> Placement:
    """By `greys` from the level `first` on, beginning at `start`. A picture without structure stays where it is."""
    placed = start
    for (a, b), (_, steps) in zip(pairs, LEVELS[first:], strict=False):
        placed = _refined(a, b, placed, steps)
    return placed


def overlaid(
    first: Image.Image, second: Image.Image, placed: Placement, longest: int = 0
) -> tuple[Image.Image, Image.Image]:
    """What both show, on the grid of the smaller one (`longest` pixels at most, where given), of equal size."""
    x = _shared(placed.scale_x, placed.shift_x)
    y = _shared(placed.scale_y, placed.shift_y)
    width, height = min(first.size, second.size, key=lambda size: size[0] * size[1])
    if longest and max(width, height) > longest:
        width, height = width * longest / max(width, height), height * longest / max(width, height)
    size = (max(8, round(width * (x[1] - x[0]))), max(8, round(height * (y[1] - y[0]))))
    gap = 1.1 if longest else None
    here = second.resize(size, Image.Resampling.BILINEAR, _box(second, x[0], x[1], y[0], y[1]), gap)
    there = first.resize(size, Image.Resampling.BILINEAR, _box(first, x[2], x[3], y[2], y[3]), gap)
    return there, here


def tone_between(a: Image.Image, b: Image.Image, steps: int = 4) -> np.ndarray:
    """The one slight map of all pixels that brings `a` nearest to `b` in brightness, contrast and colours: (4, 3).

    An affine map of RGB, pulled to the identity, by weighted least squares (Cauchy weights), clipped at black and
    white as cameras and editors do. Where the picture is of one colour there is nothing to tell a map from.
    """
    identity = np.eye(4, 3, dtype=np.float32)
    places = slice(None, None, max(1, min(a.size) // SAMPLES))
    sample_a, sample_b = (
        np.ascontiguousarray(np.asarray(p)[places, places].reshape(-1, 3).T) * np.float32(1 / 255) for p in (a, b)
    )
    if sample_a.std(axis=1).max() < 0.02:
        return identity
    known = np.concatenate([sample_a, np.ones((1, sample_a.shape[1]), np.float32)])
    pull = np.diag(np.array([1e-3, 1e-3, 1e-3, 3e-4], np.float32)) * known.shape[1]
    tone = identity.copy()
    for _ in range(steps):
        left = sample_b - np.clip(tone.T @ known, 0, 1)
        far = np.abs(left).max(axis=0)
        weighted = known / (1 + np.square(far / np.float32(max(0.015, 1.5 * float(np.median(far))))))
        step = np.linalg.solve(weighted @ known.T + pull, weighted @ left.T - 0.3 * pull @ (tone - identity))
        tone += step.astype(np.float32)
    tone[3] *= 255
    return tone


def toned(a: Image.Image, tone: np.ndarray) -> Image.Image:
    """With a map of `tone_between`, by which no pixel moves further than `MOST_TONE`."""
    corners = np.array([(*corner, 1) for corner in product((0, 255), repeat=3)])
    if np.abs(np.clip(corners @ tone, 0, 255) - corners[:, :3]).max() <= MOST_TONE:
        return a.convert("RGB", tuple(tone.T.ravel().tolist()))
    pixels = np.asarray(a, np.float32)
    moved = np.clip(pixels @ tone[:3] + tone[3], 0, 255) - pixels
    return Image.fromarray((np.clip(moved, -MOST_TONE, MOST_TONE) + pixels).round().astype(np.uint8))


def _refined(a: np.ndarray, b: np.ndarray, start: Placement, steps: int) -> Placement:
    """Gauss-Newton steps on scale, shift, contrast and brightness together, with robust weights."""
    height, width = b.shape
    x = ((np.arange(width, dtype=np.float32) + 0.5) / width - 0.5)[None]
    y = ((np.arange(height, dtype=np.float32) + 0.5) / height - 0.5)[:, None]
    p = np.array([start.scale_x, start.shift_x, start.scale_y, start.shift_y])
    lowest = np.array([1 - MOST_SCALE, -MOST_SHIFT] * 2)
    highest = np.array([1 + MOST_SCALE, MOST_SHIFT] * 2)
    most = np.array([0.03, 1.5 / width + 0.01, 0.03, 1.5 / height + 0.01])
    enough = np.array([0.04 / width, 0.02 / width, 0.04 / height, 0.02 / height])
    for _ in range(steps):
        rows, row_share, row_in = _line(height, p[2], p[3])
        columns, column_share, column_in = _line(width, p[0], p[1])
        moved = a[rows] * (1 - row_share[:, None]) + a[rows + 1] * row_share[:, None]
        moved = moved[:, columns] * (1 - column_share) + moved[:, columns + 1] * column_share
        inside = row_in[:, None] & column_in
        steep_x, steep_y = np.zeros_like(moved), np.zeros_like(moved)
        np.subtract(moved[:, 2:], moved[:, :-2], out=steep_x[:, 1:-1])
        np.subtract(moved[2:], moved[:-2], out=steep_y[1:-1])
        left = b - moved
        far = 1.5 * float(np.median(np.abs(left[::2, ::2]))) + 4
        weights = (inside / (1 + np.square(left / far))).astype(np.float32).ravel()
        steep_x *= width / 2
        steep_y *= height / 2
        terms = np.stack(
            [steep_x * x, steep_x, steep_y * y, steep_y, moved - moved.mean(), np.ones_like(moved)]
        ).reshape(6, -1)
        weighted = terms * weights
        normal = weighted @ terms.T
        normal[np.diag_indices(6)] += 1e-3 * np.diag(normal) + 1e-3
        step = np.clip(np.linalg.solve(normal, weighted @ left.ravel())[:4], -most, most)
        p = np.clip(p + step, lowest, highest)
        if (np.abs(step) < enough).all():
            break
    return Placement(*map(float, p))


def _line(count: int, scale: float, shift: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each pixel of a line, where it is read: the pixel before, the share of the next one, and whether inside."""
    place = (((np.arange(count) + 0.5) / count - 0.5) * scale + shift + 0.5) * count - 0.5
    inside = (place > -0.5) & (place < count - 0.5)
    place = place.clip(0, count - 1)
    before = np.minimum(place.astype(np.int64), count - 2)
    return before, (place - before).astype(np.float32), inside


def _shared(scale: float, shift: float) -> tuple[float, float, float, float]:
    """What both show of an axis: from, to in the second picture, then in the first."""
    start, stop = max(-0.5, (-0.5 - shift) / scale), min(0.5, (0.5 - shift) / scale)
    return start, stop, scale * start + shift, scale * stop + shift


def _box(image: Image.Image, left: float, right: float, top: float, bottom: float) -> tuple[float, float, float, float]:
    width, height = image.size
    return (
        max(0.0, (left + 0.5) * width),
        max(0.0, (top + 0.5) * height),
        min(float(width), (right + 0.5) * width),
        min(float(height), (bottom + 0.5) * height),
    )
