"""Text in the world: street and shop signs, and scanned document pages with a coloured header.

Belongs here: texts, where each word stands, and how signs and pages are painted. Does not belong here: OCR tokens in
files (native/reading.py), wording items (items.py).
"""

from __future__ import annotations

from random import Random
from typing import Any

from wethink_assets.demo.pack.items import Facts, corners, thing, token
from wethink_assets.demo.pack.kinds.art import form
from wethink_assets.demo.pack.palette import COLOURS, INK, PAPER, Canvas, pick_colours, pick_size, shade
from wethink_assets.demo.pack.scene import Scene

WORDS = ("OPEN", "STOP", "SALE", "EXIT", "CAFE", "HOTEL", "TAXI", "BANK", "PARK", "BOOKS", "PIZZA", "MUSIC")
STREETS = ("MAIN", "OAK", "LAKE", "HILL", "ELM", "KING", "PINE", "MILL")
SHAPES = ("circle", "square", "octagon", "diamond")
TITLES = ("INVOICE", "MEMO", "REPORT", "RECEIPT", "LETTER", "AGENDA")
PEOPLE = ("J. Adams", "R. Baker", "S. Clark", "T. Davis", "L. Evans", "M. Foster", "N. Grant", "P. Hayes")
MONTHS = ("January", "March", "April", "June", "July", "August", "October", "November")


def plan_sign(rng: Random) -> dict[str, Any]:
    w, h = size = pick_size(rng)
    word, street = rng.choice(WORDS), rng.choice(STREETS)
    number, shape = rng.randint(2, 99), rng.choice(SHAPES)
    colour, other = pick_colours(rng)
    grow = 0.92 if shape == "diamond" else 0.76
    bw, bh = w * rng.uniform(grow - 0.05, grow + 0.04), h * rng.uniform(grow - 0.06, grow + 0.02)
    main = thing("sign", (rng.random() * (w - bw), rng.random() * (h - bh), bw, bh), colour, shape)
    x, y = main["x"], main["y"]
    band = (x + bw * 0.22, y + bh * rng.uniform(0.36, 0.44), bw * 0.56, bh * 0.2)
    f = Facts(rng)
    f.main_colour("sign", colour)
    f.fib(
        "word",
        "What is the large word on the sign?",
        word,
        rng.choice([x for x in WORDS if x != word]),
        f"The sign says {word}.",
        ("ocr",),
        "ocr",
    )
    f.number("number", "Which number is on the sign?", number, f"The sign shows {number}.", ("ocr",))
    f.fib(
        "words",
        "Which two words are on the sign?",
        f"{word}, {street}",
        f"{street}, {rng.choice(TITLES)}",
        f"The sign says {word} and {street}.",
        ("ocr",),
        "list",
    )
    f.mc("shape", "What shape is the sign?", shape, SHAPES, f"The sign is a {shape}.", ("recognition", "spatial"))
    f.colour_choice("sign", colour)
    caption = f"A {colour} {shape} sign that says {word} {street} {number}."
    f.describe("Describe the sign in one sentence.", caption, caption.replace(colour, other, 1))
    words = tuple(token(t, band) for t in (word, street, str(number)))
    return f.plan(
        caption,
        size,
        objects=(main,),
        tokens=words,
        extra={"main": "sign", "shape": shape, "band": list(band), "words": [word, street, str(number)]},
    )


def paint_sign(scene: Scene, c: Canvas) -> None:
    rng, p = c.rng, c.pen
    c.clutter(rng.randint(6, 11))
    main = scene.objects[0]
    x0, y0, x1, y1 = corners(main)
    w, h, rgb = x1 - x0, y1 - y0, COLOURS[main["colour"]]
    p.rectangle((x0 + w * 0.47, y1 - 8, x0 + w * 0.53, c.h), fill=(90, 90, 94))
    if scene.extra["shape"] == "octagon":
        a, b = w * 0.28, h * 0.28
        p.polygon(
            [
                (x0 + a, y0),
                (x1 - a, y0),
                (x1, y0 + b),
                (x1, y1 - b),
                (x1 - a, y1),
                (x0 + a, y1),
                (x0, y1 - b),
                (x0, y0 + b),
            ],
            fill=rgb,
            outline=PAPER,
            width=4,
        )
    else:
        form(c, scene.extra["shape"], (x0, y0, x1, y1), rgb)
    word, street, number = scene.extra["words"]
    bx, by, bw, bh = scene.extra["band"]
    p.rectangle((bx, by, bx + bw, by + bh), fill=PAPER)
    c.text((bx + bw / 2, by + bh / 2), word, 44, width=bw * 0.9)
    c.text(
        (bx + bw / 2, by + bh * 1.4),
        f"{street} {number}",
        26,
        fill=PAPER if main["colour"] != "yellow" else INK,
        width=bw * 0.8,
    )


