"""Does a source give away an evaluation set? By its pictures, and by its own questions.

Belongs here: the two comparisons and their thresholds. Pure. Does not belong here: reading sets (evaluation/),
what happens to a hit (pool.py).

Pictures: the same bytes, or hashes within the distance of near-duplicates. Questions: a source repeats an item
when both have the same words and there are at least `MIN_WORDS` of them ("What colour is the car?" tells
nothing), or when at least `SHARE` of the item's 8-grams stand in the source's question, which finds questions
that were wrapped in other words. 8-grams of many items are boilerplate and do not count.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from wethink_assets.images.near_duplicates import FAR, near_pairs
from wethink_assets.sources.context import Context

N = 8  # words of an n-gram
MIN_WORDS = 8  # of a question that is to count as a whole [D]
SHARE = 0.6  # of an item's n-grams [D]
BOILERPLATE = 20  # different questions that share an n-gram before it counts as boilerplate [D]

# Words; Chinese, Japanese and Korean characters one by one, since no spaces part their words.
_PLACE = re.compile(r"<image ?\d*>", re.IGNORECASE)  # where evaluation sets put their pictures
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")


@dataclass(frozen=True)
class Hit:
    """What a source image has in common with an item, as SET:item."""

    reason: str
    item: str
    detail: str


def words(text: str) -> tuple[str, ...]:
    """Case, width, punctuation, spacing and `<image 1>` do not count."""
    return tuple(_WORD.findall(unicodedata.normalize("NFKC", _PLACE.sub(" ", text)).casefold()))


class Questions:
    """An index of benchmark questions, without their options."""

    def __init__(self, items: Iterable[Mapping[str, Any]]) -> None:
        self._whole: dict[tuple[str, ...], str] = {}
        self._size: dict[str, int] = {}
        self._grams: dict[tuple[str, ...], list[str]] = {}
        questions: dict[tuple[str, ...], str] = {}
        for item in items:
            asked = words(item["question"])
            questions.setdefault(asked, f"{item['benchmark']}:{item['item']}")
        common = Counter(gram for asked in questions for gram in set(_grams(asked)))
        for asked, name in questions.items():
            if len(asked) >= MIN_WORDS:
                self._whole.setdefault(asked, name)
            grams = {gram for gram in _grams(asked) if common[gram] <= BOILERPLATE}
            self._size[name] = len(grams)
            for gram in grams:
                self._grams.setdefault(gram, []).append(name)

    def repeated_by(self, question: str) -> Hit | None:
        """The item that this question repeats."""
        asked = words(question)
        if len(asked) < MIN_WORDS:
            return None
        short = question if len(question) <= 120 else question[:117] + "…"
        if name := self._whole.get(asked):
            return Hit("benchmark_question", name, f"its own question {short!r} is that of {name}")
        shared = Counter(name for gram in set(_grams(asked)) for name in self._grams.get(gram, ()))
        for name, count in shared.most_common(1):
            if count >= SHARE * self._size[name]:
                part = f"{count} of {self._size[name]} 8-grams of {name}"
                return Hit("benchmark_question", name, f"its own question {short!r} holds {part}")
        return None

    def hit(self, context: Context) -> Hit | None:
        """The first item that one of an image's own questions repeats."""
        return next((hit for qa in context.qa if (hit := self.repeated_by(qa.question))), None)


def _grams(asked: Sequence[str]) -> Iterable[tuple[str, ...]]:
    return (tuple(asked[i : i + N]) for i in range(len(asked) - N + 1))


def image_hits(
    images: Sequence[Mapping[str, Any]], benchmark_images: Sequence[Mapping[str, Any]], far: int = FAR
) -> dict[str, Hit]:
    """Images (image_id, phash, phash256) that are, or look like, an image of an evaluation set."""
    names = {row["image_id"]: f"{row['benchmark']}:{row['item']}" for row in benchmark_images}
    hits = {
        row["image_id"]: Hit("benchmark_image", name, f"its bytes are those of {name}")
        for row in images
        if (name := names.get(row["image_id"]))
    }
    known = pl.DataFrame(
        [{k: row[k] for k in ("image_id", "phash", "phash256")} for row in benchmark_images],
        schema={"image_id": pl.String, "phash": pl.String, "phash256": pl.String},
    )
    for pair in near_pairs(images, known, among_new=False, far=far):
        if pair.other_id in names and pair.image_id not in hits:
            name = names[pair.other_id]
            bits = f"{pair.distance} of 64 and {pair.distance256} of 256 bits differ"
            hits[pair.image_id] = Hit("benchmark_image", name, f"it looks like {name}: {bits}")
    return hits
