"""Image encoding: the bytes of pictures by format, and the ways in which a planted file differs from its original.

Belongs here: bytes. Does not belong here: which file is a planted one (planted.py).
"""

from __future__ import annotations

import io

from PIL import Image, ImageDraw

from wethink_assets.demo.pack.benchmarks.figures import SETS, figure_scene
from wethink_assets.demo.pack.palette import COLOURS, INK, PAPER, font
from wethink_assets.demo.pack.plan import PNG_SOURCES, RESIZED, Plan
from wethink_assets.demo.pack.render import draw

QUALITY = 85


def encode(image: Image.Image, png: bool, quality: int = QUALITY) -> bytes:
    out = io.BytesIO()
    if png:
        image.save(out, "PNG", compress_level=2)
    else:
        image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def figure_bytes(seed: int, name: str, position: int) -> bytes:
    """The file of a figure, by its place in its set."""
    return encode(draw(figure_scene(seed, name, position)), SETS[name].png)


def picture_bytes(plan: Plan, source: str, position: int) -> bytes:
    """The file at a place of the pack, plants included."""
    plant = plan.plants.at.get((source, position))
    if plant is None:
        return _own(plan, source, position)
    match plant.kind, plant.how:
        case "exact_duplicate", _:
            return _own(plan, plant.of_source, plant.of_position)
        case "benchmark_image", how:
            data = figure_bytes(plan.seed, plant.of_source, plant.of_position)
            return data if how == "identical" else again(data, "reencoded", source in PNG_SOURCES)
        case "unreadable", "truncated":
            data = _own(plan, source, position)
            return data[: len(data) * 2 // 5]
        case "unreadable", "text":
            return b"<html><body>404 Not Found</body></html>\n"
        case "unreadable", _:
            return b""
        case "look_alike", how:
            image = draw(plan.own_scene(plant.of_source, plant.of_position))
            return encode(altered(image, how, position), source in PNG_SOURCES)
        case _, how:
            return again(_own(plan, plant.of_source, plant.of_position), how, source in PNG_SOURCES)


def _own(plan: Plan, source: str, position: int) -> bytes:
    image = draw(plan.own_scene(source, position))
    return encode(image.convert("RGBA") if source == "CLEVR_v1.0" else image, source in PNG_SOURCES)


def again(data: bytes, how: str, png: bool) -> bytes:
    """The same picture once more: `reencoded`, `resized` or `cropped` by 2 %."""
    image = Image.open(io.BytesIO(data)).convert("RGB")
    w, h = image.size
    if how == "resized":
        image = image.resize((round(w * RESIZED), round(h * RESIZED)), Image.Resampling.LANCZOS)
    elif how == "cropped":
        image = image.crop((round(w * 0.01), round(h * 0.01), w - round(w * 0.01), h - round(h * 0.01)))
    return encode(image, png, 60 if how == "reencoded" else QUALITY)


def altered(image: Image.Image, how: str, number: int) -> Image.Image:
    """Another picture of the same template: a `number`, a `mark` or a `colour` in its corner is not the same."""
    image = image.copy()
    pen = ImageDraw.Draw(image)
    w, h = image.size
    x, y = w - 60, h - 26
    if how == "number":
        pen.rectangle((x, y, w - 6, h - 6), fill=PAPER)
        pen.text((x + 27, y + 10), str(1000 + number % 9000), font=font(14), fill=INK, anchor="mm")
    elif how == "mark":
        pen.line((x + 36, y, x + 52, y + 16), fill=COLOURS["red"], width=3)
        pen.line((x + 36, y + 16, x + 52, y), fill=COLOURS["red"], width=3)
    else:
        pen.rectangle((x + 20, y, w - 6, h - 6), fill=list(COLOURS.values())[number % len(COLOURS)])
    return image
