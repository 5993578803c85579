"""Image registration: one picture laid over another, in place and in brightness, for a comparison pixel by pixel.

Belongs here: the shift and scale between two pictures (Lucas-Kanade, coarse to fine), and a global colour map between
them. Pure. Does not belong here: what difference is left and what it means (same_picture.py), reading files.

Only what happens to a whole picture is undone: a crop of a few per cent, and a slight change of brightness, contrast
and colour. Both fits are robust, so what differs in one place stays to be seen there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

LEVELS = ((64, 6), (128, 4), (256, 3))  # longer side in pixels, steps at most
MOST_SCALE = 0.06  # how much larger or smaller one may be drawn within its frame: a crop of 2 % of two sides, and room
MOST_SHIFT = 0.04  # of a side
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


def placement(
    first: Image.Image,
    second: Image.Image,
    levels: tuple[tuple[int, int], ...] = LEVELS,
    found: Placement = Placement(),
) -> Placement:
    """By brightness alone, from `found` on; both RGB or L. A picture without structure stays where it is."""
    width, height = min(first.size, second.size, key=lambda size: size[0] * size[1])
    a, b = first.convert("L"), second.convert("L")
    for side, steps in levels:
        shrink = min(1.0, side / max(width, height))
        size = (max(8, round(width * shrink)), max(8, round(height * shrink)))
        found = _refined(_sized(a, size), _sized(b, size), found, steps)
        if shrink == 1:
            break
    return found


def overlaid(
    first: Image.Image, second: Image.Image, found: Placement, longest: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """What both show, on the grid of the smaller one (`longest` pixels at most, where given): (h, w, 3) float32."""
    x = _shared(found.scale_x, found.shift_x)
    y = _shared(found.scale_y, found.shift_y)
    width, height = min(first.size, second.size, key=lambda size: size[0] * size[1])
    if longest and max(width, height) > longest:
        width, height = width * longest / max(width, height), height * longest / max(width, height)
    size = (max(8, round(width * (x[1] - x[0]))), max(8, round(height * (y[1] - y[0]))))
    here = second.resize(size, Image.Resampling.BILINEAR, _box(second, x[0], x[1], y[0], y[1]))
    there = first.resize(size, Image.Resampling.BILINEAR, _box(first, x[2], x[3], y[2], y[3]))
    return np.asarray(there, np.float32), np.asarray(here, np.float32)


def toned(a: np.ndarray, b: np.ndarray, steps: int = 4) -> np.ndarray:
    """`a` in the brightness, contrast and colours of `b`, as far as one slight map of all pixels explains them.

    An affine map of RGB, pulled to the identity, by weighted least squares (Cauchy weights), clipped at black and
    white as cameras and editors do. Where the picture is of one colour there is nothing to tell a map from.
    """
    sample_a, sample_b = (p[1::4, 1::4].reshape(-1, 3) * np.float32(1 / 255) for p in (a, b))
    if not len(sample_a) or sample_a.std(axis=0).max() < 0.02:
        return a
    known = np.concatenate([sample_a, np.ones((len(sample_a), 1), np.float32)], axis=1)
    identity = np.eye(4, 3, dtype=np.float32)
    pull = np.diag(np.array([1e-3, 1e-3, 1e-3, 3e-4], np.float32)) * len(known)
    tone = identity.copy()
    for _ in range(steps):
        left = sample_b - np.clip(known @ tone, 0, 1)
        far = np.abs(left).max(axis=1)
        weights = 1 / (1 + np.square(far / max(0.015, 1.5 * float(np.median(far)))))
        weighted = known * weights[:, None].astype(np.float32)
        tone = tone + np.linalg.solve(weighted.T @ known + pull, weighted.T @ left - 0.3 * pull @ (tone - identity))
    mapped = a.reshape(-1, 3) @ tone[:3].astype(np.float32)
    mapped += (255 * tone[3]).astype(np.float32)
    np.clip(mapped, 0, 255, out=mapped)
    mapped = mapped.reshape(a.shape)
    mapped -= a
    np.clip(mapped, -MOST_TONE, MOST_TONE, out=mapped)
    mapped += a
    return mapped


def _sized(image: Image.Image, size: tuple[int, int]) -> np.ndarray:
    return soften(np.asarray(image.resize(size, Image.Resampling.BILINEAR), np.float32))


def _refined(a: np.ndarray, b: np.ndarray, found: Placement, steps: int) -> Placement:
    """Gauss-Newton steps on scale, shift, contrast and brightness together, with robust weights."""
    height, width = b.shape
    x = ((np.arange(width, dtype=np.float32) + 0.5) / width - 0.5)[None]
    y = ((np.arange(height, dtype=np.float32) + 0.5) / height - 0.5)[:, None]
    p = np.array([found.scale_x, found.shift_x, found.scale_y, found.shift_y])
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
        steep_y, steep_x = np.gradient(moved)
        left = b - moved
        far = 1.5 * float(np.median(np.abs(left))) + 4
        weights = (inside / (1 + np.square(left / far))).astype(np.float32).ravel()
        steep_x, steep_y = steep_x * width, steep_y * height
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
