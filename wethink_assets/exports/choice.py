"""Which rows of a release an export takes: by split, source, licence and permission.

Belongs here: the filter and the reason why a row is left out. Pure. Does not belong here: what a release holds
(dataset/selection.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from wethink_assets.exports.permissions import permits

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Choice:
    """A filter on rows. Empty parts take all."""

    splits: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()  # shell patterns, in any letter case
    permission: str = ""

    def refusal(self, row: Row) -> str:
        """Why a row is left out, as a short code; empty for a row that is taken."""
        if self.splits and row["split"] not in self.splits:
            return "other_split"
        if self.sources and row["source"] not in self.sources:
            return "other_source"
        licence = row["licence"] or ""
        if self.licences and not any(fnmatchcase(licence.casefold(), p.casefold()) for p in self.licences):
            return "other_licence"
        if self.permission and not permits(licence, self.permission):
            return f"licence_without_{self.permission}"
        return ""

    def as_json(self) -> dict[str, Any]:
        return {
            "splits": list(self.splits),
            "sources": list(self.sources),
            "licences": list(self.licences),
            "permission": self.permission,
        }