def plan_document(rng: Random) -> dict[str, Any]:
    w, h = size = pick_size(rng)
    title, name, month = rng.choice(TITLES), rng.choice(PEOPLE), rng.choice(MONTHS)
    day, year = rng.randint(1, 28), rng.randint(1960, 1999)
    prices = [rng.randint(2, 60) for _ in range(rng.randint(2, 4))]
    colour, other = pick_colours(rng)
    low = rng.random() < 0.3
    bh = h * rng.uniform(0.4, 0.48)
    main = thing(
        "header" if not low else "footer",
        (w * rng.uniform(0.02, 0.08), h - bh - 6 if low else 6, w * rng.uniform(0.84, 0.92), bh),
        colour,
    )
    part, total, date = main["name"], sum(prices), f"{month} {day}, {year}"
    f = Facts(rng)
    f.main_colour(part, colour)
    f.fib(
        "total",
        "What is the total amount?",
        f"${total}",
        f"${total + rng.randint(1, 9)}",
        f"The total is ${total}.",
        ("ocr", "math"),
        "quantity",
    )
    f.fib(
        "date",
        "What is the date on the page?",
        date,
        f"{month} {day % 28 + 1}, {year}",
        f"The date is {date}.",
        ("ocr",),
        "ocr",
    )
    f.number(
        "lines",
        "How many prices are listed above the total?",
        len(prices),
        f"I count {len(prices)} prices.",
        ("ocr", "math"),
    )
    f.mc(
        "type",
        "What type of document is this?",
        title.lower(),
        [t.lower() for t in TITLES],
        f"The title says {title}.",
        ("ocr",),
    )
    f.colour_choice(part, colour)
    caption = f"A {title.lower()} with a {colour} {part}, dated {date}, from {name}, with a total of ${total}."
    f.describe("Describe the document.", caption, caption.replace(colour, other, 1))
    words = (title, *date.split(), *name.split(), "Total", f"${total}")
    y = main["y"]
    return f.plan(
        caption,
        size,
        objects=(main,),
        tokens=tuple(token(t, (main["x"], y, w * 0.3, 20)) for t in words),
        extra={"main": part, "title": title, "date": date, "name": name, "prices": prices, "total": total},
    )


def paint_document(scene: Scene, c: Canvas) -> None:
    rng, p, e = c.rng, c.pen, scene.extra
    main = scene.objects[0]
    x0, y0, x1, y1 = corners(main)
    rgb = COLOURS[main["colour"]]
    c.clutter(rng.randint(1, 3))
    grey = rng.randint(205, 250)
    p.polygon(
        [(x0 - 8, 3), (x1 + rng.randint(4, 20), rng.randint(0, 8)), (x1 + rng.randint(4, 16), c.h - 3), (x0 - 6, c.h)],
        fill=(grey, grey, grey - 6),
    )
    p.rectangle((x0, y0, x1, y1), fill=rgb)
    for _ in range(rng.randint(1, 3)):
        sx, sw = rng.uniform(x0, x1 - 30), rng.uniform(20, (x1 - x0) * 0.4)
        band = (sx, y0, min(x1, sx + sw), y0 + rng.uniform(0.15, 0.5) * (y1 - y0))
        p.rectangle(band, fill=shade(rgb, rng.choice((0.6, 1.3))))
    tx = rng.uniform(0.35, 0.65)
    ty = y0 + (y1 - y0) * rng.uniform(0.4, 0.7)
    p.rectangle((x0 + (x1 - x0) * (tx - 0.28), ty - 20, x0 + (x1 - x0) * (tx + 0.28), ty + 20), fill=PAPER)
    c.text((x0 + (x1 - x0) * tx, ty), e["title"], 34, width=(x1 - x0) * 0.5)
    top, bottom = (y1 + 8, c.h - 8) if main["name"] == "header" else (10, y0 - 6)
    prices = [f"Item {i + 1}   ${v}" for i, v in enumerate(e["prices"])]
    lines = [e["date"], f"From {e['name']}", *prices, f"Total   ${e['total']}"]
    step = (bottom - top) / len(lines)
    for i, words in enumerate(lines):
        y = top + step * (i + 0.5)
        if rng.random() < 0.4:
            stamp = (x0 + rng.uniform(0.5, 0.7) * (x1 - x0), y - step * 0.4, x1 - 6, y + step * 0.4)
            p.rectangle(stamp, fill=(rng.randint(60, 190),) * 3)
        c.text((x0 + 10, y), words, min(24, int(step * 0.8)), anchor="lm", width=(x1 - x0) * 0.46)
