"""Drawing kit: colours, fonts and the canvas that every kind of scene is painted on.

Belongs here: anything shared by two kinds and independent of what a scene means. Does not belong here: a kind (kinds/).

Backgrounds carry strong random
low frequencies on purpose: they keep the perceptual hashes of different scenes apart.
"""

from __future__ import annotations

from functools import lru_cache
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFont

# Eight colours that stay apart at 56x56 pixels and after JPEG. The first item of every scene asks for one of them.
COLOURS: dict[str, tuple[int, int, int]] = {
    "red": (214, 32, 36),
    "blue": (32, 76, 214),
    "green": (28, 150, 60),
    "yellow": (246, 218, 40),
    "purple": (128, 44, 170),
    "orange": (246, 130, 20),
    "pink": (250, 140, 196),
    "brown": (116, 68, 34),
}
# Muted, so that no background competes with the main colour.
NEUTRALS = ((206, 206, 202), (176, 182, 188), (150, 152, 150), (222, 220, 210), (190, 186, 176), (128, 132, 138))
INK = (24, 24, 28)
PAPER = (244, 243, 238)

_GRAIN = Image.frombytes("L", (512, 512), Random(20).randbytes(512 * 512)).point([112 + v // 8 for v in range(256)])


@lru_cache(maxsize=64)
def font(size: int) -> ImageFont.FreeTypeFont:
    """Pillow's own scalable font: no system font decides what the pack looks like."""
    scalable = ImageFont.load_default(size)
    assert isinstance(scalable, ImageFont.FreeTypeFont)  # what Pillow gives for a size
    return scalable


def pick_colours(rng: Random, n: int = 2) -> list[str]:
    return rng.sample(list(COLOURS), n)


def pick_size(rng: Random, low: int = 272, high: int = 448) -> tuple[int, int]:
    """Pixel size of a picture, multiples of 4; aspect ratio at most about 1.6."""
    return rng.randrange(low, high, 4), rng.randrange(low, high, 4)


def shade(rgb: tuple[int, int, int], factor: float) -> tuple[int, int, int]:
    r, g, b = (max(0, min(255, round(v * factor))) for v in rgb)
    return r, g, b


def field(rng: Random, size: tuple[int, int], cells: tuple[int, int], low: int, high: int) -> Image.Image:
    """A smooth random grey field with values in [low, high]: `cells` sets its lowest frequencies."""
    seed = Image.frombytes("L", cells, rng.randbytes(cells[0] * cells[1]))
    return seed.point([low + (high - low) * v // 255 for v in range(256)]).resize(size, Image.Resampling.BICUBIC)


class Canvas:
    """One picture being painted: image, pen, size and the scene's own stream of random numbers."""

    def __init__(self, size: tuple[int, int], rng: Random) -> None:
        self.size, self.rng = size, rng
        self.w, self.h = size
        self.image = self._backdrop(rng.choice(NEUTRALS))
        self.pen = ImageDraw.Draw(self.image)

    def _backdrop(self, base: tuple[int, int, int]) -> Image.Image:
        light = field(self.rng, self.size, (self.rng.randint(4, 8), self.rng.randint(4, 8)), 58, 198)
        flat = Image.new("RGB", self.size, base)
        return ImageChops.add(flat, Image.merge("RGB", (light, light, light)), 1, -128)

    def clutter(self, n: int = 6) -> None:
        """Grey shapes at random places: they differ between any two scenes of one layout."""
        for _ in range(n):
            w, h = self.rng.randint(self.w // 8, self.w // 2), self.rng.randint(self.h // 8, self.h // 2)
            x, y = self.rng.randint(-w // 3, self.w - w // 2), self.rng.randint(-h // 3, self.h - h // 2)
            grey = self.rng.randint(40, 235)
            shape = self.rng.choice((self.pen.ellipse, self.pen.rectangle))
            shape((x, y, x + w, y + h), fill=(grey, grey, min(255, grey + 6)))

    def text(
        self,
        xy: tuple[float, float],
        words: str,
        size: int,
        fill: tuple[int, int, int] = INK,
        anchor: str = "mm",
        width: float | None = None,
    ) -> tuple[int, int, int, int]:
        """Write one line, shrunk until it fits `width`; returns its pixel box x, y, w, h."""
        if width is not None:
            size = max(9, min(size, int(size * width / max(1.0, font(size).getlength(words)))))
        x0, y0, x1, y1 = self.pen.textbbox(xy, words, font=font(size), anchor=anchor)
        self.pen.text(xy, words, font=font(size), fill=fill, anchor=anchor)
        return int(x0), int(y0), int(x1 - x0), int(y1 - y0)

    def finish(self, grainy: bool = True) -> Image.Image:
        """Uneven light over everything, and film grain where a camera took the picture."""
        light = field(self.rng, self.size, (self.rng.randint(3, 6), self.rng.randint(3, 6)), 98, 150)
        if grainy:
            grain = ImageChops.offset(_GRAIN, self.rng.randint(0, 511), self.rng.randint(0, 511))
            light = ImageChops.add(light, grain.crop((0, 0, self.w, self.h)), 1, -128)
        return ImageChops.add(self.image, Image.merge("RGB", (light, light, light)), 1, -128)


def polygon_box(points: list[tuple[float, float]]) -> tuple[int, int, int, int]:
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return int(min(xs)), int(min(ys)), int(max(xs) - min(xs)), int(max(ys) - min(ys))
