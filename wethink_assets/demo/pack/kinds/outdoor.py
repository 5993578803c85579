"""Photo-like scenes: one large coloured thing outdoors with small things around it, and landmarks with a plaque.

Belongs here: things, places, landmarks, and how they are painted. Does not belong here: people in such places
(persons.py), wording items (items.py).
"""

from __future__ import annotations

from random import Random
from typing import Any

from wethink_assets.demo.pack.items import Facts, corners, slots, thing, token
from wethink_assets.demo.pack.palette import COLOURS, PAPER, Canvas, pick_colours, pick_size, shade
from wethink_assets.demo.pack.scene import Scene

BIG = ("car", "ball", "tent", "house", "bus", "balloon", "boat", "cup", "kite", "crate")
SMALL = ("bird", "stone", "flower", "star", "cone")
GROUNDS = ("grass", "sand", "snow", "road")
LANDMARKS = ("tower", "castle", "dome", "pyramid", "arch", "lighthouse")
NAMES = ("North", "Royal", "Old", "Silver", "Harbor", "Sunset", "Grand", "Queen")


def plan_photo(rng: Random) -> dict[str, Any]:
    w, h = size = pick_size(rng)
    big, small, ground = rng.choice(BIG), rng.choice(SMALL), rng.choice(GROUNDS)
    colour, other = pick_colours(rng)
    bw, bh = w * rng.uniform(0.66, 0.84), h * rng.uniform(0.62, 0.74)
    above = rng.random() < 0.5
    x = rng.uniform(0.02, 0.98) * (w - bw)
    y = (h - bh) * (rng.uniform(0.75, 0.98) if above else rng.uniform(0.02, 0.25))
    main = thing(big, (x, y, bw, bh), colour, "large")
    n, side = rng.randint(1, 4), min(w, h) * 0.17
    row = slots(rng, n, w * 0.03, h * 0.02 if above else h * 0.98 - side * 1.2, w * 0.94, side)
    others = [thing(small, box, other, "small") for box in row]
    where = "above" if above else "below"
    f = Facts(rng)
    f.main_colour(big, colour)
    f.number(
        "count_small", f"How many {small}s are there?", n, f"I count {n} {small}{'s' * (n > 1)}.", ("recognition",)
    )
    f.fib(
        "small_colour", f"What colour are the {small}s?", other, colour, f"The {small}s are {other}.", ("recognition",)
    )
    asked = rng.random() < 0.5
    f.yes_no(
        "small_above",
        f"Are the {small}s {'above' if asked else 'below'} the {big}?",
        asked == above,
        f"The {small}s are {where} the {big}.",
        ("spatial",),
    )
    f.mc(
        "largest",
        "What is the largest object in the picture?",
        big,
        BIG,
        f"The largest object is a {big}.",
        ("recognition",),
    )
    f.colour_choice(big, colour)
    caption = f"A large {colour} {big} on {ground}, with {n} small {other} {small}{'s' * (n > 1)} {where} it."
    f.describe("Describe the picture in one sentence.", caption, caption.replace(colour, other, 1))
    relations = [{"subject": i + 1, "predicate": where, "object": 0} for i in range(n)]
    return f.plan(
        caption, size, objects=(main, *others), relations=tuple(relations), extra={"ground": ground, "main": big}
    )


