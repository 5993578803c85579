"""Decontamination references: what is known of every evaluation set, kept when its file is gone.

Belongs here: what gates go on comparing with after the sets were read again. Pure.
Does not belong here: reading files (items.py), comparing (images/contamination.py), what is asked of policies.

A set that was read whole replaces what was known of it. One that is missing keeps all of it, one that was read in part
keeps what the file no longer gives: a lost file must not open a gate. Only the setting that dismisses a missing set by
name makes it forgotten.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wethink_assets.accounting import StageResult, content_id
from wethink_assets.written_rows import ContaminationImageRow, ContaminationQuestionRow, ContaminationSetRow

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class KnownSets:
    """Rows of tables contamination_sets, contamination_questions and contamination_images."""

    sets: Rows = ()
    questions: Rows = ()
    images: Rows = ()

    @property
    def tables(self) -> dict[str, Rows]:
        return {
            "contamination_sets": self.sets,
            "contamination_questions": self.questions,
            "contamination_images": self.images,
        }


def known_sets(read: StageResult, before: KnownSets, *, dismissed: Collection[str], now: datetime) -> KnownSets:
    """What is known after the sets were read; `before` is what was known until then."""
    there = {item["benchmark"] for item in read.rows["benchmark_items"]}
    in_part = {stopped.subject_id.removesuffix(".tsv").partition(":")[0] for stopped in read.failed}
    missing_since = {
        row["benchmark"]: row["missing_since"] or now
        for row in before.sets
        if row["benchmark"] not in there and row["benchmark"] not in dismissed
    }
    kept = missing_since.keys() | (in_part & there)
    questions = _joined([_question(item) for item in read.rows["benchmark_items"]], before.questions, kept, "item")
    images = _joined(_images(read), before.images, kept, "image_id")
    sets: list[ContaminationSetRow] = [
        {
            "benchmark": name,
            "version": content_id(questions.get(name, []), images.get(name, []))[:16],
            "questions": len(questions.get(name, [])),
            "images": len(images.get(name, [])),
            "missing_since": missing_since.get(name),
        }
        for name in sorted(questions.keys() | images.keys())
    ]
    return KnownSets(sets, _flat(questions), _flat(images))


def _question(item: Mapping[str, Any]) -> ContaminationQuestionRow:
    return {
        "benchmark": item["benchmark"],
        "item": item["item"],
        "position": item["position"],
        "question": item["question"],
    }


def _images(read: StageResult) -> list[ContaminationImageRow]:
    """Every image of every set, though table benchmark_images names the first set alone."""
    hashes = {row["image_id"]: row for row in read.rows["benchmark_images"]}
    first: dict[tuple[str, str], ContaminationImageRow] = {}
    for item in read.rows["benchmark_items"]:
        for image_id in item["image_ids"]:
            row: ContaminationImageRow = {
                "benchmark": item["benchmark"],
                "item": item["item"],
                "image_id": image_id,
                "phash": hashes[image_id]["phash"],
                "phash256": hashes[image_id]["phash256"],
            }
            first.setdefault((item["benchmark"], image_id), row)
    return list(first.values())


def _joined(now: Rows, before: Rows, kept: Collection[str], key: str) -> dict[str, list[dict[str, Any]]]:
    """Rows by set in the order of `key`: those of now, and of the sets that are kept those that are gone."""
    rows = {(row["benchmark"], row[key]): row for row in before if row["benchmark"] in kept}
    rows |= {(row["benchmark"], row[key]): row for row in now}
    by_set: dict[str, list[dict[str, Any]]] = {}
    for (name, _), row in sorted(rows.items()):
        by_set.setdefault(name, []).append(dict(row))
    return by_set


def _flat(by_set: Mapping[str, Rows]) -> list[Mapping[str, Any]]:
    return [row for rows in by_set.values() for row in rows]
