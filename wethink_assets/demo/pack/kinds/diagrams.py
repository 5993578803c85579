"""School-book diagrams: food webs over a coloured ground, and one large organism with lettered parts.

Belongs here: who eats whom, which part is where, and how both are drawn. Does not belong here: exercises from class
(science.py), wording items (items.py).
"""

from __future__ import annotations

from itertools import pairwise
from math import cos, pi, sin
from random import Random
from typing import Any

from wethink_assets.demo.pack.items import Facts, corners, thing, token
from wethink_assets.demo.pack.palette import COLOURS, INK, PAPER, Canvas, pick_colours, pick_size, shade
from wethink_assets.demo.pack.scene import Scene

CHAINS = (
    ("grass", "rabbit", "fox", "eagle"),
    ("algae", "shrimp", "fish", "seal"),
    ("leaf", "beetle", "frog", "snake"),
    ("corn", "mouse", "owl", "lynx"),
    ("plankton", "krill", "squid", "whale"),
    ("clover", "snail", "duck", "hawk"),
)
GROUNDS = ("pond", "meadow", "island")
PARTS = {
    "flower": ("petal", "stem", "root", "center"),
    "leaf": ("blade", "vein", "stalk", "tip"),
    "fish": ("eye", "fin", "tail", "gill"),
    "cell": ("nucleus", "wall", "vacuole", "membrane"),
    "mushroom": ("cap", "stalk", "ring", "spores"),
    "insect": ("head", "leg", "wing", "antenna"),
}


def plan_web(rng: Random) -> dict[str, Any]:
    w, h = size = pick_size(rng)
    chain = list(rng.choice(CHAINS))[: rng.randint(3, 4)]
    ground = rng.choice(GROUNDS)
    colour, other = pick_colours(rng)
    bw, bh = w * rng.uniform(0.8, 0.94), h * rng.uniform(0.76, 0.9)
    main = thing(ground, (rng.random() * (w - bw), rng.random() * (h - bh), bw, bh), colour)
    turn, n = rng.random() * 2 * pi, len(chain)
    boxes = []
    for i, name in enumerate(chain):
        a = turn + i * 2 * pi / n
        x, y = w * (0.5 + 0.34 * cos(a)), h * (0.5 + 0.36 * sin(a))
        boxes.append(thing(name, (x - w * 0.11, y - h * 0.05, w * 0.22, h * 0.1)))
    eater = rng.randrange(1, n)
    f = Facts(rng)
    f.main_colour(ground, colour)
    f.fib(
        "eats",
        f"What does the {chain[eater]} eat?",
        chain[eater - 1],
        chain[(eater + 1) % n],
        f"An arrow leads from {chain[eater - 1]} to {chain[eater]}.",
        ("ocr", "knowledge"),
    )
    f.number("count", "How many living things are in the food web?", n, f"I count {n} names.", ("ocr",))
    f.fib(
        "order",
        "List the food chain from the producer to the top.",
        ", ".join(chain),
        ", ".join(reversed(chain)),
        f"The arrows go {' to '.join(chain)}.",
        ("ocr", "knowledge"),
        "list",
    )
    f.mc(
        "producer",
        "Which one is the producer?",
        chain[0],
        chain[1:],
        f"No arrow leads to {chain[0]}.",
        ("knowledge", "ocr"),
    )
    f.colour_choice(ground, colour)
    caption = f"A food web over a {colour} {ground}: {', '.join(chain)}, each eaten by the next."
    f.describe("Describe the diagram in one sentence.", caption, caption.replace(colour, other, 1))
    relations = tuple({"subject": i + 1, "predicate": "eaten by", "object": i + 2} for i in range(n - 1))
    return f.plan(
        caption,
        size,
        objects=(main, *boxes),
        relations=relations,
        tokens=tuple(token(o["name"], (o["x"], o["y"], o["w"], o["h"])) for o in boxes),
        extra={"main": ground, "chain": chain},
    )


def paint_web(scene: Scene, c: Canvas) -> None:
    c.clutter(c.rng.randint(3, 7))
    main, *boxes = scene.objects
    shape = c.pen.ellipse if main["name"] != "meadow" else c.pen.rectangle
    shape(corners(main), fill=COLOURS[main["colour"]])
    middle = [(o["x"] + o["w"] / 2, o["y"] + o["h"] / 2) for o in boxes]
    for a, b in pairwise(middle):
        c.pen.line((*a, *b), fill=INK, width=3)
        hx, hy = a[0] + (b[0] - a[0]) * 0.62, a[1] + (b[1] - a[1]) * 0.62
        dx, dy = (b[0] - a[0]) * 0.07, (b[1] - a[1]) * 0.07
        c.pen.polygon([(hx + dx, hy + dy), (hx - dy * 0.7, hy + dx * 0.7), (hx + dy * 0.7, hy - dx * 0.7)], fill=INK)
    for o in boxes:
        grey = c.rng.randint(200, 252)
        c.pen.rectangle(corners(o), fill=(grey, grey, grey), outline=INK, width=2)
        c.text((o["x"] + o["w"] / 2, o["y"] + o["h"] / 2), o["name"], 20, width=o["w"] * 0.9)


