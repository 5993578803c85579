"""Lanczos downscaling of a large grey picture for perceptual hashes: Pillow's, bit for bit, in under half its time.

Belongs here: that one filter down to small squares. Does not belong here: hashes (hashing.py); any other filter or
mode. Pure arrays; no file is opened.

Pillow's value is `clip((sum(x * k) + 2**21) >> 22)` with whole `k`, first along the rows, then down the columns
(Resample.c). A product of matrices in 32-bit floats gives the sums up to a known error; where that error could change
the value, the sum is made again in whole numbers. Tall pictures are Pillow's, and an installed Pillow that computes in
another way is asked itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import as_strided
from PIL import Image

LANCZOS = Image.Resampling.LANCZOS
PRECISION = 22  # bits after the point of Pillow's 8-bit coefficients (Resample.c, PRECISION_BITS)
GROUPS = 4  # columns are made in groups, each from the part of the row that it needs
STRIP = 1 << 20  # pixels that are floats at a time: small enough for the cache
MIDDLE = 128  # taken off the pixels, which halves the largest sum and with it the error
MOST_AGAIN = 0.05  # share of results near a rounding edge (dithered pictures) from which on Pillow is faster
LEAST = 300_000  # pixels of a picture from which on the coefficients of a new size pay
LONGEST = 4096  # pixels of a side: longer ones are rare, and their coefficients large


@dataclass(frozen=True)
class _Plan:
    """How rows of one width become the columns of all sizes, which stand as GROUPS times a share of every size.

    `groups`: of each its first pixel and its (length, columns) coefficients. Of each column: `offset` (what `MIDDLE`
    took off, and Pillow's half), `edge` (the most that its sum errs, both in units of 2**-22), `begin` (the first pixel
    that it sees) and `whole` (columns, longest), its coefficients from there on.
    """

    groups: tuple[tuple[int, np.ndarray], ...]
    offset: np.ndarray
    edge: np.ndarray
    begin: np.ndarray
    whole: np.ndarray


def squares_of(gray: Image.Image, sizes: tuple[int, ...]) -> list[Image.Image]:
    """For each of `sizes` what `gray.resize((size, size), LANCZOS)` gives, bit for bit.

    `gray` is of mode L; sizes are multiples of `GROUPS`.
    """
    squares, (width, height) = None, gray.size
    # Pillow 13 goes down the columns first where the height and a size are more than twice the width, which rounds
    # otherwise.
    if width * height >= LEAST and height < 1.5 * width and max(width, height) <= LONGEST and as_expected():
        squares = _squares(np.asarray(gray), sizes)
    if squares is None:
        return [gray.resize((size, size), LANCZOS) for size in sizes]
    return [Image.fromarray(pixels) for pixels in squares]


def _squares(pixels: np.ndarray, sizes: tuple[int, ...]) -> list[np.ndarray] | None:
    """As Pillow: first along the rows, then down the columns, whole numbers in between."""
    across = _columns(pixels, sizes)
    if across is None:
        return None
    down = [_columns(np.ascontiguousarray(a.T), (size,)) for a, size in zip(across, sizes, strict=True)]
    squares = [np.ascontiguousarray(d[0].T) for d in down if d is not None]
    return squares if len(squares) == len(sizes) else None


def _columns(pixels: np.ndarray, sizes: tuple[int, ...]) -> list[np.ndarray] | None:
    """For each of `sizes` its (height, size) columns of the (height, width) pixels.

    None where too many sums would be made twice.
    """
    height, width = pixels.shape
    try:
        plan = _plan(width, sizes)
    except _UncertainError:
        return None
    across = np.empty((height, len(plan.offset)), np.uint8)
    rows = max(1, STRIP // width)
    sums = np.empty((min(rows, height), len(plan.offset)), np.float32)
    again = 0
    for top in range(0, height, rows):
        part = pixels[top : top + rows]
        floats = (part ^ np.uint8(MIDDLE)).view(np.int8).astype(np.float32)  # x - 128
        products, first = sums[: len(part)], 0
        for start, k in plan.groups:
            np.matmul(floats[:, start : start + len(k)], k, out=products[:, first : first + k.shape[1]])
            first += k.shape[1]
        whole = products.astype(np.int32)
        whole += plan.offset
        values = whole >> PRECISION
        whole += plan.edge
        whole &= (1 << PRECISION) - 1
        row, column = np.divmod(np.flatnonzero(whole <= 2 * plan.edge), whole.shape[1])
        again += len(row)
        if again > MOST_AGAIN * across.size:
            return None
        seen = as_strided(part, (*part.shape, plan.whole.shape[1]), (width, 1, 1), writeable=False)[
            row, plan.begin[column]
        ]
        exact = np.einsum("ij,ij->i", seen.astype(np.float64) - MIDDLE, plan.whole[column])  # below 2**53: no rounding
        values[row, column] = (exact.astype(np.int32) + plan.offset[column]) >> PRECISION
        if values.min() < 0 or values.max() > 255:
            np.clip(values, 0, 255, out=values)
        across[top : top + rows] = values
    grouped = across.reshape(height, GROUPS, -1)
    ends = np.cumsum([size // GROUPS for size in sizes])
    return [
        grouped[:, :, end - size // GROUPS : end].reshape(height, size) for end, size in zip(ends, sizes, strict=True)
    ]


@lru_cache(32)
def _plan(length: int, sizes: tuple[int, ...]) -> _Plan:
    firsts, weights = zip(*(_coefficients(length, size) for size in sizes), strict=True)
    longest = max(w.shape[1] for w in weights)
    # columns in order of their groups: a share of the first size, of the second, then the next group
    begin = np.concatenate([f.reshape(GROUPS, -1) for f in firsts], axis=1).ravel()
    every = np.concatenate(
        [np.pad(w, ((0, 0), (0, longest - w.shape[1]))).reshape(GROUPS, -1, longest) for w in weights], axis=1
    ).reshape(-1, longest)
    over = np.maximum(begin + longest - length, 0)  # windows that would reach beyond the row begin earlier
    for column in np.flatnonzero(over):
        every[column] = np.roll(every[column], over[column])
    begin -= over
    groups = []
    for columns in np.split(np.arange(len(begin)), GROUPS):
        start = int(begin[columns].min())
        k = np.zeros((int(begin[columns].max()) + longest - start, len(columns)), np.float32)
        for number, column in enumerate(columns):
            k[begin[column] - start : begin[column] - start + longest, number] = every[column]
        groups.append((start, k))
    # n terms added in any order, fused or not, err by at most n * 2**-24 of the sum of their sizes (Higham, Accuracy
    # and Stability of Numerical Algorithms, 3.1); the cut to whole numbers errs by 1.
    error = (np.count_nonzero(every, axis=1) + 1) * (2.0**-24 * 1.001 * MIDDLE) * np.abs(every).sum(axis=1)
    return _Plan(
        groups=tuple(groups),
        offset=(MIDDLE * every.sum(axis=1) + (1 << (PRECISION - 1))).astype(np.int32),
        edge=np.ceil(error).astype(np.int32) + 1,
        begin=begin,
        whole=every,
    )


def _coefficients(length: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Of each column the first pixel (size,) and the whole coefficients from there on (size, most), as in Resample.c.

    Raises:
        _UncertainError: a coefficient lies so near to the middle of two whole numbers that another `sin` could round it
        otherwise.
    """
    scale = length / size
    reach = 3 * scale
    centre = (np.arange(size) + 0.5) * scale
    first = np.maximum((centre - reach + 0.5).astype(np.int64), 0)
    last = np.minimum((centre + reach + 0.5).astype(np.int64), length)
    place = first[:, None] + np.arange((last - first).max())
    x = (place - centre[:, None] + 0.5) * (1.0 / scale)
    weight = np.where((x >= -3) & (x < 3) & (place < last[:, None]), np.sinc(x) * np.sinc(x / 3), 0.0)
    weight *= (1 << PRECISION) / weight.sum(axis=1, keepdims=True)
    whole = np.rint(weight)
    if (np.abs(np.abs(weight - whole) - 0.5) < 1e-7).any():
        raise _UncertainError
    return first, whole


class _UncertainError(ArithmeticError):
    pass


@lru_cache(1)
def as_expected() -> bool:
    """Whether the installed Pillow computes as this module says; where not, hashes cost more time and stay right."""
    pixels = np.random.default_rng(0).integers(0, 256, (240, 320), dtype=np.uint8)
    pixels[:, 160:] = pixels[:, 160:] // 128 * 255  # black and white overshoot and are clipped
    gray = Image.fromarray(pixels)
    squares = _squares(pixels, (32, 64))
    return squares is not None and all(
        np.array_equal(square, np.asarray(gray.resize(square.shape, LANCZOS))) for square in squares
    )
