"""Decontamination (test-set leakage): does a picture or a question give away an evaluation set?

Belongs here: the comparisons and their thresholds. Pure. Does not belong here: reading sets (evaluation/), what
happens to a hit (pool.py, synthesis/), asking the lake whether any hit passed (contamination_check.py).

Pictures: the same bytes, or close hashes and, looked at, the same picture (`copy of`). What has very close hashes and
is another picture `looks like` the item: a chart or map of one template, which tells nothing of the item's answer; the
setting `images.benchmark_look_alikes` drops it too. Questions, whether a source's own or written by a model, repeat an
item when any of these holds:
- both have the same words, at least `MIN_WORDS` of them ("What colour is the car?" tells nothing); of an item that
  wraps its question as "Hint: … Question: … Choices: …", the part between counts as well;
- item in question: at least `SHARE` of the item's 8-grams stand in the question;
- question in item: the whole question, of at least `PART` words, stands in a longer item. Less would not do: sources
  ask "How many objects are left?" of thousands of pictures, and "Based on the food web, what would happen if …"
  begins hundreds of different questions;
- they share `LONG` words in a row.
8-grams of more than `BOILERPLATE` items are instructions ("Answer with the option's letter …") and do not count, nor
does a run of words that holds one.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from wethink_assets.images.near_duplicates import Looks, Pair, closest
from wethink_assets.sources.annotations import ImageAnnotations

N = 8  # words of an n-gram
LONG = 13  # words in a row that are enough by themselves, as in GPT-3's decontamination (arXiv 2005.14165)
MIN_WORDS = 8  # of a question that is to count as a whole [D]
PART = 12  # words of a question that is to count where it is a part of an item [D]
SHARE = 0.6  # of an item's n-grams [D]
BOILERPLATE = 20  # different items that share an n-gram before it counts as boilerplate [D]

# Words; Chinese, Japanese and Korean characters one by one, since no spaces part their words.
_PLACE = re.compile(r"<image ?\d*>", re.IGNORECASE)  # where evaluation sets put their pictures
_CORE = re.compile(r"^Question:(.+?)(?=^(?:Choices|Options):|\Z)", re.IGNORECASE | re.MULTILINE | re.DOTALL)
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")

Gram = tuple[str, ...]


@dataclass(frozen=True)
class Hit:
    """What an image or a question has in common with an item, as SET:item.

    `is_failure`: nothing can be said, since the image can no longer be read.
    """

    reason: str
    item: str
    detail: str
    is_failure: bool = False


def words(text: str) -> Gram:
    """Case, width, punctuation, spacing and `<image 1>` do not count."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    if "<" in text:
        text = _PLACE.sub(" ", text)
    return tuple(_WORD.findall(text.casefold()))


def core(question: str) -> str:
    """What stands between "Question:" and "Choices:", as in MathVista's items; '' where nothing does."""
    match = _CORE.search(question) if ":" in question else None
    return match[1].strip() if match else ""


def grams(asked: Gram, n: int = N) -> set[Gram]:
    return {asked[i : i + n] for i in range(len(asked) - n + 1)}


