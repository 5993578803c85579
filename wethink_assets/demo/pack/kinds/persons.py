"""People on a large coloured thing, with the cue of their social relation; and portraits in a large coloured shirt.

Belongs here: relations with their cues, clothes, poses, and how they are painted. Does not belong here: relation labels
of annotation files (native/social.py), wording items (items.py).
"""

from __future__ import annotations

from random import Random
from typing import Any

from wethink_assets.demo.pack.items import Facts, corners, thing, token
from wethink_assets.demo.pack.palette import COLOURS, INK, PAPER, Canvas, pick_colours, pick_size, shade
from wethink_assets.demo.pack.scene import Scene

SEATS = ("sofa", "banner", "blanket", "stage", "carpet")
# PISC's labels 1 to 6, each with what the picture shows for it.
RELATIONS = {
    "friends": "party hats",
    "family": "a small child",
    "couple": "a heart",
    "professional": "ties",
    "commercial": "a price tag",
    "no relation": "nothing in common",
}
FIRST = ("Anna", "Ben", "Clara", "David", "Emma", "Felix", "Grace", "Hugo", "Iris", "Jonas", "Kira", "Leo")
LAST = ("Moor", "Stone", "Rivers", "Field", "Winter", "Lake", "Wood", "North")
HATS = ("hat", "crown", "cap", "scarf")
SKIN = ((236, 196, 164), (198, 146, 108), (142, 96, 66), (248, 216, 190))
HAIR = {"black": (28, 26, 26), "grey": (150, 150, 152), "white": (236, 236, 232)}


def plan_people(rng: Random) -> dict[str, Any]:
    w, h = size = pick_size(rng)
    seat, relation = rng.choice(SEATS), rng.choice(list(RELATIONS))
    colour, other = pick_colours(rng)
    n = 2 if relation == "couple" else rng.randint(2, 4)
    low = rng.random() < 0.5
    bh = h * rng.uniform(0.5, 0.6)
    main = thing(seat, (w * rng.uniform(0.0, 0.06), h - bh if low else 0, w * rng.uniform(0.9, 0.94), bh), colour)
    tall = rng.randrange(n)
    step = w / n
    people = []
    for i in range(n):
        ph = h * (0.56 if i == tall else 0.4) * rng.uniform(0.97, 1.03)
        foot = h * (0.72 if low else 0.97)
        pw = min(step * 0.5, w * 0.13)
        people.append(thing("person", (i * step + (step - pw) * rng.uniform(0.3, 0.7), foot - ph, pw, ph), other))
    side = "left" if tall == 0 else "right" if tall == n - 1 else "middle"
    wrong_side = rng.choice([s for s in ("left", "middle", "right") if s != side])
    f = Facts(rng)
    f.main_colour(seat, colour)
    f.number("count_people", "How many people are there?", n, f"I count {n} people.", ("recognition",))
    f.fib(
        "tallest",
        "Where is the tallest person: left, middle or right?",
        side,
        wrong_side,
        f"The tallest person is on the {side}.",
        ("spatial",),
    )
    f.fib(
        "clothes",
        "What colour are the clothes of the people?",
        other,
        colour,
        f"The people wear {other}.",
        ("recognition",),
    )
    f.mc(
        "relation",
        "What is the relation between the people?",
        relation,
        list(RELATIONS),
        f"I see {RELATIONS[relation]}, so {relation}.",
        ("recognition", "knowledge"),
    )
    f.colour_choice(seat, colour)
    caption = f"{n} people in {other} clothes with a large {colour} {seat}; they look like {relation}."
    f.describe("Describe the people and the scene.", caption, caption.replace(colour, other, 1))
    return f.plan(
        caption,
        size,
        objects=(main, *people),
        relations=({"subject": 1, "predicate": relation, "object": 2},),
        extra={"main": seat, "relation": relation},
    )


