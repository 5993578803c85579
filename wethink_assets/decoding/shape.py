"""Shapes of pictures that vision-language models take (aspect ratio): which are set aside, and why, and their size.

Belongs here: the limits of Qwen2-VL's image processor with their message, for the pool and training, and the size that
it gives a picture (smart resize). Pure. Does not belong here: resizing, which processes of training do.
"""

from __future__ import annotations

import math

MIN_SIDE = 14  # pixels [D]: half a patch pair of Qwen2.5-VL; smaller files are spacers and icons
MAX_ASPECT = 200.0  # its image processor refuses longer ones


def unfit(width: int, height: int) -> tuple[str, str] | None:
    """A reason code and a sentence where a picture of this size is none to ask about; None where it is."""
    if min(width, height) < MIN_SIDE:
        return "too_small", f"{width}x{height} pixels; {MIN_SIDE} a side is the least"
    return refused(width, height)


def refused(width: int, height: int) -> tuple[str, str] | None:
    """A reason code and a sentence where the processor takes no picture of this size. Small ones it makes larger."""
    short, long = sorted((width, height))
    if long > MAX_ASPECT * short:
        return "extreme_shape", f"{width}x{height} pixels; models take at most {MAX_ASPECT:g}:1"
    return None


def fitted(width: int, height: int, factor: int, low: int, high: int) -> tuple[int, int]:
    """Width and height in whole patches of `factor` pixels, with between `low` and `high` pixels: the processor's rule.

    Two things differ, since the processor looks at what was fitted once more: rounding may not make a picture longer
    than it takes, and a shape that it refuses is squeezed instead.
    """
    w, h = round(width / factor) * factor, round(height / factor) * factor
    if w * h > high:
        beta = math.sqrt(width * height / high)
        w, h = (max(factor, math.floor(side / beta / factor) * factor) for side in (width, height))
    elif w * h < low:
        beta = math.sqrt(low / (width * height))
        w, h = (math.ceil(side * beta / factor) * factor for side in (width, height))
    longest = int(MAX_ASPECT) * max(factor, min(w, h))
    return min(max(w, factor), longest), min(max(h, factor), longest)