class Questions:
    """An index of benchmark questions, without their options.

    Memory grows with the items' words: about 250 bytes each. A question costs time by its own words only.
    """

    def __init__(self, items: Iterable[Mapping[str, Any]]) -> None:
        names: dict[Gram, str] = {}
        cores: dict[Gram, str] = {}
        for item in items:
            name = f"{item['benchmark']}:{item['item']}"
            names.setdefault(words(item["question"]), name)
            if inner := core(item["question"]):
                cores.setdefault(words(inner), name)
        self._names = list(names.values())
        self._asked = list(names)
        self._whole = {asked: name for asked, name in [*cores.items(), *names.items()] if len(asked) >= MIN_WORDS}
        held: dict[Gram, int | list[int]] = {}  # most 8-grams are of one item, which needs no list
        for i, asked in enumerate(self._asked):
            for gram in grams(asked):
                before = held.setdefault(gram, i)
                if before == i:
                    continue
                if not isinstance(before, list):
                    held[gram] = [before, i]
                elif len(before) <= BOILERPLATE:  # more are not needed to know what it is
                    before.append(i)
        self._boilerplate = {g for g, items in held.items() if isinstance(items, list) and len(items) > BOILERPLATE}
        for gram in self._boilerplate:
            del held[gram]
        self._holders = held
        self._size = Counter(i for items in held.values() for i in (items if isinstance(items, list) else (items,)))

    def repeated_by(self, question: str) -> Hit | None:
        """The item that this question repeats; the one with most in common where there are several."""
        asked = words(question)
        if len(asked) < MIN_WORDS:
            return None
        repeated = self._same(asked) or self._overlap(asked)
        if repeated is None:
            return None
        item, how = repeated
        short = question if len(question) <= 120 else question[:117] + "…"
        return Hit("benchmark_question", item, f"the question {short!r} {how}")

    def hit(self, context: ImageAnnotations) -> Hit | None:
        """The first item that one of an image's own questions repeats."""
        return next((hit for qa in context.qa if (hit := self.repeated_by(qa.question))), None)

    def _same(self, asked: Gram) -> tuple[str, str] | None:
        name = self._whole.get(asked)
        return None if name is None else (name, f"is that of {name}")

    def _overlap(self, asked: Gram) -> tuple[str, str] | None:
        holders = self._holders
        known = {gram for i in range(len(asked) - N + 1) if (gram := asked[i : i + N]) in holders}
        if not known:
            return None
        # A run of LONG words holds LONG - N + 1 8-grams, all different unless the question repeats itself.
        repeats = len(grams(asked)) < len(asked) - N + 1
        shared: Counter[int] = Counter()
        for gram in known:
            items = holders[gram]
            shared.update(items if isinstance(items, list) else (items,))
        for item, count in shared.most_common():
            name = self._names[item]
            if count >= SHARE * self._size[item]:
                return name, f"holds {count} of {self._size[item]} 8-grams of {name}"
            if len(asked) >= PART and asked in grams(self._asked[item], len(asked)):
                return name, f"stands as a whole in {name}"
            if (count > LONG - N or repeats) and self._long_run(asked, self._asked[item]):
                return name, f"shares {LONG} words in a row with {name}"
        return None

    def _long_run(self, asked: Gram, item: Gram) -> bool:
        return any(not grams(run) & self._boilerplate for run in grams(asked, LONG) & grams(item, LONG))


def image_hits(
    images: Sequence[Mapping[str, Any]],
    benchmark_images: Sequence[Mapping[str, Any]],
    looks: Looks | None = None,
    look_alikes: bool = True,
) -> dict[str, Hit]:
    """Images (image_id, phash, phash256) that are, or are a copy of, an image of an evaluation set.

    With `look_alikes` also those that only look like one. Where `looks` is not given, or finds no picture of the item,
    close hashes are enough.
    """
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
    others = [row for row in images if row["image_id"] not in hits]
    for pair in closest(others, known, looks=looks).values():
        is_hit = pair.how in ("copy", "unreadable") or (
            pair.is_alike and (look_alikes or looks is None or pair.how == "unconfirmed")
        )
        if is_hit:
            hits[pair.image_id] = _hit(pair, names[pair.other_id])
    return hits


def _hit(pair: Pair, name: str) -> Hit:
    bits = f"{pair.distance} of 64 and {pair.distance256} of 256 bits differ"
    if pair.how == "unreadable":
        return Hit(pair.reason, name, f"it may look like {name} ({bits}), but: {pair.detail}", is_failure=True)
    told = "copy of" if pair.how == "copy" else "looks like"
    return Hit("benchmark_image", name, f"{told} {name}{f' ({pair.detail})' if pair.detail else ''}: {bits}")
