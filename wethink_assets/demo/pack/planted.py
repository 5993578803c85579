"""Planted defects (seeded ground truth): duplicates, contamination and broken files that a pack gets on purpose.

Look-alikes are planted too, which are no defects: pictures that differ from another one in a number, a mark or a
colour, and that a pool must keep.

Belongs here: what goes where. Does not belong here: the bytes (encode.py).

Planted files take the place of a file, so a source still has
its number of files. Numbers grow with the pack; each kind occurs in every batch of at
least 4 images per source.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from wethink_assets.demo.pack.benchmarks.figures import SETS
from wethink_assets.demo.pack.benchmarks.rows import copied_question

# Planted per 432 files (24 a source), by kind and manner.
QUOTAS: dict[tuple[str, str], int] = {
    ("exact_duplicate", "same_source"): 3,
    ("exact_duplicate", "other_source"): 3,
    ("near_duplicate", "reencoded"): 3,
    ("near_duplicate", "resized"): 3,
    ("near_duplicate", "cropped"): 3,
    ("benchmark_image", "identical"): 3,
    ("benchmark_image", "reencoded"): 3,
    ("unreadable", "truncated"): 2,
    ("unreadable", "text"): 1,
    ("unreadable", "empty"): 1,
    ("benchmark_question", "copied"): 3,
    ("look_alike", "number"): 3,
    ("look_alike", "mark"): 3,
    ("look_alike", "colour"): 3,
}
# Where an image of another source may turn up (same file format), copy first.
CROSS = (
    ("vg", "coco"),
    ("llava", "coco"),
    ("gqa", "vg"),
    ("share_textvqa", "textvqa"),
    ("sqa", "ai2d"),
    ("llava", "ocr_vqa"),
    ("coco", "sam"),
)
JPEG = (
    "coco",
    "sam",
    "vg",
    "gqa",
    "llava",
    "pisc",
    "web-celebrity",
    "web-landmark",
    "wikiart",
    "textvqa",
    "share_textvqa",
    "ocr_vqa",
)
ALIKE = ("chartqa", "sqa", "geoqa+", "ai2d", "docvqa", "textvqa", "coco")  # where a look-alike may stand
# Benchmark set and the source that hides one of its images; the identical ones share a file format.
IDENTICAL = (
    ("MMStar", "coco"),
    ("AI2D_TEST", "ai2d"),
    ("MathVerse_MINI_Vision_Only", "geoqa+"),
    ("OCRBench", "textvqa"),
    ("MMVet", "vg"),
)
REENCODED = (
    ("MathVista_MINI", "chartqa"),
    ("OCRBench", "ocr_vqa"),
    ("MMMU_DEV_VAL", "sqa"),
    ("MMVet", "web-landmark"),
    ("HallusionBench", "gqa"),
)
ASKED = (
    ("MathVista_MINI", "chartqa"),
    ("OCRBench", "textvqa"),
    ("MMStar", "vg"),
    ("MathVision", "geoqa+"),
    ("MMMU_DEV_VAL", "sqa"),
    ("HallusionBench", "gqa"),
    ("MMVet", "docvqa"),
)
MOST_FROM_BENCHMARKS = 60  # of one manner: the sets are small


@dataclass(frozen=True)
class Plant:
    """One planted defect. `of_source` is a source or a benchmark, `of_position` the place or figure in it."""

    source: str
    position: int
    kind: str
    how: str
    of_source: str = ""
    of_position: int = 0


class Plants:
    """All plants of a pack. Those of a batch depend only on the seed and the batches up to it."""

    def __init__(self, seed: int, batches: tuple[int, ...], sources: tuple[str, ...]) -> None:
        self.seed = seed
        self.at: dict[tuple[str, int], Plant] = {}
        self.asked: dict[tuple[str, int], Plant] = {}
        self._targets: set[tuple[str, int]] = set()
        self._shown: set[tuple[str, int, str]] = set()  # figures of sets, and the manner
        start = 0
        for size in batches:
            self._plant(Random(f"plants|{seed}|{start}|{size}"), start, start + size, sources)
            start += size

    def questions_at(self, source: str, position: int) -> tuple[tuple[str, str], ...]:
        """Benchmark questions with answers that the annotations of this file repeat."""
        plant = self.asked.get((source, position))
        if plant is None:
            return ()
        return (copied_question(self.seed, plant.of_source, plant.of_position)[1:],)

    def _plant(self, rng: Random, start: int, stop: int, sources: tuple[str, ...]) -> None:
        files = (stop - start) * len(sources)
        for (kind, how), quota in QUOTAS.items():
            count = max(1, round(quota * files / 432))
            if kind.startswith("benchmark"):
                count = min(count, MOST_FROM_BENCHMARKS)
            turn = rng.randrange(100)
            for i in range(count):
                # A small source may be full: then another one takes the plant.
                any(self._one(rng, kind, how, turn + i + more, start, stop, sources) for more in range(8))

    def _one(
        self, rng: Random, kind: str, how: str, turn: int, start: int, stop: int, sources: tuple[str, ...]
    ) -> bool:
        """Whether there was room for one more."""
        if kind.startswith("benchmark"):
            pairs = {"identical": IDENTICAL, "reencoded": REENCODED, "copied": ASKED}[how]
            benchmark, source = pairs[turn % len(pairs)]
            place = self._free(rng, source, start, stop)
            if place is None:
                return False
            if kind == "benchmark_question":
                self.asked[source, place] = Plant(source, place, kind, how, benchmark, turn)
                self._targets.add((source, place))
                return True
            figure = self._figure(benchmark, how, turn)
            if figure is None:
                return False
            self.at[source, place] = Plant(source, place, kind, how, benchmark, figure)
            return True
        if kind == "unreadable":
            source = rng.choice(JPEG if how == "truncated" else sources)
            place = self._free(rng, source, start, stop)
            if place is not None:
                self.at[source, place] = Plant(source, place, kind, how)
            return place is not None
        if how == "other_source":
            source, origin = CROSS[turn % len(CROSS)]
        else:
            source = origin = rng.choice(ALIKE if kind == "look_alike" else JPEG)
        place = self._free(rng, source, start, stop)
        if place is None:
            return False
        # An original may lie in an earlier batch, but never be planted itself.
        self.at[source, place] = Plant(source, place, kind, how)
        target = self._free(rng, origin, 0 if rng.random() < 0.5 else start, stop, target=True)
        if target is None:
            del self.at[source, place]
            return False
        self._targets.add((origin, target))
        self.at[source, place] = Plant(source, place, kind, how, origin, target)
        return True

    def _figure(self, benchmark: str, how: str, turn: int) -> int | None:
        """The next figure of a set that was not planted in this manner: twice, it would be an exact duplicate too."""
        figures = SETS[benchmark].figures
        for figure in (*range(turn % figures, figures), *range(turn % figures)):
            if (benchmark, figure, how) not in self._shown:
                self._shown.add((benchmark, figure, how))
                return figure
        return None

    def _free(self, rng: Random, source: str, start: int, stop: int, target: bool = False) -> int | None:
        """A place that carries no plant yet; for a planted file also none that is the original of another."""
        for _ in range(200):
            place = rng.randrange(start, stop)
            if (source, place) in self.at or (not target and (source, place) in self._targets):
                continue
            return place
        return None
