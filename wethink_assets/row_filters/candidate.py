"""The row that filters look at.

Belongs here: its fields, and readings of them that several filters need. Does not belong here: any filter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from wethink_assets.rewards.answers import MULTIPLE_CHOICE, TypedAnswer
from wethink_assets.rewards.gold_types import type_answer

# A full stop between digits, behind an initial or a known abbreviation ends no sentence.
_SENTENCE = re.compile(r"(?<=[.!?;])(?<!\b[A-Z]\.)(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bvs\.)\s+|(?<=[。！？；])|\n+")


@dataclass(frozen=True)
class Candidate:
    """One question with its options, kept answer and reasoning path."""

    question: str
    options: tuple[str, ...]
    category: str
    answer: str
    path: str

    @cached_property
    def sentences(self) -> list[str]:
        """The path's sentences, in order."""
        return [part.strip() for part in _SENTENCE.split(self.path) if part.strip()]

    @cached_property
    def gold(self) -> TypedAnswer:
        options = self.options if self.category == MULTIPLE_CHOICE else ()
        return type_answer(self.answer, category=self.category, options=options, question=self.question)

    @cached_property
    def answer_text(self) -> str:
        """The answer as words: an option's text where the answer is its letter."""
        letter = str(self.gold.value or "")
        if self.category == MULTIPLE_CHOICE and len(letter) == 1 and 0 <= ord(letter) - 65 < len(self.options):
            return self.options[ord(letter) - 65]
        return self.answer