def paint_photo(scene: Scene, c: Canvas) -> None:
    rng = c.rng
    horizon = int(c.h * rng.uniform(0.3, 0.75))
    tone = {"grass": (150, 166, 140), "sand": (208, 196, 166), "snow": (234, 236, 240), "road": (110, 112, 116)}
    c.clutter(rng.randint(3, 6))
    c.pen.rectangle((0, horizon, c.w, c.h), fill=shade(tone[scene.extra["ground"]], rng.uniform(0.7, 1.1)))
    for _ in range(rng.randint(4, 10)):
        x, y, r = rng.randint(0, c.w), rng.randint(0, c.h), rng.randint(8, c.w // 5)
        c.pen.ellipse((x - r, y - r // 2, x + r, y + r // 2), fill=(rng.randint(60, 235),) * 3)
    main, *others = scene.objects
    _big(c, main)
    for record in others:
        _small(c, record)


def _big(c: Canvas, o: dict[str, Any]) -> None:
    x0, y0, x1, y1 = corners(o)
    w, h, rgb = x1 - x0, y1 - y0, COLOURS[o["colour"]]
    dark = shade(rgb, 0.75)
    p = c.pen
    match o["name"]:
        case "ball":
            p.ellipse((x0, y0, x1, y1), fill=rgb, outline=dark, width=4)
            p.ellipse((x0 + w * 0.25, y0 + h * 0.15, x0 + w * 0.4, y0 + h * 0.28), fill=shade(rgb, 1.25))
        case "balloon":
            p.line((x0 + w / 2, y0 + h * 0.9, x0 + w * 0.4, c.h), fill=(40, 40, 40), width=3)
            p.ellipse((x0, y0, x1, y0 + h * 0.93), fill=rgb)
            p.polygon([(x0 + w * 0.42, y1), (x0 + w * 0.58, y1), (x0 + w / 2, y0 + h * 0.85)], fill=dark)
        case "tent":
            p.polygon([(x0, y1), (x0 + w * 0.3, y0), (x0 + w * 0.7, y0), (x1, y1)], fill=rgb)
            p.polygon([(x0 + w * 0.4, y1), (x0 + w / 2, y0 + h * 0.5), (x0 + w * 0.6, y1)], fill=shade(rgb, 0.5))
        case "house":
            p.rectangle((x0 + w * 0.06, y0 + h * 0.4, x1 - w * 0.06, y1), fill=rgb)
            p.polygon([(x0, y0 + h * 0.42), (x0 + w / 2, y0), (x1, y0 + h * 0.42)], fill=dark)
            p.rectangle((x0 + w * 0.42, y0 + h * 0.7, x0 + w * 0.56, y1), fill=(60, 60, 64))
        case "car" | "bus":
            top = 0.3 if o["name"] == "car" else 0.02
            inset = 0.18 if o["name"] == "car" else 0.0
            p.rectangle((x0 + w * inset, y0 + h * top * 0.3, x1 - w * inset, y0 + h * 0.6), fill=rgb)
            p.rectangle((x0, y0 + h * 0.36, x1, y0 + h * 0.86), fill=rgb)
            for i in range(3):
                wx = x0 + w * (0.24 + i * 0.19)
                p.rectangle((wx, y0 + h * 0.16, wx + w * 0.13, y0 + h * 0.32), fill=(200, 214, 222))
            for wx in (x0 + w * 0.22, x0 + w * 0.78):
                p.ellipse((wx - h * 0.15, y1 - h * 0.3, wx + h * 0.15, y1), fill=(30, 30, 30))
        case "boat":
            p.polygon([(x0, y0 + h * 0.55), (x1, y0 + h * 0.55), (x1 - w * 0.15, y1), (x0 + w * 0.15, y1)], fill=rgb)
            p.polygon([(x0 + w * 0.06, y0 + h * 0.5), (x0 + w * 0.5, y0), (x1 - w * 0.06, y0 + h * 0.5)], fill=rgb)
            p.line((x0 + w * 0.5, y0, x0 + w * 0.5, y0 + h * 0.6), fill=(70, 60, 50), width=5)
        case "cup":
            p.ellipse((x1 - w * 0.3, y0 + h * 0.25, x1, y0 + h * 0.7), outline=dark, width=max(6, int(w * 0.06)))
            p.polygon([(x0, y0), (x1 - w * 0.14, y0), (x1 - w * 0.24, y1), (x0 + w * 0.1, y1)], fill=rgb)
            p.ellipse((x0, y0 - h * 0.04, x1 - w * 0.14, y0 + h * 0.1), fill=dark)
        case "kite":
            p.polygon([(x0 + w / 2, y0), (x1, y0 + h * 0.42), (x0 + w / 2, y1), (x0, y0 + h * 0.42)], fill=rgb)
            p.line((x0 + w / 2, y0, x0 + w / 2, y1), fill=dark, width=3)
        case _:
            p.rectangle((x0, y0, x1, y1), fill=rgb, outline=dark, width=6)
            p.line((x0, y0, x1, y1), fill=dark, width=6)


def _small(c: Canvas, o: dict[str, Any]) -> None:
    x0, y0, x1, y1 = corners(o)
    w, h, rgb, p = x1 - x0, y1 - y0, COLOURS[o["colour"]], c.pen
    match o["name"]:
        case "bird":
            p.ellipse((x0, y0 + h * 0.3, x1 - w * 0.2, y1 - h * 0.1), fill=rgb, outline=PAPER, width=2)
            p.ellipse((x0 + w * 0.6, y0, x1, y0 + h * 0.45), fill=rgb, outline=PAPER, width=2)
        case "flower":
            for dx, dy in ((0, 0.3), (0.3, 0), (0.6, 0.3), (0.3, 0.6)):
                box = (x0 + w * dx, y0 + h * dy, x0 + w * (dx + 0.4), y0 + h * (dy + 0.4))
                p.ellipse(box, fill=rgb, outline=PAPER)
        case "star":
            spikes = ((0.5, 0), (0.65, 0.4), (1, 0.5), (0.65, 0.6), (0.5, 1), (0.35, 0.6), (0, 0.5), (0.35, 0.4))
            p.polygon([(x0 + w * a, y0 + h * b) for a, b in spikes], fill=rgb, outline=PAPER)
        case "cone":
            p.polygon([(x0, y1), (x0 + w / 2, y0), (x1, y1)], fill=rgb, outline=PAPER)
        case _:
            p.ellipse((x0, y0 + h * 0.2, x1, y1), fill=rgb, outline=PAPER, width=2)


def plan_landmark(rng: Random) -> dict[str, Any]:
    w, h = size = pick_size(rng)
    what, name, tall = rng.choice(LANDMARKS), rng.choice(NAMES), rng.randrange(20, 100, 2)
    colour, other = pick_colours(rng)
    bw, bh = w * rng.uniform(0.6, 0.8), h * rng.uniform(0.64, 0.74)
    x = rng.uniform(0.02, 0.98) * (w - bw)
    main = thing(what, (x, h * rng.uniform(0.02, 0.06), bw, bh), colour, "tall")
    n = rng.randint(1, 4)
    flags = [thing("flag", box, other) for box in slots(rng, n, w * 0.02, h * 0.6, w * 0.96, min(w, h) * 0.14)]
    plaque = (w * rng.uniform(0.05, 0.3), h * 0.84, w * 0.62, h * 0.13)
    words = [token(name.upper(), plaque), token(what.upper(), plaque), token(f"{tall}", plaque), token("m", plaque)]
    f = Facts(rng)
    f.main_colour(what, colour)
    f.number("count_flags", "How many flags are there?", n, f"I count {n} flag{'s' * (n > 1)}.", ("recognition",))
    f.fib(
        "height",
        f"How tall is the {what}?",
        f"{tall} m",
        f"{tall} cm",
        f"The plaque says {tall} m.",
        ("ocr", "math"),
        "quantity",
    )
    wrong = rng.choice([n_ for n_ in NAMES if n_ != name])
    f.fib(
        "name",
        f"Which word stands before {what.upper()} on the plaque?",
        name.upper(),
        wrong.upper(),
        f"The plaque says {name.upper()} {what.upper()}.",
        ("ocr",),
        "ocr",
    )
    f.mc("building", "Which building is shown?", what, LANDMARKS, f"The building is a {what}.", ("recognition",))
    f.colour_choice(what, colour)
    caption = (
        f"The {name} {what.capitalize()}, a {colour} {what} of {tall} m with {n} {other} flag{'s' * (n > 1)} in front."
    )
    f.describe("Describe the landmark in one sentence.", caption, caption.replace(colour, other, 1))
    return f.plan(
        caption,
        size,
        objects=(main, *flags),
        tokens=tuple(words),
        extra={"main": what, "name": f"{name} {what.capitalize()}", "height": tall, "plaque": list(plaque)},
    )


def paint_landmark(scene: Scene, c: Canvas) -> None:
    c.clutter(c.rng.randint(4, 8))
    main, *flags = scene.objects
    x0, y0, x1, y1 = corners(main)
    w, h, rgb, p = x1 - x0, y1 - y0, COLOURS[main["colour"]], c.pen
    dark = shade(rgb, 0.7)
    p.rectangle((0, y1, c.w, c.h), fill=(c.rng.randint(90, 190),) * 3)
    match main["name"]:
        case "tower" | "lighthouse":
            p.polygon(
                [
                    (x0 + w * 0.1, y1),
                    (x0 + w * 0.22, y0 + h * 0.15),
                    (x1 - w * 0.22, y0 + h * 0.15),
                    (x1 - w * 0.1, y1),
                ],
                fill=rgb,
            )
            p.polygon([(x0 + w * 0.15, y0 + h * 0.17), (x0 + w / 2, y0), (x1 - w * 0.15, y0 + h * 0.17)], fill=dark)
            if main["name"] == "lighthouse":
                p.rectangle((x0 + w * 0.2, y0 + h * 0.4, x1 - w * 0.2, y0 + h * 0.48), fill=PAPER)
        case "castle":
            p.rectangle((x0, y0 + h * 0.2, x1, y1), fill=rgb)
            for i in range(4):
                p.rectangle((x0 + w * i * 0.27, y0, x0 + w * (i * 0.27 + 0.17), y0 + h * 0.24), fill=rgb)
            p.ellipse((x0 + w * 0.42, y1 - h * 0.3, x0 + w * 0.6, y1 + h * 0.1), fill=dark)
        case "dome":
            p.pieslice((x0, y0, x1, y0 + h * 1.3), 180, 360, fill=rgb)
            p.rectangle((x0, y0 + h * 0.64, x1, y1), fill=rgb)
            for i in range(5):
                p.rectangle((x0 + w * (0.08 + i * 0.19), y0 + h * 0.72, x0 + w * (0.12 + i * 0.19), y1), fill=dark)
        case "pyramid":
            x0, x1 = max(0, x0 - int(w * 0.1)), min(c.w, x1 + int(w * 0.1))
            p.polygon([(x0, y1), ((x0 + x1) / 2 - w * 0.08, y0), ((x0 + x1) / 2 + w * 0.08, y0), (x1, y1)], fill=rgb)
            p.line(((x0 + x1) / 2, y0, (x0 + x1) / 2 + w * 0.1, y1), fill=dark, width=4)
        case _:
            p.rectangle((x0, y0, x1, y1), fill=rgb)
            p.ellipse((x0 + w * 0.3, y0 + h * 0.45, x1 - w * 0.3, y1 + h * 0.4), fill=PAPER)
    for o in flags:
        fx0, fy0, fx1, fy1 = corners(o)
        p.line((fx0, fy0, fx0, fy1 + 12), fill=(30, 30, 30), width=3)
        p.polygon([(fx0, fy0), (fx1, (fy0 + fy1) / 2), (fx0, fy1)], fill=COLOURS[o["colour"]], outline=PAPER)
    px, py, pw, ph = scene.extra["plaque"]
    p.rectangle((px, py, px + pw, py + ph), fill=PAPER, outline=(40, 40, 40), width=2)
    c.text((px + pw / 2, py + ph * 0.32), " ".join(t["word"] for t in scene.tokens[:2]), 22, width=pw * 0.9)
    c.text((px + pw / 2, py + ph * 0.72), f"HEIGHT {scene.extra['height']} m", 18, width=pw * 0.9)
