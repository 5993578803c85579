"""Paintings (one large form in a style, signed) and book covers (title, author, genre).

Belongs here: plans and paints of both, with their vocabulary. Does not belong here: wording items (items.py), brushes
that other kinds share (palette.py, drawing.py).
"""

from __future__ import annotations

from random import Random
from typing import Any

from wethink_assets.demo.pack.items import Facts, corners, thing, token
from wethink_assets.demo.pack.palette import COLOURS, INK, PAPER, Canvas, pick_colours, pick_size, shade
from wethink_assets.demo.pack.scene import Scene

STYLES = ("Cubism", "Pointillism", "Minimalism", "Impressionism")
FORMS = ("circle", "square", "triangle", "diamond")
PAINTERS = ("Alva", "Borin", "Celan", "Dorval", "Erbach", "Fonti", "Gero", "Halm")
GENRES = ("Cookbooks", "History", "Travel", "Science", "Children", "Romance", "Sports", "Law")
TITLE_A = ("Secret", "Golden", "Silent", "Modern", "Little", "Hidden", "Simple", "Wild")
TITLE_B = ("Garden", "Kitchen", "River", "Machine", "Island", "Kingdom", "Letters", "Numbers")
AUTHORS = ("Ada Brook", "Carl Frost", "Dora Hill", "Evan Marsh", "Fay Linden", "Glen Rowe", "Hana Birch", "Ivo Crane")


def plan_painting(rng: Random) -> dict[str, Any]:
    w, h = size = pick_size(rng)
    style, form, painter, year = rng.choice(STYLES), rng.choice(FORMS), rng.choice(PAINTERS), rng.randint(1850, 1960)
    colour, other = pick_colours(rng)
    grow = 0.84 if form in ("triangle", "diamond") else 0.68
    bw, bh = w * rng.uniform(grow - 0.04, grow + 0.04), h * rng.uniform(grow - 0.04, grow + 0.04)
    main = thing(form, (rng.random() * (w - bw), rng.random() * (h - bh), bw, bh), colour, style)
    mark = (w * rng.choice((0.06, 0.66)), h * rng.choice((0.05, 0.88)), w * 0.28, h * 0.08)
    f = Facts(rng)
    f.main_colour(form, colour)
    f.fib(
        "painter",
        "Which name is signed on the painting?",
        painter,
        rng.choice([p for p in PAINTERS if p != painter]),
        f"The painting is signed {painter}.",
        ("ocr",),
        "ocr",
    )
    f.fib(
        "form",
        "Which shape is the largest?",
        form,
        rng.choice([s for s in FORMS if s != form]),
        f"The largest shape is a {form}.",
        ("recognition",),
    )
    f.yes_no(
        "round",
        "Is the largest shape round?",
        form == "circle",
        f"The largest shape is a {form}.",
        ("recognition", "math"),
    )
    f.mc(
        "style",
        "Which style does the painting follow?",
        style,
        STYLES,
        f"The brushwork is typical of {style}.",
        ("knowledge",),
    )
    f.colour_choice(form, colour)
    caption = f"A painting by {painter} in the manner of {style}, with a large {colour} {form}."
    f.describe("Describe the painting in one sentence.", caption, caption.replace(colour, other, 1))
    return f.plan(
        caption,
        size,
        objects=(main,),
        tokens=(token(painter, mark),),
        extra={"main": form, "style": style, "painter": painter, "year": year, "mark": list(mark)},
    )


def paint_painting(scene: Scene, c: Canvas) -> None:
    rng, p = c.rng, c.pen
    style = scene.extra["style"]
    c.clutter(rng.randint(3, 7))
    if style == "Cubism":
        for _ in range(12):
            points = [(rng.randint(0, c.w), rng.randint(0, c.h)) for _ in range(3)]
            p.polygon(points, fill=(rng.randint(60, 230),) * 3, outline=INK)
    main = scene.objects[0]
    x0, y0, x1, y1 = corners(main)
    rgb = COLOURS[main["colour"]]
    form(c, main["name"], (x0, y0, x1, y1), rgb)
    if style == "Impressionism":
        for _ in range(70):
            x, y = rng.randint(0, c.w), rng.randint(0, c.h)
            tone = shade(rgb, rng.uniform(0.8, 1.2)) if x0 < x < x1 and y0 < y < y1 else (rng.randint(90, 220),) * 3
            p.line((x, y, x + rng.randint(-14, 14), y + rng.randint(4, 16)), fill=tone, width=3)
    if style == "Pointillism":
        for _ in range(160):
            x, y, r = rng.randint(0, c.w), rng.randint(0, c.h), rng.randint(2, 4)
            p.ellipse((x - r, y - r, x + r, y + r), fill=rng.choice((PAPER, INK, rgb)))
    p.rectangle((0, 0, c.w - 1, c.h - 1), outline=(92, 84, 70), width=rng.randint(5, 14))
    mx, my, mw, mh = scene.extra["mark"]
    p.rectangle((mx, my, mx + mw, my + mh), fill=PAPER)
    c.text((mx + mw / 2, my + mh / 2), scene.extra["painter"], 22, width=mw * 0.9)