def plan_parts(rng: Random) -> dict[str, Any]:
    w, h = size = pick_size(rng)
    what = rng.choice(list(PARTS))
    names = rng.sample(PARTS[what], rng.randint(3, 4))
    colour, other = pick_colours(rng)
    bw, bh = w * rng.uniform(0.7, 0.84), h * rng.uniform(0.68, 0.8)
    main = thing(what, (rng.random() * (w - bw), rng.random() * (h - bh), bw, bh), colour)
    letters = rng.sample("ABCDEFGH", len(names))
    spots: list[dict[str, Any]] = []
    for i, (letter, name) in enumerate(zip(letters, names, strict=True)):
        x, y = main["x"] + bw * (0.12 + 0.22 * i), main["y"] + bh * rng.uniform(0.15, 0.75)
        spots.append({**thing(name, (x, y, 26, 26)), "label": letter})
    asked = rng.randrange(len(names))
    f = Facts(rng)
    f.main_colour(what, colour)
    f.fib(
        "label",
        f"Which letter marks the {names[asked]}?",
        letters[asked],
        letters[asked - 1],
        f"The {names[asked]} carries the letter {letters[asked]}.",
        ("ocr", "knowledge"),
        "ocr",
    )
    f.number("count", "How many parts are labelled?", len(names), f"I count {len(names)} letters.", ("ocr",))
    f.yes_no(
        "has", f"Does a {what} have a {names[0]}?", True, f"The {names[0]} is labelled {letters[0]}.", ("knowledge",)
    )
    f.mc(
        "part",
        f"What does the letter {letters[asked]} mark?",
        names[asked],
        [n for n in PARTS[what] if n != names[asked]],
        f"The letter {letters[asked]} marks the {names[asked]}.",
        ("ocr", "knowledge"),
    )
    f.colour_choice(what, colour)
    key = ", ".join(f"{letter} {name}" for letter, name in zip(letters, names, strict=True))
    caption = f"A diagram of a {colour} {what} with {len(names)} labelled parts: {key}."
    f.describe("Describe the diagram and its labels.", caption, caption.replace(colour, other, 1))
    return f.plan(
        caption,
        size,
        objects=(main, *spots),
        tokens=tuple(token(s["label"], (s["x"], s["y"], 26, 26)) for s in spots),
        extra={"main": what, "key": key},
    )


def paint_parts(scene: Scene, c: Canvas) -> None:
    rng, p = c.rng, c.pen
    c.clutter(rng.randint(3, 7))
    main, *spots = scene.objects
    x0, y0, x1, y1 = corners(main)
    w, h, rgb = x1 - x0, y1 - y0, COLOURS[main["colour"]]
    dark = shade(rgb, 0.7)
    match main["name"]:
        case "flower":
            p.line((x0 + w / 2, y0 + h / 2, x0 + w / 2, c.h), fill=(70, 90, 70), width=10)
            for i in range(6):
                a = i * pi / 3
                cx, cy = x0 + w * (0.5 + 0.28 * cos(a)), y0 + h * (0.5 + 0.28 * sin(a))
                p.ellipse((cx - w * 0.22, cy - h * 0.22, cx + w * 0.22, cy + h * 0.22), fill=rgb, outline=dark)
        case "fish":
            p.ellipse((x0, y0 + h * 0.1, x1 - w * 0.14, y1 - h * 0.1), fill=rgb, outline=dark, width=3)
            p.polygon([(x1 - w * 0.24, y0 + h * 0.5), (x1, y0 + h * 0.1), (x1, y1 - h * 0.1)], fill=rgb)
        case "mushroom":
            p.rectangle((x0 + w * 0.34, y0 + h * 0.55, x1 - w * 0.34, y1), fill=(226, 220, 208))
            p.pieslice((x0, y0, x1, y0 + h * 1.3), 180, 360, fill=rgb)
        case "insect":
            for i in range(3):
                y = y0 + h * (0.3 + 0.2 * i)
                p.line((x0 - 12, y - 12, x1 + 12, y + 12), fill=INK, width=4)
            p.ellipse((x0 + w * 0.05, y0, x1 - w * 0.05, y1), fill=rgb, outline=dark, width=4)
        case "cell":
            p.rounded_rectangle((x0, y0, x1, y1), radius=40, fill=rgb, outline=dark, width=8)
            p.ellipse((x0 + w * 0.5, y0 + h * 0.4, x0 + w * 0.75, y0 + h * 0.62), fill=dark)
        case _:
            p.ellipse((x0, y0, x1, y1), fill=rgb, outline=dark, width=4)
            p.line((x0, (y0 + y1) / 2, x1 + 20, (y0 + y1) / 2), fill=dark, width=5)
    for s in spots:
        sx, sy = s["x"] + 13, s["y"] + 13
        p.ellipse((sx - 13, sy - 13, sx + 13, sy + 13), fill=PAPER, outline=INK, width=2)
        c.text((sx, sy), s["label"], 20)
    grey = rng.randint(215, 250)
    p.rectangle((0, c.h - 22, c.w, c.h), fill=(grey, grey, grey))
    c.text((c.w / 2, c.h - 11), scene.extra["key"], 16, width=c.w * 0.96)
