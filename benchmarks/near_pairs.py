"""Near-duplicates on real pictures: copies found and different pictures dropped, by kind of source.

Run `python -m benchmarks.near_pairs ../shared/realdata [--files 200] [--write]`; or in pieces, one after another, with
`--part 1/4 --rows FOLDER` and so on, and then `--rows FOLDER --write` over all of them. Of each picture thirteen copies
are made (recompressed, resized, cropped by 2 %, in another format, toned, watermarked) and six that differ in one place
(digit, number, label, mark, colour region, filled area); beside them stand the pairs of `near_duplicates/pairs.tsv` and
all pairs of variants of one DynaMath problem. A pair counts as dropped where the hashes make it a candidate and the
look at it says copy, as the pool decides: in a large pool candidates must share a bucket of the search too, which a
small one needs not. Beside that the hashes alone at the radius that was used before looking.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFont

from wethink_assets.auditing.estimate import wilson
from wethink_assets.decoding.decode import UndecodableError, decode, raster
from wethink_assets.decoding.hashing import distance, perceptual_hashes
from wethink_assets.images.hash_arrays import KEYS, NEAR, mask_of
from wethink_assets.images.near_duplicates import FAR
from wethink_assets.images.same_picture import PIXELS, difference
from wethink_assets.images.signatures import Surroundings, are_strangers, signature
from wethink_assets.settings import PROJECT_ROOT

SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".webp")
RESULTS = PROJECT_ROOT / "benchmarks/results/near_pairs.md"
MASKS = [mask_of(key) for key in KEYS]
BEFORE = (4, 40)  # the radius whose pairs were dropped without a look


@dataclass(frozen=True)
class Tried:
    """One pair. `drawn` groups it by source kind, `how` by what was done."""

    drawn: str
    how: str
    same: bool
    near: bool
    meets: bool
    copy: bool
    before: bool
    told: str

    @property
    def dropped(self) -> bool:
        return self.near and self.copy

    @property
    def dropped_at_size(self) -> bool:
        return self.dropped and self.meets


class Looked:
    """A picture as the pool sees it."""

    def __init__(self, image: Image.Image) -> None:
        self.small, self.large = perceptual_hashes(image)
        self.raster = raster(image, PIXELS)
        self.signature = signature(self.raster)


looks = Counter[str]()
spent_s: defaultdict[str, float] = defaultdict(float)  # CPU seconds of those looks


def spent_on(kind: str) -> str:
    return f"{1000 * spent_s[kind] / max(1, looks[kind]):.0f}"


def tried(drawn: str, how: str, same: bool, one: Looked, other: Looked) -> Tried:
    small, large = distance(one.small, other.small), distance(one.large, other.large)
    began = time.process_time()
    left = None
    if not are_strangers(Surroundings(one.signature), other.signature):
        left = difference(one.raster, other.raster)
    copy = left is not None and left.is_copy
    kind = "copies" if same else "others"
    looks[kind] += 1
    spent_s[kind] += time.process_time() - began
    bits = int(one.small, 16) ^ int(other.small, 16)
    found = Tried(
        drawn,
        how,
        same,
        near=small <= NEAR and large <= FAR,
        meets=any(bits & mask == 0 for mask in MASKS),
        copy=copy,
        before=small <= BEFORE[0] and large <= BEFORE[1],
        told=f"{small} and {large} bits, {left or 'strangers'}",
    )
    if found.dropped_at_size != same:
        print(f"{'missed' if same else 'dropped'}: {drawn}, {how}: {found.told}", file=sys.stderr, flush=True)
    return found


def saved(image: Image.Image, kind: str = "JPEG", quality: int = 85) -> Image.Image:
    out = io.BytesIO()
    image.save(out, kind, quality=quality)
    return Image.open(io.BytesIO(out.getvalue())).convert("RGB")


def sized(image: Image.Image, factor: float) -> Image.Image:
    size = max(1, round(image.width * factor)), max(1, round(image.height * factor))
    return image.resize(size, Image.Resampling.LANCZOS)


def cropped(image: Image.Image, left: float, top: float, right: float, bottom: float) -> Image.Image:
    w, h = image.size
    return image.crop((round(w * left), round(h * top), w - round(w * right), h - round(h * bottom)))


def copies(image: Image.Image, rng: random.Random) -> Iterator[tuple[str, Image.Image]]:
    yield "JPEG 90", saved(image, quality=90)
    yield "JPEG 60", saved(image, quality=60)
    yield "JPEG 30", saved(image, quality=30)
    yield "WebP", saved(image, "WEBP", 80)
    yield "half the size", saved(sized(image, 0.5))
    yield "1.5 times the size", saved(sized(image, 1.5))
    yield "cropped by 2 %, all round", saved(cropped(image, 0.01, 0.01, 0.01, 0.01))
    yield "cropped by 2 %, one side", saved(cropped(image, 0.02, 0, 0, 0))
    yield "cropped by 2 %, at a corner", cropped(image, 0.02, 0.02, 0, 0)
    yield "brightness", ImageEnhance.Brightness(image).enhance(rng.choice([0.9, 1.1]))
    yield "contrast", saved(ImageEnhance.Contrast(image).enhance(rng.choice([0.9, 1.1])))
    yield "colour", ImageEnhance.Color(image).enhance(rng.choice([0.8, 1.2]))
    yield "watermark", watermarked(image, rng)


def watermarked(image: Image.Image, rng: random.Random) -> Image.Image:
    veil = Image.new("L", image.size)
    font = ImageFont.load_default(max(10, min(image.size) // 8))
    ImageDraw.Draw(veil).text((image.width // 2, image.height // 2), "sample.org", font=font, fill=60, anchor="mm")
    marked = image.copy()
    marked.paste(rng.choice(("white", "gray", "black")), mask=veil)
    return marked


def edits(image: Image.Image, rng: random.Random) -> Iterator[tuple[str, Image.Image, Image.Image]]:
    """Pairs that differ in one place; text is 3 % of the shorter side high, and at least 10 pixels."""
    w, h = image.size
    size = max(10, round(min(w, h) * 0.03))
    x = rng.randrange(w // 10, max(w // 10 + 1, w * 9 // 10 - 3 * size))
    y = rng.randrange(h // 10, max(h // 10 + 1, h * 9 // 10 - 2 * size))
    mean = image.crop((x, y, min(w, x + 4 * size), min(h, y + 2 * size))).resize((1, 1), Image.Resampling.BOX)
    paper = tuple(int(level) for level in np.asarray(mean)[0, 0])
    ink = "#141414" if sum(paper) > 380 else "#f0f0f0"
    font = ImageFont.load_default(size)

    def text(words: str) -> Image.Image:
        written = image.copy()
        pen = ImageDraw.Draw(written)
        left, top, right, bottom = pen.textbbox((x, y), "88 888", font=font)
        pen.rectangle((left - 2, top - 2, right + 2, bottom + 2), fill=paper)
        pen.text((x, y), words, font=font, fill=ink)
        return written

    def region(colour: str) -> Image.Image:
        filled = image.copy()
        ImageDraw.Draw(filled).rectangle((x, y, x + 3 * size, y + 2 * size), fill=colour)
        return filled

    yield "digit", text("37"), text("31")
    yield "number", text("37"), text("82")
    yield "label", text("Cat"), text("Fox")
    marked, r = image.copy(), max(3, round(min(w, h) * 0.015))
    pen, red = ImageDraw.Draw(marked), abs(paper[0] - 220) + abs(paper[1] - 30) > 120
    colour = "#dc1e1e" if red else "#1e3cdc"
    if rng.random() < 0.5:
        pen.ellipse((x - r, y - r, x + r, y + r), fill=colour)
    else:
        pen.line((x - r, y - r, x + r, y + r), fill=colour, width=max(1, r // 3))
        pen.line((x - r, y + r, x + r, y - r), fill=colour, width=max(1, r // 3))
    yield "mark", image, marked
    yield "colour region", region("#96bef0"), region("#f0aaaa")
    level = image.getpixel((x, y))
    assert isinstance(level, tuple)
    flooded = image.copy()
    ImageDraw.floodfill(flooded, (x, y), (level[0], (level[1] + 90) % 256, level[2]), thresh=20)
    if (np.asarray(flooded) != np.asarray(image)).any(axis=2).mean() > 0.001:
        yield "filled area", image, flooded


def read(path: Path) -> Image.Image | None:
    try:
        return decode(path.read_bytes()).image
    except UndecodableError:
        return None


def made_pairs(root: Path, files: int, part: int = 1, parts_in_all: int = 1) -> Iterator[Tried]:
    paths = sorted(
        path for path in root.rglob("*") if path.suffix.lower() in SUFFIXES and "nasty_images" not in path.parts
    )
    random.Random(5).shuffle(paths)
    for path in paths[:files][part - 1 :: parts_in_all]:
        image = read(path)
        if image is None or min(image.size) < 30:
            continue
        parts = path.relative_to(root).parts
        drawn = "/".join(parts[: 1 + (parts[0] == "bench")])
        if drawn == "near_duplicates":  # whose names begin with the source
            drawn = path.name.partition("__")[0]
        rng, original = random.Random(path.name), Looked(image)
        for how, copy in copies(image, rng):
            yield tried(drawn, how, True, original, Looked(copy))
        for how, one, other in edits(image, rng):
            yield tried(drawn, how, False, original if one is image else Looked(one), Looked(other))


def real_pairs(root: Path) -> Iterator[Tried]:
    folder = root / "near_duplicates"
    for line in (folder / "pairs.tsv").read_text("utf-8").splitlines()[1:]:
        first, second, label = line.split("\t")[:3]
        pair = [Looked(image) for name in (first, second) if (image := read(folder / name))]
        yield tried("pairs.tsv", f"pairs.tsv, {label}", label == "same", *pair)
    problems: dict[str, list[Path]] = {}
    for path in sorted((root / "bench/DynaMath").glob("trial*/image/*")):
        problems.setdefault(path.name, []).append(path)
    for paths in problems.values():
        images = [image for path in paths if (image := read(path))]
        looked = [Looked(image) for image in images]
        for (one, a), (other, b) in combinations(zip(images, looked, strict=True), 2):
            same = one.tobytes() == other.tobytes()
            yield tried("DynaMath variants", "DynaMath variants, " + ("same" if same else "different"), same, a, b)


def counted(went: list[bool]) -> str:
    """How many of all, and Wilson's interval of the share."""
    low, high = wilson(sum(went) / len(went), len(went))
    return f"{sum(went)} of {len(went)} | {low:.4f} to {high:.4f}"


