"""Exercises from science class: maps with a highlighted region, experiments, geometry figures.

Belongs here: regions, experiments and figures with the quantities that are asked for. Does not belong here: diagrams
without a question of their own (diagrams.py), wording items (items.py).
"""

from __future__ import annotations

from math import cos, pi, sin
from random import Random
from typing import Any

from wethink_assets.demo.pack.items import Facts, corners, thing, token
from wethink_assets.demo.pack.palette import COLOURS, INK, PAPER, Canvas, pick_colours, pick_size, polygon_box, shade
from wethink_assets.demo.pack.scene import Scene

CITIES = ("Alton", "Brava", "Corin", "Delby", "Elmar", "Fenwick", "Gorda", "Hollis", "Ivara", "Jasper")
LIQUIDS = ("water", "vinegar", "oil", "syrup")
RIGHT = ((3, 4, 5), (6, 8, 10), (5, 12, 13), (8, 15, 17), (9, 12, 15))


def plan_map(rng: Random) -> dict[str, Any]:
    w, h = size = pick_size(rng)
    colour, other = pick_colours(rng)
    cx, cy = w * rng.uniform(0.44, 0.56), h * rng.uniform(0.44, 0.56)
    n = rng.randint(6, 9)
    turns = [i * 2 * pi / n for i in range(n)]
    points = [(cx + w * rng.uniform(0.32, 0.46) * cos(a), cy + h * rng.uniform(0.32, 0.46) * sin(a)) for a in turns]
    cities = rng.sample(CITIES, rng.randint(3, 4))
    rows = rng.sample(range(4), len(cities))
    spots = [
        thing(name, (w * rng.uniform(0.16, 0.6), h * (0.16 + 0.2 * row), 10, 10))
        for name, row in zip(cities, rows, strict=True)
    ]
    north = cities[rows.index(min(rows))]
    south = cities[rows.index(max(rows))]
    scale = rng.randrange(5, 60, 5)
    f = Facts(rng)
    f.main_colour("highlighted region", colour)
    f.fib(
        "north",
        "Which city is the farthest north?",
        north,
        south,
        f"{north} is nearest to the top.",
        ("spatial", "ocr"),
    )
    f.number("count", "How many cities are on the map?", len(cities), f"I count {len(cities)} cities.", ("ocr",))
    f.fib(
        "scale",
        "How long is the scale bar?",
        f"{scale} km",
        f"{scale} m",
        f"The scale bar says {scale} km.",
        ("ocr", "math"),
        "quantity",
    )
    f.mc(
        "south",
        "Which city is the farthest south?",
        south,
        [x for x in cities if x != south],
        f"{south} is nearest to the bottom.",
        ("spatial", "ocr"),
    )
    f.colour_choice("highlighted region", colour)
    caption = f"A map with a {colour} region and the cities {', '.join(cities)}; the scale bar is {scale} km long."
    f.describe("Describe the map in one sentence.", caption, caption.replace(colour, other, 1))
    return f.plan(
        caption,
        size,
        objects=(thing("region", polygon_box(points), colour), *spots),
        tokens=tuple(token(s["name"], (s["x"] + 12, s["y"], 60, 14)) for s in spots),
        extra={"main": "highlighted region", "points": [list(p) for p in points], "scale": scale, "topic": "geography"},
    )


def paint_map(scene: Scene, c: Canvas) -> None:
    rng, p = c.rng, c.pen
    c.clutter(rng.randint(4, 8))
    for _ in range(rng.randint(3, 6)):
        road = [(rng.randint(0, c.w), rng.randint(0, c.h)) for _ in range(3)]
        p.line(road, fill=(rng.randint(60, 120),) * 3, width=3)
    rgb = COLOURS[scene.colour]
    p.polygon([tuple(q) for q in scene.extra["points"]], fill=rgb, outline=INK, width=3)
    for o in scene.objects[1:]:
        x, y = o["x"] + 5, o["y"] + 5
        p.rectangle((x - 8, y - 9, x + 62, y + 10), fill=PAPER)
        p.ellipse((x - 5, y - 5, x + 5, y + 5), fill=INK)
        c.text((x + 9, y), o["name"], 15, anchor="lm", width=50)
    left = c.w * rng.uniform(0.05, 0.5)
    p.rectangle((left - 6, c.h - 34, left + c.w * 0.34, c.h - 4), fill=PAPER)
    p.line((left, c.h - 12, left + c.w * 0.3, c.h - 12), fill=INK, width=4)
    c.text((left + c.w * 0.15, c.h - 24), f"{scene.extra['scale']} km", 15)


