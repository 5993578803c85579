"""A regular expression whose searches are remembered: the rules ask the same few of the same reply again and again.

Belongs here: remembering, for patterns that many modules search for. Does not belong here: any pattern (verdict.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

MAX_REMEMBERED = 512  # texts of one verdict and its neighbours, of 4,000 characters at most


class Remembered:
    """A compiled pattern with `search`, `match` and `finditer`; `search` remembers what it found."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._pattern = pattern
        self.search = lru_cache(MAX_REMEMBERED)(pattern.search)

    def match(self, text: str) -> re.Match[str] | None:
        return self._pattern.match(text)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        return self._pattern.finditer(text)
