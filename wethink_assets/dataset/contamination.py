"""Decontamination of a release: all its rows, of all batches, held against every evaluation set known now.

Belongs here: which rows collide with a set, and which batches were held against fewer or older sets. Pure.
Does not belong here: what counts as a collision (images/contamination.py), verdicts and severities (gates.py).

A batch meets the sets when its pool is made. A set that comes later, or comes back, meets it here: the pictures by
bytes and, where both hashes are close, by looking; the sources' questions and the written ones by the rule and the SQL
of their checks. Hashes and questions come in parts, so memory is bounded by a part and the sets, and time grows with
the rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from resources.lake.database import Memory
from wethink_assets.gates import Scope
from wethink_assets.images.confirmation import Confirmation
from wethink_assets.images.contamination import image_hits
from wethink_assets.images.contamination_check import leaked_questions
from wethink_assets.images.near_duplicates import Looks

AT_ONCE = 32_768  # images [D]: some 20 MB of hashes as text


@dataclass(frozen=True)
class Collision:
    """A row of a release that an evaluation set holds as `item` (SET:item), or whose image nothing is known of."""

    sample_id: str
    batch: str
    item: str
    how: str

    def __str__(self) -> str:
        return f"{self.sample_id[:12]} of batch {self.batch}: {self.how}"


def collisions(scope: Scope, release_id: str) -> list[Collision]:
    """Every row that may not be in the release, each with the first thing that speaks against it."""
    memory = Memory.of(scope.settings)
    items = scope.lake.rows("images/select_benchmark_questions")
    against = _images(scope, release_id)
    with scope.windows("dataset/select_release_source_questions", release_id=release_id) as windows:
        asked = ((row["image_id"], row["question"]) for window in windows for row in window)
        for leak in leaked_questions(asked, items, memory):
            against.setdefault(leak.subject, (leak.item, f"its source asks a question of {leak.item} ({leak.how})"))
    with scope.windows("dataset/select_release_problems", release_id=release_id) as windows:
        written = ((row["sample_id"], question_of(row)) for window in windows for row in window)
        repeats = {leak.subject: leak for leak in leaked_questions(written, items, memory)}
        found = []
        for row in (row for window in windows.only(["sample_id", "batch", "image_id"]) for row in window):
            sample_id, hit = row["sample_id"], against.get(row["image_id"])
            if hit is None and (leak := repeats.get(sample_id)):
                hit = (leak.item, f"its question repeats {leak.item} ({leak.how})")
            if hit is not None:
                found.append(Collision(sample_id, row["batch"], *hit))
    return found


def gaps(scope: Scope, batches: Sequence[str]) -> dict[str, str]:
    """By batch, which sets of now its pool was not held against, or was in another version."""
    known = {row["benchmark"]: row["version"] for row in scope.lake.rows("benchmark_sets/select_known_sets")}
    accounts = {
        row["batch"]: json.loads(row["details"] or "{}")
        for row in scope.lake.rows("dataset/select_pool_accounts", batches=list(batches))
    }
    found = {}
    for batch in batches:
        held = accounts.get(batch, {}).get("held_against", {})
        without = [name for name in known if name not in held]
        older = [name for name, version in known.items() if held.get(name, version) != version]
        told = [f"not held against {', '.join(without)}"] * bool(without) + [
            f"held against another version of {', '.join(older)}"
        ] * bool(older)
        if told:
            found[batch] = " and ".join(told)
    return found


def image_collisions(
    images: Iterable[Mapping[str, Any]], known: Sequence[Mapping[str, Any]], looks: Looks, *, look_alikes: bool
) -> dict[str, tuple[str, str]]:
    """What speaks against images (image_id, phash, phash256), by their ids: the item, and how it is like it.

    `known` are rows of images/select_benchmark_images. Images without hashes are no longer in any pool.
    """
    against: dict[str, tuple[str, str]] = {}
    for part in _parts(iter(images)):
        held = [row for row in part if row["phash"] is not None]
        for row in part:
            if row["phash"] is None:
                why = "the pool no longer holds its image, so that nothing is known of its look"
                against[row["image_id"]] = ("", why)
        hits = image_hits(held, known, looks=looks, look_alikes=look_alikes)
        for image_id, hit in hits.items():
            against[image_id] = (hit.item, hit.detail)
    return against


def question_of(row: Mapping[str, Any]) -> str:
    """The question of a row without the lettered options that a choice lists below it."""
    if row["category"] != "MC":
        return row["problem"]
    return row["problem"].rpartition("\nA. ")[0] or row["problem"]


def _images(scope: Scope, release_id: str) -> dict[str, tuple[str, str]]:
    """What speaks against an image, by its id."""
    known = scope.lake.rows("images/select_benchmark_images")
    look_alikes = scope.settings.images.benchmark_look_alikes == "drop"
    with (
        Confirmation(scope.lake, scope.settings) as looks,
        scope.windows("dataset/select_release_images", release_id=release_id) as windows,
    ):
        rows = (row for window in windows for row in window)
        return image_collisions(rows, known, looks, look_alikes=look_alikes)


def _parts(rows: Iterator[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    while part := list(islice(rows, AT_ONCE)):
        yield part