def plan_experiment(rng: Random) -> dict[str, Any]:
    w, h = size = pick_size(rng)
    colour, other = pick_colours(rng)
    liquid, volume, temperature = rng.choice(LIQUIDS), rng.randrange(50, 500, 50), rng.randrange(10, 96, 5)
    poles = rng.choice((("N", "S"), ("S", "N"), ("N", "N"), ("S", "S")))
    attract = poles[0] != poles[1]
    bw, bh = w * rng.uniform(0.6, 0.72), h * rng.uniform(0.6, 0.68)
    x = rng.uniform(0.04, 0.96) * (w - bw)
    beaker = thing("liquid", (x, h * rng.uniform(0.04, 0.1), bw, bh), colour, liquid)
    magnets = [thing("magnet", (w * (0.1 + 0.42 * i), h * 0.82, w * 0.34, h * 0.12)) for i in range(2)]
    verb = "attract" if attract else "repel"
    f = Facts(rng)
    f.main_colour("liquid", colour)
    f.fib(
        "volume",
        "What is the volume of the liquid?",
        f"{volume} mL",
        f"{volume} L",
        f"The beaker says {volume} mL.",
        ("ocr", "math"),
        "quantity",
    )
    f.fib(
        "temperature",
        "What is the temperature of the liquid?",
        f"{temperature} °C",
        f"{temperature + 5} °C",
        f"The label says {temperature} C.",
        ("ocr", "math"),
        "quantity",
    )
    f.yes_no("boils", "Is the liquid warmer than 50 °C?", temperature > 50, f"It has {temperature} C.", ("math", "ocr"))
    f.mc(
        "magnets",
        "Will these magnets attract or repel each other?",
        verb,
        ("attract", "repel", "do neither"),
        f"The facing poles are {'unlike' if attract else 'alike'}, so they {verb}.",
        ("knowledge", "ocr"),
    )
    f.colour_choice("liquid", colour)
    caption = (
        f"An experiment with {volume} mL of {colour} {liquid} at {temperature} °C above two magnets that {verb} "
        "each other."
    )
    f.describe("Describe the experiment.", caption, caption.replace(colour, other, 1))
    return f.plan(
        caption,
        size,
        objects=(beaker, *magnets),
        extra={
            "main": "liquid",
            "volume": volume,
            "temperature": temperature,
            "poles": list(poles),
            "liquid": liquid,
            "topic": "physics",
        },
    )


def paint_experiment(scene: Scene, c: Canvas) -> None:
    rng, p, e = c.rng, c.pen, scene.extra
    c.clutter(rng.randint(4, 8))
    beaker, *magnets = scene.objects
    x0, y0, x1, y1 = corners(beaker)
    rgb = COLOURS[beaker["colour"]]
    p.rectangle((x0 - 6, 0, x1 + 6, y1 + 6), fill=(228, 232, 236), outline=INK, width=3)
    p.rectangle((x0, y0, x1, y1), fill=rgb)
    for i in range(5):
        y = y0 + (y1 - y0) * (i + 1) / 6
        p.line((x0, y, x0 + (x1 - x0) * 0.1, y), fill=INK, width=2)
    at = rng.uniform(0.3, 0.7)
    lx, ly = (x0 + x1) / 2, y0 + (y1 - y0) * at
    p.rectangle((lx - c.w * 0.2, ly - 13, lx + c.w * 0.2, ly + 13), fill=PAPER)
    c.text((lx, ly), f"{e['volume']} mL  {e['temperature']} °C", 20, width=c.w * 0.37)
    first, second = e["poles"]
    # Each magnet shows both poles; the facing ones are `poles`.
    far = {"N": "S", "S": "N"}
    for magnet, letters in zip(magnets, (far[first] + first, second + far[second]), strict=True):
        mx0, my0, mx1, my1 = corners(magnet)
        p.rectangle((mx0, my0, mx1, my1), fill=(rng.randint(150, 225),) * 3, outline=INK, width=2)
        c.text((mx0 + 14, (my0 + my1) / 2), letters[0], 20)
        c.text((mx1 - 14, (my0 + my1) / 2), letters[1], 20)