def paint_people(scene: Scene, c: Canvas) -> None:
    rng, p = c.rng, c.pen
    c.clutter(rng.randint(5, 9))
    main, *people = scene.objects
    x0, y0, x1, y1 = corners(main)
    rgb = COLOURS[main["colour"]]
    if main["name"] in ("sofa", "stage"):
        p.rounded_rectangle((x0, y0, x1, y1), radius=30, fill=rgb)
        p.line((x0, (y0 + y1) // 2, x1, (y0 + y1) // 2), fill=shade(rgb, 0.7), width=5)
    else:
        p.rectangle((x0, y0, x1, y1), fill=rgb)
        p.rectangle((x0 + 8, y0 + 8, x1 - 8, y1 - 8), outline=shade(rgb, 0.7), width=4)
    relation = scene.extra["relation"]
    for i, o in enumerate(people):
        px0, py0, px1, py1 = corners(o)
        pw, ph = px1 - px0, py1 - py0
        head = pw * 0.42
        cx = (px0 + px1) / 2
        body = (px0, py0 + head * 1.7, px1, py1)
        p.rounded_rectangle(body, radius=8, fill=COLOURS[o["colour"]], outline=INK, width=2)
        p.ellipse((cx - head, py0, cx + head, py0 + 2 * head), fill=rng.choice(SKIN), outline=INK, width=2)
        if relation == "friends":
            p.polygon([(cx - head, py0 + 6), (cx, py0 - head * 1.2), (cx + head, py0 + 6)], fill=PAPER, outline=INK)
        if relation == "professional":
            p.polygon([(cx - 5, py0 + 2 * head), (cx + 5, py0 + 2 * head), (cx, py0 + ph * 0.6)], fill=INK)
        if relation == "family" and i == 0:
            p.ellipse((px1, py1 - ph * 0.3, px1 + head, py1 - ph * 0.3 + head), fill=rng.choice(SKIN), outline=INK)
            p.rectangle((px1, py1 - ph * 0.3 + head, px1 + head, py1), fill=PAPER, outline=INK)
    if relation == "couple":
        a, b = people[0], people[1]
        mx, my, r = (a["x"] + a["w"] + b["x"]) / 2, (a["y"] + b["y"]) / 2 + 20, c.w * 0.035
        for dx in (-r, r):
            p.ellipse((mx + dx - r, my - r, mx + dx + r, my + r), fill=PAPER, outline=INK)
        p.polygon([(mx - 2 * r, my + r * 0.3), (mx + 2 * r, my + r * 0.3), (mx, my + 3 * r)], fill=PAPER, outline=INK)
    if relation == "commercial":
        p.rectangle((c.w * 0.4, c.h * 0.86, c.w * 0.66, c.h * 0.97), fill=PAPER, outline=INK, width=2)
        c.text((c.w * 0.53, c.h * 0.915), f"SALE {rng.randint(2, 30)}", 20, width=c.w * 0.22)


def plan_portrait(rng: Random) -> dict[str, Any]:
    w, h = size = pick_size(rng)
    first, last, wear = rng.choice(FIRST), rng.choice(LAST), rng.choice(HATS)
    hair, glasses = rng.choice(list(HAIR)), rng.random() < 0.5
    colour, other = pick_colours(rng)
    top = h * rng.uniform(0.42, 0.5)
    shirt = thing("shirt", (w * rng.uniform(0, 0.1), top, w * rng.uniform(0.82, 0.9), h - top), colour)
    face = thing("face", (w * rng.uniform(0.28, 0.42), h * 0.14, w * 0.3, top - h * 0.1), "")
    badge = (w * rng.uniform(0.12, 0.5), h * rng.uniform(0.78, 0.86), w * 0.34, h * 0.11)
    f = Facts(rng)
    f.main_colour("shirt", colour)
    f.fib(
        "badge",
        "Which name is on the badge?",
        first.upper(),
        rng.choice([n for n in FIRST if n != first]).upper(),
        f"The badge says {first.upper()}.",
        ("ocr",),
        "ocr",
    )
    f.yes_no(
        "glasses",
        "Does the person wear glasses?",
        glasses,
        f"The person wears {'' if glasses else 'no '}glasses.",
        ("recognition",),
    )
    f.fib(
        "hair",
        "What colour is the hair?",
        hair,
        rng.choice([x for x in HAIR if x != hair]),
        f"The hair is {hair}.",
        ("recognition",),
    )
    f.mc("headwear", "What does the person wear?", wear, HATS, f"The person wears a {wear}.", ("recognition",))
    f.colour_choice("shirt", colour)
    caption = (
        f"A portrait of {first} {last} in a {colour} shirt and a {wear}, with {hair} hair and "
        f"{'' if glasses else 'no '}glasses."
    )
    f.describe("Describe the person in the portrait.", caption, caption.replace(colour, other, 1))
    return f.plan(
        caption,
        size,
        objects=(shirt, face),
        tokens=(token(first.upper(), badge),),
        extra={
            "main": "shirt",
            "name": f"{first} {last}",
            "wear": wear,
            "hair": hair,
            "glasses": glasses,
            "badge": list(badge),
        },
    )


def paint_portrait(scene: Scene, c: Canvas) -> None:
    rng, p, e = c.rng, c.pen, scene.extra
    c.clutter(rng.randint(5, 9))
    shirt, face = scene.objects
    x0, y0, x1, y1 = corners(shirt)
    rgb = COLOURS[shirt["colour"]]
    p.rounded_rectangle((x0, y0, x1, y1 + 60), radius=int((x1 - x0) * 0.22), fill=rgb)
    fx0, fy0, fx1, fy1 = corners(face)
    fw, fh = fx1 - fx0, fy1 - fy0
    p.ellipse((fx0 - fw * 0.15, fy0 - fh * 0.15, fx1 + fw * 0.15, fy1 - fh * 0.1), fill=HAIR[e["hair"]])
    p.ellipse((fx0, fy0, fx1, fy1), fill=rng.choice(SKIN), outline=INK, width=2)
    for ex in (0.3, 0.7):
        x, y, r = fx0 + fw * ex, fy0 + fh * 0.42, fw * 0.05
        p.ellipse((x - r, y - r, x + r, y + r), fill=INK)
        if e["glasses"]:
            p.ellipse((x - r * 3, y - r * 3, x + r * 3, y + r * 3), outline=INK, width=3)
    p.arc((fx0 + fw * 0.3, fy0 + fh * 0.55, fx1 - fw * 0.3, fy0 + fh * 0.8), 10, 170, fill=INK, width=3)
    grey = (90, 92, 96)
    match e["wear"]:
        case "hat":
            p.rectangle((fx0 - fw * 0.3, fy0 - fh * 0.02, fx1 + fw * 0.3, fy0 + fh * 0.1), fill=grey)
            p.rectangle((fx0, fy0 - fh * 0.3, fx1, fy0 + fh * 0.05), fill=grey)
        case "crown":
            p.polygon(
                [
                    (fx0, fy0 + fh * 0.1),
                    (fx0, fy0 - fh * 0.25),
                    (fx0 + fw * 0.25, fy0),
                    (fx0 + fw * 0.5, fy0 - fh * 0.3),
                    (fx0 + fw * 0.75, fy0),
                    (fx1, fy0 - fh * 0.25),
                    (fx1, fy0 + fh * 0.1),
                ],
                fill=PAPER,
                outline=INK,
            )
        case "cap":
            p.pieslice((fx0, fy0 - fh * 0.2, fx1, fy0 + fh * 0.5), 180, 360, fill=grey)
            p.rectangle((fx1 - fw * 0.3, fy0 + fh * 0.1, fx1 + fw * 0.3, fy0 + fh * 0.18), fill=grey)
        case _:
            scarf = (fx0 - fw * 0.1, fy1 - fh * 0.12, fx1 + fw * 0.1, fy1 + fh * 0.12)
            p.rounded_rectangle(scarf, radius=10, fill=grey)
    bx, by, bw, bh = e["badge"]
    p.rectangle((bx, by, bx + bw, by + bh), fill=PAPER, outline=INK, width=2)
    c.text((bx + bw / 2, by + bh / 2), scene.tokens[0]["word"], 24, width=bw * 0.9)
