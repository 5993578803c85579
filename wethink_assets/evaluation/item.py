"""Benchmark item: one question of an evaluation set with its images and gold, as prompts and rules see it.

Belongs here: the item's fields and its options by letter. Does not belong here: reading files (benchmark_sets/), its
wording (wording.py), its verdict (scoring.py). Pure.
"""

from __future__ import annotations

import json
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Item:
    """A benchmark item, or a held-out sample, as prompts and rules see it.

    `extra` holds the cells of columns that not every set has, by column.
    """

    benchmark: str
    item: str
    question: str
    image_ids: tuple[str, ...] = ()
    hint: str | None = None
    options: tuple[str, ...] = ()
    answer: str | None = None
    category: str | None = None
    split: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Item:
        """The item of a row of table benchmark_items, whose JSON is text."""
        extra = row.get("extra") or {}
        return cls(
            benchmark=row["benchmark"],
            item=row["item"],
            question=row["question"],
            image_ids=tuple(row["image_ids"]),
            hint=row.get("hint"),
            options=tuple(row.get("options") or ()),
            answer=row.get("answer"),
            category=row.get("category"),
            split=row.get("split"),
            extra=json.loads(extra) if isinstance(extra, str) else extra,
        )

    @property
    def subject(self) -> str:
        return f"{self.benchmark}:{self.item}"


def option_letters(options: Sequence[str]) -> list[str]:
    """Option letters (A, B, …) of the options that have a text."""
    return [letter for letter, text in zip(string.ascii_uppercase, options, strict=False) if text]