def plan_geometry(rng: Random) -> dict[str, Any]:
    w, h = size = pick_size(rng)
    colour, other = pick_colours(rng)
    shape = rng.choice(("triangle", "rectangle", "circle"))
    grow = 0.84 if shape == "triangle" else 0.7
    bw, bh = w * rng.uniform(grow - 0.05, grow + 0.03), h * rng.uniform(grow - 0.06, grow)
    x, y = w * 0.06 + rng.random() * (w * 0.92 - bw), h * 0.07 + rng.random() * (h * 0.84 - bh)
    main = thing(shape, (x, y, bw, bh), colour)
    f = Facts(rng)
    f.main_colour(shape, colour)
    if shape == "triangle":
        a, b, hyp = rng.choice(RIGHT)
        sides, labels = 3, [a, b]
        f.fib(
            "length",
            "How long is the longest side?",
            f"{hyp} cm",
            f"{hyp} m",
            f"The longest side of {a} and {b} is {hyp} cm.",
            ("math",),
            "quantity",
        )
        f.fib(
            "area",
            "What is the area of the triangle?",
            f"{a * b // 2} cm^2",
            f"{a * b} cm^2",
            f"Half of {a} times {b} is {a * b // 2}.",
            ("math",),
            "quantity",
        )
    elif shape == "rectangle":
        a, b = rng.sample(range(3, 15), 2)
        sides, labels = 4, [a, b]
        f.fib(
            "length",
            "What is the perimeter of the rectangle?",
            f"{2 * (a + b)} cm",
            f"{a + b} cm",
            f"Twice {a} plus {b} is {2 * (a + b)}.",
            ("math",),
            "quantity",
        )
        f.fib(
            "area",
            "What is the area of the rectangle?",
            f"{a * b} cm^2",
            f"{a * b + a} cm^2",
            f"{a} times {b} is {a * b}.",
            ("math",),
            "quantity",
        )
    else:
        a = rng.randint(3, 12)
        sides, labels = 0, [a]
        f.fib(
            "length",
            "What is the diameter of the circle?",
            f"{2 * a} cm",
            f"{a} cm",
            f"Twice the radius {a} is {2 * a}.",
            ("math",),
            "quantity",
        )
        f.fib(
            "area",
            "What is the area of the circle in terms of π?",
            f"{a * a}π",
            f"{2 * a}π",
            f"{a} squared times π is {a * a}π.",
            ("math", "knowledge"),
            "expression",
        )
    f.number(
        "sides",
        "How many straight sides does the figure have?",
        sides,
        f"A {shape} has {sides} straight sides.",
        ("recognition", "math"),
    )
    f.mc(
        "shape",
        "Which figure is shown?",
        shape,
        ("triangle", "rectangle", "circle", "pentagon"),
        f"The figure is a {shape}.",
        ("recognition", "spatial"),
    )
    f.colour_choice(shape, colour)
    caption = f"A {colour} {shape} with the length{'s' * (len(labels) > 1)} {' cm and '.join(map(str, labels))} cm."
    f.describe("Describe the figure and its measures.", caption, caption.replace(colour, other, 1))
    words = tuple(token(f"{v} cm", (main["x"], main["y"], 40, 16)) for v in labels)
    return f.plan(
        caption,
        size,
        objects=(main,),
        tokens=words,
        extra={"main": shape, "labels": labels, "flip": rng.random() < 0.5},
    )


def paint_geometry(scene: Scene, c: Canvas) -> None:
    rng, p, e = c.rng, c.pen, scene.extra
    c.clutter(rng.randint(2, 6))
    main = scene.objects[0]
    x0, y0, x1, y1 = corners(main)
    rgb = COLOURS[main["colour"]]
    labels = [f"{v} cm" for v in e["labels"]]
    if main["name"] == "circle":
        p.ellipse((x0, y0, x1, y1), fill=rgb, outline=INK, width=3)
        p.line(((x0 + x1) / 2, (y0 + y1) / 2, x1, (y0 + y1) / 2), fill=INK, width=3)
        marks = [((x0 + x1 * 3) / 4, (y0 + y1) / 2 - 14)]
    else:
        if main["name"] == "triangle":
            corner = (x1, y1) if e["flip"] else (x0, y1)
            p.polygon([(x0, y1), (x1, y1), (corner[0], y0)], fill=rgb, outline=INK, width=3)
            s = -14 if e["flip"] else 14
            p.line([(corner[0] + s, y1), (corner[0] + s, y1 - 14), (corner[0], y1 - 14)], fill=INK, width=2)
        else:
            p.rectangle((x0, y0, x1, y1), fill=rgb, outline=INK, width=3)
        left = x1 - 30 if e["flip"] else x0 + 30
        marks = [((x0 + x1) / 2, y1 - 14), (left, (y0 + y1) / 2 + 10)]
    for (x, y), words in zip(marks, labels, strict=True):
        p.rectangle((x - 27, y - 10, x + 27, y + 10), fill=PAPER)
        c.text((x, y), words, 17, width=50)
    for _ in range(rng.randint(0, 3)):
        y = rng.randint(0, c.h)
        p.line((0, y, c.w, y + rng.randint(-30, 30)), fill=shade(PAPER, 0.8), width=1)
