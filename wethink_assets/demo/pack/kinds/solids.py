"""CLEVR-like scenes: shaded cubes, spheres and cylinders on a grey floor, one of them large.

Belongs here: positions that do not overlap, shapes, materials, shading. Does not belong here: CLEVR's directions and
programs in files (native/science.py), wording items (items.py).
"""

from __future__ import annotations

from random import Random
from typing import Any

from wethink_assets.demo.pack.items import Facts, corners, thing
from wethink_assets.demo.pack.palette import COLOURS, Canvas, field, shade
from wethink_assets.demo.pack.scene import Scene

SHAPES = ("cube", "sphere", "cylinder")
MATERIALS = ("rubber", "metal")
# CLEVR's own eight are gray, red, blue, green, brown, purple, cyan and yellow; the large solid takes the six shared.
MAIN = ("red", "blue", "green", "brown", "purple", "yellow")
TONES = {**{c: COLOURS[c] for c in MAIN}, "gray": (120, 120, 120), "cyan": (40, 190, 200)}


def plan_solids(rng: Random) -> dict[str, Any]:
    w, h = size = (360, 240)
    colour = rng.choice(MAIN)
    shape, n = rng.choice(SHAPES), rng.randint(1, 4)
    bw, bh = w * rng.uniform(0.5, 0.6), h * rng.uniform(0.74, 0.86)
    left = rng.random() < 0.5
    x = rng.uniform(0.0, 0.08) * w if not left else w - bw - rng.uniform(0.0, 0.08) * w
    main = thing(shape, (x, h * rng.uniform(0.04, 0.12), bw, bh), colour, "large", rng.choice(MATERIALS))
    room_x, room_w = (bw + x, w - bw - x) if not left else (0.0, x)
    others = []
    for i in range(n):
        side = min(room_w * 0.44, h * 0.2) * rng.uniform(0.85, 1.1)
        cell_x = room_x + (i % 2) * room_w * 0.5 + rng.random() * max(1, room_w * 0.5 - side)
        cell_y = h * (0.18 if i < 2 else 0.58) + rng.random() * h * 0.14
        form, tone = rng.choice(SHAPES), rng.choice([t for t in TONES if t != colour])
        others.append(thing(form, (cell_x, cell_y, side, side), tone, "small", rng.choice(MATERIALS)))
    gone = others[rng.randrange(n)]["name"]
    smalls = sum(o["name"] == gone for o in others)
    total = n + 1
    rest = total - smalls - (shape == gone)
    f = Facts(rng)
    f.main_colour(f"large {shape}", colour)
    f.number("count", "How many objects are there?", total, f"I count {total} objects.", ("recognition",))
    f.number(
        "subtract",
        f"Subtract all {gone}s. How many objects are left?",
        rest,
        f"{total} minus {total - rest} leaves {rest}.",
        ("recognition", "math"),
    )
    f.fib(
        "material",
        f"What is the large {shape} made of?",
        main["attributes"][1],
        MATERIALS[1 - MATERIALS.index(main["attributes"][1])],
        f"The large {shape} is {main['attributes'][1]}.",
        ("recognition",),
    )
    f.mc(
        "shape",
        "What shape is the large object?",
        shape,
        (*SHAPES, "cone"),
        f"The large object is a {shape}.",
        ("recognition", "spatial"),
    )
    f.colour_choice(f"large {shape}", colour)
    where = "right" if left else "left"
    caption = f"A large {colour} {main['attributes'][1]} {shape} on the {where} of {n} small object{'s' * (n > 1)}."
    f.describe(
        "Describe the arrangement of the objects.",
        caption,
        caption.replace(colour, rng.choice([c for c in MAIN if c != colour]), 1),
    )
    return f.plan(caption, size, objects=(main, *others), extra={"main": f"large {shape}"})


def paint_solids(scene: Scene, c: Canvas) -> None:
    floor = field(c.rng, c.size, (c.rng.randint(3, 7), c.rng.randint(3, 6)), 70, 225)
    c.image.paste(floor.convert("RGB"))
    p = c.pen
    for _ in range(c.rng.randint(2, 5)):
        x, y, r = c.rng.randint(0, c.w), c.rng.randint(0, c.h), c.rng.randint(10, 50)
        p.ellipse((x - 2 * r, y - r, x + 2 * r, y + r), fill=(c.rng.randint(80, 200),) * 3)
    for o in sorted(scene.objects, key=lambda o: o["y"] + o["h"]):
        _solid(c, o)


def _solid(c: Canvas, o: dict[str, Any]) -> None:
    x0, y0, x1, y1 = corners(o)
    w, h, rgb, p = x1 - x0, y1 - y0, TONES[o["colour"]], c.pen
    p.ellipse((x0 + w * 0.1, y1 - h * 0.16, x1 + w * 0.14, y1 + h * 0.06), fill=(70, 70, 72))
    match o["name"]:
        case "sphere":
            for i in range(6):
                p.ellipse(
                    (x0 + w * i * 0.03, y0 + h * i * 0.03, x1 - w * i * 0.07, y1 - h * i * 0.07),
                    fill=shade(rgb, 0.78 + 0.06 * i),
                )
        case "cylinder":
            p.rectangle((x0, y0 + h * 0.12, x1, y1 - h * 0.12), fill=rgb)
            p.ellipse((x0, y1 - h * 0.24, x1, y1), fill=rgb)
            p.rectangle((x0 + w * 0.8, y0 + h * 0.12, x1, y1 - h * 0.12), fill=shade(rgb, 0.75))
            p.ellipse((x0, y0, x1, y0 + h * 0.24), fill=shade(rgb, 1.2))
        case _:
            p.rectangle((x0, y0 + h * 0.2, x1 - w * 0.2, y1), fill=rgb)
            p.polygon(
                [(x0, y0 + h * 0.2), (x0 + w * 0.2, y0), (x1, y0), (x1 - w * 0.2, y0 + h * 0.2)], fill=shade(rgb, 1.2)
            )
            p.polygon(
                [(x1 - w * 0.2, y0 + h * 0.2), (x1, y0), (x1, y1 - h * 0.2), (x1 - w * 0.2, y1)], fill=shade(rgb, 0.7)
            )
    if o["attributes"][1] == "metal":
        p.ellipse((x0 + w * 0.2, y0 + h * 0.28, x0 + w * 0.36, y0 + h * 0.4), fill=(250, 250, 250))
