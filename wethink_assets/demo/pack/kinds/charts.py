"""Charts with a table behind them: bars, a line with its area filled, and a pie.

Belongs here: tables, their facts and their three plots. Does not belong here: the table as a file of a source
(native/reading.py), wording items (items.py).
"""

from __future__ import annotations

from random import Random
from typing import Any

from wethink_assets.demo.pack.items import Facts, thing
from wethink_assets.demo.pack.palette import COLOURS, INK, PAPER, Canvas, pick_colours, pick_size
from wethink_assets.demo.pack.scene import Scene

PLACES = ("Chile", "Ghana", "India", "Japan", "Kenya", "Norway", "Peru", "Spain", "Egypt", "Nepal")
MEASURES = ("Exports", "Rainfall", "Visitors", "Output", "Sales", "Growth")
FRUITS = ("Apples", "Pears", "Plums", "Grapes", "Melons", "Cherries", "Lemons")
GREYS = ((200, 202, 206), (150, 152, 156), (100, 104, 110), (226, 226, 222))


def _plan(
    rng: Random,
    shape: str,
    part: str,
    labels: list[str],
    values: list[int],
    colour: str,
    other: str,
    measure: str,
    **extra: Any,
) -> dict[str, Any]:
    """The questions that all charts share. `part` is the coloured part."""
    size = pick_size(rng)
    top, low = max(values), min(values)
    best, worst = labels[values.index(top)], labels[values.index(low)]
    asked = rng.randrange(len(labels))
    f = Facts(rng)
    plural = part == "bars"
    f.main_colour(part, colour, plural)
    f.number(
        "value",
        f"What is the value of {labels[asked]}?",
        values[asked],
        f"{labels[asked]} is at {values[asked]}.",
        ("ocr", "math"),
    )
    if rng.random() < 0.5:
        f.number(
            "difference",
            f"What is the difference between {best} and {worst}?",
            top - low,
            f"{top} minus {low} is {top - low}.",
            ("ocr", "math"),
        )
    else:
        limit = sorted(values)[-2] - 1
        over = [name for name, v in zip(labels, values, strict=True) if v > limit]
        f.fib(
            "over",
            f"Which categories are above {limit}?",
            ", ".join(over),
            ", ".join([over[0], worst]),
            f"{' and '.join(over)} are above {limit}.",
            ("ocr", "math"),
            "list",
        )
    f.fib(
        "measure",
        "What does the chart show?",
        measure,
        rng.choice([m for m in MEASURES if m != measure]),
        f"The title says {measure}.",
        ("ocr",),
        "ocr",
    )
    f.mc(
        "highest",
        "Which category has the highest value?",
        best,
        [x for x in labels if x != best],
        f"The highest value, {top}, is {best}.",
        ("math", "ocr"),
    )
    f.colour_choice(part, colour, plural)
    caption = f"A {shape} of {measure} with {colour} {part}; {best} is the highest with {top}, {worst} the lowest."
    f.describe("Describe the chart in one sentence.", caption, caption.replace(colour, other, 1))
    table = (("Entity", measure), *((n, str(v)) for n, v in zip(labels, values, strict=True)))
    left, top_edge = rng.uniform(0.03, 0.12), rng.uniform(0.11, 0.15)
    box = (size[0] * left, size[1] * top_edge, size[0] * (0.96 - left), size[1] * (0.88 - top_edge))
    return f.plan(
        caption,
        size,
        objects=(thing(part, box, colour),),
        table=table,
        extra={"main": part, "measure": measure, "box": list(box), "plural": plural, **extra},
    )


def _different(rng: Random, n: int, low: int, high: int) -> list[int]:
    return rng.sample(range(low, high), n)


def plan_bars(rng: Random) -> dict[str, Any]:
    n = rng.randint(3, 5)
    colour, other = pick_colours(rng)
    return _plan(
        rng,
        "bar chart",
        "bars",
        rng.sample(PLACES, n),
        _different(rng, n, 42, 99),
        colour,
        other,
        rng.choice(MEASURES),
        flat=rng.random() < 0.4,
    )


def plan_line(rng: Random) -> dict[str, Any]:
    n, start = rng.randint(4, 6), rng.randint(1990, 2012)
    colour, other = pick_colours(rng)
    years = [str(start + i * 2) for i in range(n)]
    return _plan(rng, "line chart", "area", years, _different(rng, n, 36, 99), colour, other, rng.choice(MEASURES))


