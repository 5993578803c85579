"""A choice of rows and its address (URL query): filters, search words, page, and the links that change one of them.

Belongs here: reading an address and writing one. Pure. Does not belong here: what a choice leaves (facets.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

MOST_WORDS = 200  # characters of a search
MOST_VALUES = 200  # in one address


@dataclass(frozen=True)
class Query:
    """What is asked for. `chosen`: values by facet, any of a facet, all facets; `page` from 1; `at`: a row's place."""

    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    words: str = ""
    page: int = 1
    at: int | None = None

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]], facets: Iterable[str]) -> Query:
        """From the pairs of an address; what is no filter of these facets is left out."""
        names, chosen = set(facets), {}
        words, page, at = "", 1, None
        for name, value in list(pairs)[:MOST_VALUES]:
            if name in names and value and value not in chosen.get(name, ()):
                chosen[name] = (*chosen.get(name, ()), value)
            elif name == "q":
                words = " ".join(value.replace("\0", " ").split())[:MOST_WORDS]
            elif name == "page":
                page = max(1, _number(value) or 1)
            elif name == "at":
                at = _number(value)
        return cls(chosen, words, page, at)

    def toggled(self, facet: str, value: str) -> Query:
        """With this value chosen too, or no longer; on the first page."""
        values = self.chosen.get(facet, ())
        left = tuple(v for v in values if v != value) if value in values else (*values, value)
        return replace(self, chosen={**self.chosen, facet: left}, page=1, at=None)

    def without(self, facet: str) -> Query:
        return replace(self, chosen={k: v for k, v in self.chosen.items() if k != facet}, page=1, at=None)

    def text(self) -> str:
        """The address's query, without its question mark; the same choice always has the same."""
        pairs = [(name, value) for name, values in self.chosen.items() for value in values]
        pairs += [("q", self.words)] if self.words else []
        pairs += [("page", str(self.page))] if self.page > 1 else []
        pairs += [("at", str(self.at))] if self.at is not None else []
        return urlencode(pairs)

    def address(self, path: str = "/rows") -> str:
        text = self.text()
        return f"{path}?{text}" if text else path


def _number(value: str) -> int | None:
    """A whole number from 0 on; of a text that is none, None."""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None
