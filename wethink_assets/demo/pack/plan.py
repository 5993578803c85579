"""Plan of the sample pack: which picture stands at which place of a source, with its kind, seed, file name, native id.

Belongs here: places. Does not belong here: what is planted where (planted.py), painting (render.py).

Everything is a pure function of (seed, source, position): workers and native writers need no shared state, and a pack
that grows keeps every earlier picture.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random

from wethink_assets.demo.pack.planted import Plant, Plants
from wethink_assets.demo.pack.render import make_scene
from wethink_assets.demo.pack.scene import Scene
from wethink_assets.demo.pack.seeds import scene_seed

# The 18 sources with the kinds of scenes that each holds, and its file format.
KINDS_OF: dict[str, tuple[str, ...]] = {
    "coco": ("photo", "people"),
    "sam": ("landmark", "photo", "people"),
    "vg": ("photo", "people"),
    "gqa": ("photo", "landmark"),
    "llava": ("photo", "painting", "portrait", "book_cover"),
    "pisc": ("people",),
    "web-celebrity": ("portrait",),
    "web-landmark": ("landmark",),
    "wikiart": ("painting",),
    "CLEVR_v1.0": ("solids",),
    "textvqa": ("sign", "book_cover"),
    "share_textvqa": ("sign",),
    "docvqa": ("document",),
    "ocr_vqa": ("book_cover",),
    "chartqa": ("bar_chart", "line_chart", "pie_chart"),
    "ai2d": ("food_web", "parts"),
    "sqa": ("map", "experiment"),
    "geoqa+": ("geometry",),
}
SOURCES = tuple(KINDS_OF)
PNG_SOURCES = frozenset({"CLEVR_v1.0", "docvqa", "chartqa", "ai2d", "sqa", "geoqa+"})


@dataclass(frozen=True)
class Picture:
    """One file of a source. `number` is its native id, `name` its path inside the source's folder."""

    source: str
    position: int
    number: int
    name: str
    split: str
    scene: Scene
    plant: Plant | None = None
    questions: tuple[tuple[str, str], ...] = field(default=())

    @property
    def uri(self) -> str:
        return f"{self.source}/{self.name}"

    @property
    def file_name(self) -> str:
        return self.name.rsplit("/", 1)[-1]

    @property
    def width(self) -> int:
        return self.scene.size[0]

    @property
    def height(self) -> int:
        return self.scene.size[1]

    def rng(self, use: str) -> Random:
        """Random numbers for the annotations of this picture."""
        return Random(f"{use}|{self.source}|{self.number}|{self.scene.seed}")


class Plan:
    """The pack's plan: `batches` are the images per source that the first and each further growth brought."""

    def __init__(self, seed: int, batches: tuple[int, ...]) -> None:
        self.seed, self.batches = seed, batches
        self.plants = Plants(seed, batches, SOURCES)

    @property
    def total(self) -> int:
        """Images per source over all batches."""
        return sum(self.batches)

    def own_scene(self, source: str, position: int) -> Scene:
        """The scene that belongs at this place if nothing is planted there."""
        value = scene_seed(self.seed, source, position)
        kinds = KINDS_OF[source]
        return make_scene(kinds[position % len(kinds)], value)

    def picture(self, source: str, position: int) -> Picture:
        plant = self.plants.at.get((source, position))
        number, name, split = _native_name(self.seed, source, position)
        return Picture(
            source,
            position,
            number,
            name,
            split,
            self.shown_scene(source, position),
            plant,
            self.plants.questions_at(source, position),
        )

    def shown_scene(self, source: str, position: int) -> Scene:
        """What the file at this place shows, duplicates and benchmark images included."""
        plant = self.plants.at.get((source, position))
        if plant is None or plant.kind == "unreadable":
            return self.own_scene(source, position)
        if plant.kind == "benchmark_image":
            from wethink_assets.demo.pack.benchmarks.figures import figure_scene

            return figure_scene(self.seed, plant.of_source, plant.of_position)
        scene = self.own_scene(plant.of_source, plant.of_position)
        return scaled(scene, RESIZED) if plant.how == "resized" else scene

    def pictures(self, source: str) -> Pictures:
        return Pictures(self, source)


RESIZED = 0.75  # how much smaller a resized near-duplicate is


@dataclass(frozen=True)
class Pictures:
    """All pictures of a source, made anew at each iteration so that no list of scenes is held."""

    plan: Plan
    source: str

    def __iter__(self) -> Iterator[Picture]:
        for position in range(self.plan.total):
            yield self.plan.picture(self.source, position)


def scaled(scene: Scene, factor: float) -> Scene:
    """The scene with its size and boxes multiplied."""

    def grow(record: dict) -> dict:
        return {**record, **{k: int(record[k] * factor) for k in ("x", "y", "w", "h")}}

    w, h = scene.size
    return replace(
        scene,
        objects=tuple(map(grow, scene.objects)),
        tokens=tuple(map(grow, scene.tokens)),
        extra={**scene.extra, "size": [round(w * factor), round(h * factor)]},
    )


def _native_name(seed: int, source: str, position: int) -> tuple[int, str, str]:
    """Native number, path inside the source's folder, split. Numbers grow with gaps, as in the published sets."""
    bits = int.from_bytes(hashlib.sha256(f"name|{seed}|{source}|{position}".encode()).digest()[:8], "big")
    jump = bits % 17
    val = position % 6 == 5
    match source:
        case "coco":
            number = 9 + position * 23 + jump
            return number, f"train2017/{number:012d}.jpg", "train"
        case "sam":
            number = 223750 + position * 19 + jump
            return number, f"images/sa_{number}.jpg", ""
        case "vg":
            number = 2315353 + position * 18 + jump
            return number, f"VG_100K{'_2' if position % 2 else ''}/{number}.jpg", ""
        case "gqa":
            number = 2370799 + position * 18 + jump
            return number, f"images/{number}.jpg", "val" if val else "train"
        case "llava":
            number = 4539375 + position * 1217 + jump
            return number, f"llava_pretrain/images/{number // 10000:05d}/{number:09d}.jpg", ""
        case "pisc":
            number = 1 + position * 20 + jump
            return number, f"image/{number:05d}.jpg", ("train", "val", "test")[0 if position % 5 else 1 + position % 2]
        case "CLEVR_v1.0":
            split = "val" if val else "train"
            return position, f"images/{split}/CLEVR_{split}_{position:06d}.png", split
        case "textvqa":
            return bits, f"train_images/{bits:016x}.jpg", "val" if val else "train"
        case "share_textvqa":
            return bits, f"images/{bits:016x}.jpg", ""
        case "docvqa":
            letters = "".join(chr(97 + (bits >> (5 * i)) % 26) for i in range(4))
            name = f"{letters}{position % 10000:04d}_{1 + jump}"
            split = "val" if val else "train"
            return 14465 + position * 18 + jump, f"{split}/{name}.png", split
        case "ocr_vqa":
            number = 60000000 + position * 97 + jump
            return number, f"images/{number:010d}.jpg", "train"
        case "chartqa":
            number = 100 + position * 18 + jump
            many = "multi_col_" if position % 4 == 3 else "two_col_" if position % 4 == 1 else ""
            return number, f"train/png/{many}{number}.png", "train"
        case "ai2d":
            return position * 2, f"images/{position * 2}.png", ""
        case "sqa":
            number = 4 + position * 18 + jump
            return number, f"train/{number}/image.png", "train"
        case "geoqa+":
            number = 2 + position * 3 + jump % 3
            return number, f"images/{number}.png", "train"
        case _:
            number = 1 + position * 18 + jump
            return number, f"images/{number}.jpg", ""