def in_words(went: list[bool]) -> str:
    return f"{sum(went) / len(went):.4f} ({counted(went).replace(' | ', ', at 95 %: ')})"


def table(rows: list[Tried], by: str) -> list[str]:
    names = {"drawn": "source", "how": "pair"}
    heads = ["copies found", "at 95 %", "in a large pool", "by hashes before"]
    heads += ["different dropped", "at 95 %", "by hashes before"]
    lines = [f"| {names[by]} | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|"]
    groups: dict[str, list[Tried]] = {}
    for row in rows:
        groups.setdefault(getattr(row, by), []).append(row)
    for name, group in [*groups.items(), ("**all**", rows)]:
        same, other = [r for r in group if r.same], [r for r in group if not r.same]
        cells = ["– | – | – | –", "– | – | –"]
        if same:
            at_size, before = sum(r.dropped_at_size for r in same), sum(r.before for r in same)
            cells[0] = f"{counted([r.dropped for r in same])} | {at_size} | {before}"
        if other:
            cells[1] = f"{counted([r.dropped for r in other])} | {sum(r.before for r in other)}"
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("realdata", type=Path)
    parser.add_argument("--files", type=int, default=10**6)
    parser.add_argument("--part", help="K/N: only this piece, whose rows are kept in the folder of --rows")
    parser.add_argument("--rows", type=Path)
    parser.add_argument("--write", action="store_true", help=f"the tables into {RESULTS.name}")
    options = parser.parse_args()
    if options.part and not options.rows:
        parser.error("--part keeps its rows in the folder of --rows: give one")
    if options.part:
        options.rows.mkdir(parents=True, exist_ok=True)  # before an hour of work, not after it
        part, parts = map(int, options.part.split("/"))
        rows = [
            *(real_pairs(options.realdata) if part == 1 else ()),
            *made_pairs(options.realdata, options.files, part, parts),
        ]
        kept = {"rows": [asdict(row) for row in rows], "looks": looks, "spent_s": spent_s}
        (options.rows / f"{part}-of-{parts}.json").write_text(json.dumps(kept), "utf-8")
        return
    if options.rows:
        rows = []
        for path in sorted(options.rows.glob("*-of-*.json")):
            kept = json.loads(path.read_text("utf-8"))
            rows += [Tried(**row) for row in kept["rows"]]
            looks.update(kept["looks"])
            for kind, seconds in kept["spent_s"].items():
                spent_s[kind] += seconds
    else:
        rows = [*real_pairs(options.realdata), *made_pairs(options.realdata, options.files)]
    same, other = [r for r in rows if r.same], [r for r in rows if not r.same]
    lines = [
        "# Measured: copies and look-alikes",
        "",
        "`python -m benchmarks.near_pairs ../shared/realdata --write`, on one core of a shared virtual machine of two.",
        f"Candidates lie within {NEAR} of 64 and {FAR} of 256 bits, and each is looked at.",
        f"Before, pairs within {BEFORE[0]} and {BEFORE[1]} bits were dropped unseen.",
        "",
        f"- copies found: {in_words([r.dropped for r in same])}",
        f"- in a large pool: {in_words([r.dropped_at_size for r in same])}",
        f"- the look alone, whatever the hashes: {in_words([r.copy for r in same])}",
        f"- different pictures dropped: {in_words([r.dropped for r in other])}",
        f"- a look: {spent_on('copies')} ms of CPU for a copy, {spent_on('others')} ms for a look-alike",
        "",
        *table(rows, "how"),
        "",
        *table(rows, "drawn"),
        "",
    ]
    print("\n".join(lines))
    if options.write:
        _, head, rest = RESULTS.read_text("utf-8").partition("\n## ")
        RESULTS.write_text("\n".join(lines) + head + rest, "utf-8")


if __name__ == "__main__":
    main()
