"""Grey of more than eight bits (bit depth, dynamic range): which values of a picture are black and white.

Belongs here: the levels of 16-bit, 32-bit and float grey, from what the file declares, and their way to eight bits.
Pure. Does not belong here: opening files, any other mode (decode.py).

Declared levels win: TIFF's MinSampleValue and MaxSampleValue, then its BitsPerSample (a 12-bit sample ends at 4095,
whatever the container). Whole numbers of 16 bits without them reach to 65535: a PNG, JPEG 2000 and PGM are scaled to
that by their readers. Only 32-bit integers and floats, which declare no white, are stretched over their own range.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

BITS, PHOTOMETRIC, SAMPLE_FORMAT = 258, 262, 339
MIN_VALUE, MAX_VALUE = (280, 340), (281, 341)  # of unsigned samples, and of any format
WHITE_IS_ZERO = 0
UNSIGNED = 1
FULL = 65_535


@dataclass(frozen=True)
class Levels:
    """The values that are black and white; `clear` is the one that is see-through."""

    black: float
    white: float
    clear: float | None = None


def is_deep(mode: str) -> bool:
    return mode in ("I", "F") or mode.startswith("I;16")


def levels_of(image: Image.Image, parts: Iterable[Image.Image]) -> Levels:
    """Levels of a picture; its `parts` are only looked at where it declares none."""
    clear = image.info.get("transparency")
    clear = float(clear) if isinstance(clear, int) else None
    tags: Any = getattr(image, "tag_v2", {})
    low, high = _declared(tags, MIN_VALUE), _declared(tags, MAX_VALUE)
    unsigned = (_first(tags.get(SAMPLE_FORMAT)) or UNSIGNED) == UNSIGNED
    bits = _first(tags.get(BITS))
    if high is None and unsigned and bits and 8 < bits <= 16:
        high = 2.0**bits - 1
    if high is None and not tags and image.mode != "F":
        high = float(FULL)
    if high is None:
        ranges = [(float(values.min()), float(values.max())) for values in map(_values, parts)]
        own_low, high = min(r[0] for r in ranges), max(r[1] for r in ranges)
        low = own_low if low is None else low
    low = low or 0.0
    if _first(tags.get(PHOTOMETRIC)) == WHITE_IS_ZERO:  # which Pillow minds for eight bits only
        low, high = high, low
    return Levels(low, high, clear)


def to_grey(part: Image.Image, levels: Levels) -> Image.Image:
    """A part of a picture as eight bits: the upper byte of a full 16-bit range, rounded down like it elsewhere."""
    values = _values(part)
    span = levels.white - levels.black
    scale = 256.0 / (span + np.sign(span)) if abs(span) > 255 else 255.0 / span if span else 0.0
    grey = np.clip((values - levels.black) * scale, 0, 255).astype(np.uint8)
    if levels.clear is not None:
        grey[values == levels.clear] = 255
    return Image.fromarray(grey)


def _values(part: Image.Image) -> Any:
    """Pixels as finite floats."""
    return np.nan_to_num(np.asarray(part).astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)


def _declared(tags: Any, which: tuple[int, ...]) -> float | None:
    return next((value for tag in which if (value := _first(tags.get(tag))) is not None), None)


def _first(value: Any) -> float | None:
    """The number of a tag, which readers give alone or as a tuple, and hostile files as anything."""
    alone: Any = next(iter(value), None) if isinstance(value, tuple) else value
    try:
        number = float(alone)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return number if np.isfinite(number) else None