def plan_pie(rng: Random) -> dict[str, Any]:
    n = rng.randint(3, 4)
    colour, other = pick_colours(rng)
    labels = rng.sample(FRUITS, n)
    first = rng.randint(56, 70)
    left = 100 - first
    if n == 3:
        cut = rng.randint(5, left // 2 - 1)
        rest = [cut, left - cut]
    else:
        a = rng.randint(4, left // 4)
        rest = [a, a + rng.randint(1, 3), 0]
        rest[2] = left - rest[0] - rest[1]
    rng.shuffle(rest)
    return _plan(
        rng,
        "pie chart",
        "largest slice",
        labels,
        [first, *rest],
        colour,
        other,
        rng.choice(MEASURES),
        start=rng.randint(0, 359),
    )


def _frame(scene: Scene, c: Canvas) -> tuple[float, float, float, float]:
    c.clutter(c.rng.randint(2, 4))
    x, y, w, h = scene.extra["box"]
    grey = c.rng.randint(170, 252)
    c.pen.rectangle((x * c.rng.uniform(0, 0.8), y * 0.4, c.w - 4, c.h - c.rng.randint(2, 10)), fill=(grey, grey, grey))
    for _ in range(c.rng.randint(1, 4)):  # bands of the plot area, of another grey
        band, tone = c.rng.uniform(0, c.w * 0.9), c.rng.randint(120, 250)
        c.pen.rectangle((band, y, band + c.w * c.rng.uniform(0.05, 0.4), y + h), fill=(tone, tone, tone))
    c.text((c.w * c.rng.uniform(0.35, 0.65), c.h * 0.07), scene.extra["measure"], 24, fill=INK)
    return x, y, w, h


def _rows(scene: Scene) -> list[tuple[str, int]]:
    assert scene.table is not None
    return [(name, int(value)) for name, value in scene.table[1:]]


def paint_bars(scene: Scene, c: Canvas) -> None:
    x, y, w, h = _frame(scene, c)
    rows, rgb = _rows(scene), COLOURS[scene.colour]
    p = c.pen
    if scene.extra["flat"]:
        step = h / len(rows)
        for i, (name, value) in enumerate(rows):
            top = y + i * step + step * 0.08
            p.rectangle((x, top, x + w * value / 100, top + step * 0.84), fill=rgb, outline=INK)
            c.text((x + 4, top + step * 0.42), f"{name} {value}", 16, fill=INK, anchor="lm")
        return
    step = w / len(rows)
    for i, (name, value) in enumerate(rows):
        left = x + i * step + step * 0.07
        p.rectangle((left, y + h - h * value / 100, left + step * 0.86, y + h), fill=rgb, outline=INK)
        c.text((left + step * 0.43, y + h - h * value / 100 - 9), str(value), 15)
        c.text((left + step * 0.43, y + h + c.h * 0.05), name, 16, width=step * 0.95)


def paint_line(scene: Scene, c: Canvas) -> None:
    x, y, w, h = _frame(scene, c)
    rows, rgb = _rows(scene), COLOURS[scene.colour]
    step = w / (len(rows) - 1)
    points = [(x + i * step, y + h - h * v / 100) for i, (_, v) in enumerate(rows)]
    c.pen.polygon([(x, y + h), *points, (x + w, y + h)], fill=rgb)
    c.pen.line(points, fill=INK, width=3)
    for (px, py), (name, value) in zip(points, rows, strict=True):
        c.pen.ellipse((px - 4, py - 4, px + 4, py + 4), fill=PAPER, outline=INK)
        c.text((min(max(px, 14), c.w - 14), py - 11), str(value), 14)
        c.text((min(max(px, 20), c.w - 20), y + h + c.h * 0.05), name, 14, width=step)


def paint_pie(scene: Scene, c: Canvas) -> None:
    x, y, w, h = _frame(scene, c)
    rows = _rows(scene)
    p, angle = c.pen, float(scene.extra["start"])
    tones = [COLOURS[scene.colour], *c.rng.sample(GREYS, len(rows) - 1)]
    ry = h * 0.84
    for (_, value), tone in zip(rows, tones, strict=True):
        p.pieslice((x, y, x + w, y + ry), angle, angle + value * 3.6, fill=tone, outline=INK, width=2)
        angle += value * 3.6
    step = c.w / len(rows)
    for i, ((name, value), tone) in enumerate(zip(rows, tones, strict=True)):
        at = (i * step + 12, c.h * 0.9)
        p.rectangle((at[0] - 8, at[1] - 8, at[0] + 8, at[1] + 8), fill=tone, outline=INK)
        c.text((at[0] + 12, at[1]), f"{name} {value}", 14, anchor="lm", width=step - 28)
