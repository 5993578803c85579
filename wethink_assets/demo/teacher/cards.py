"""The colour card of `wethink endpoints check`: the one picture beside the pack's that the teacher can look at.

Belongs here: naming the colours of its halves. Does not belong here: any other picture.
"""

from __future__ import annotations

import io
from typing import Any

from PIL import Image

SCHEMA_NAME = "colour_card"
MAX_SIDE = 256
_COLOURS = {
    "green": (0, 160, 0),
    "yellow": (255, 230, 0),
    "red": (220, 0, 0),
    "blue": (0, 0, 220),
    "white": (255, 255, 255),
}


def read(data: bytes) -> dict[str, str]:
    """The nearest colour words of the left and the right half.

    Raises:
        ValueError: it is no small picture.
    """
    try:
        with Image.open(io.BytesIO(data)) as image:
            if max(image.size) > MAX_SIDE:
                raise ValueError("the colour card is a small picture")
            pixels = image.convert("RGB")
    except OSError as error:
        raise ValueError(f"the picture cannot be read: {error}") from None
    places = {"left": pixels.width // 4, "right": 3 * pixels.width // 4}
    return {side: _nearest(pixels.getpixel((x, pixels.height // 2))) for side, x in places.items()}


def _nearest(pixel: Any) -> str:
    """The colour of the card that is nearest to a pixel (red, green, blue)."""
    return min(_COLOURS, key=lambda name: sum((a - b) ** 2 for a, b in zip(_COLOURS[name], pixel, strict=True)))