def form(c: Canvas, name: str, box: tuple[float, float, float, float], rgb: tuple[int, int, int]) -> None:
    """Fill a basic shape into the box x0, y0, x1, y1."""
    x0, y0, x1, y1 = box
    match name:
        case "circle":
            c.pen.ellipse(box, fill=rgb)
        case "triangle":
            c.pen.polygon([(x0, y1), ((x0 + x1) / 2, y0), (x1, y1)], fill=rgb)
        case "diamond":
            mx, my = (x0 + x1) / 2, (y0 + y1) / 2
            c.pen.polygon([(mx, y0), (x1, my), (mx, y1), (x0, my)], fill=rgb)
        case _:
            c.pen.rectangle(box, fill=rgb)


def plan_book(rng: Random) -> dict[str, Any]:
    w, h = size = pick_size(rng)
    title = f"{rng.choice(TITLE_A)} {rng.choice(TITLE_B)}"
    author, genre, volume = rng.choice(AUTHORS), rng.choice(GENRES), rng.randint(1, 4)
    colour, other = pick_colours(rng)
    bw, bh = w * rng.uniform(0.72, 0.92), h * rng.uniform(0.8, 0.94)
    main = thing("cover", (rng.random() * (w - bw), rng.random() * (h - bh), bw, bh), colour)
    f = Facts(rng)
    f.main_colour("cover", colour)
    f.fib(
        "title",
        "What is the title of this book?",
        title,
        f"{rng.choice(TITLE_A)} {title.split()[0]}",
        f"The title is {title}.",
        ("ocr",),
        "ocr",
    )
    f.fib(
        "author",
        "Who wrote this book?",
        author,
        rng.choice([a for a in AUTHORS if a != author]),
        f"The author is {author}.",
        ("ocr",),
        "text",
    )
    f.number("volume", "Which volume is it?", volume, f"The cover says volume {volume}.", ("ocr",))
    f.mc("genre", "What type of book is this?", genre, GENRES, f"The cover says {genre}.", ("ocr", "knowledge"))
    f.colour_choice("cover", colour)
    caption = f"A book with a {colour} cover: {title} by {author}, {genre}, volume {volume}."
    f.describe("Describe the book cover.", caption, caption.replace(colour, other, 1))
    x, y = main["x"], main["y"]
    words = [token(t, (x, y, bw, bh * 0.2)) for t in (*title.split(), *author.split(), genre, "Vol.", str(volume))]
    return f.plan(
        caption,
        size,
        objects=(main,),
        tokens=tuple(words),
        extra={"main": "cover", "title": title, "author": author, "genre": genre, "volume": volume},
    )


def paint_book(scene: Scene, c: Canvas) -> None:
    rng, p, e = c.rng, c.pen, scene.extra
    c.clutter(rng.randint(3, 7))
    x0, y0, x1, y1 = corners(scene.objects[0])
    w, h, rgb = x1 - x0, y1 - y0, COLOURS[scene.objects[0]["colour"]]
    p.rectangle((x0, y0, x1, y1), fill=rgb, outline=INK, width=3)
    for _ in range(rng.randint(2, 5)):
        bx, by = x0 + rng.random() * w * 0.8, y0 + rng.random() * h * 0.8
        bw, bh = rng.uniform(0.1, 0.4) * w, rng.uniform(0.05, 0.25) * h
        p.rectangle((bx, by, min(bx + bw, x1), min(by + bh, y1)), fill=shade(rgb, rng.choice((0.55, 0.7, 1.35))))
    bands = rng.sample((0.08, 0.32, 0.56, 0.8), 3)
    for at, words in zip(bands, (e["title"], e["author"], f"{e['genre']}  Vol. {e['volume']}"), strict=True):
        top = y0 + h * at
        tone = PAPER if at != bands[1] else (225, 225, 225)
        p.rectangle((x0 + w * 0.08, top, x1 - w * 0.08, top + h * 0.12), fill=tone)
        c.text(((x0 + x1) / 2, top + h * 0.06), words, 30, width=w * 0.78)
