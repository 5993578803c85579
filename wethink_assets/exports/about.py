"""What an export says of the release that it was made from.

Belongs here: the few facts that cards and descriptions quote. Does not belong here: rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class About:
    """A release's id, its card as Markdown, and the day it was made, where the lake knows it."""

    release_id: str
    card: str = ""
    released_on: date | None = None
