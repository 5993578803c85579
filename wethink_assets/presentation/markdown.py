"""Foreign text inside Markdown: questions, golds and replies that Dagster's UI, cards and pages of tables show.

Belongs here: escaping one cell of a table, code spans. Pure. Does not belong here: which rows are shown (each room's
own module).
"""

from __future__ import annotations

import re
from typing import Any


class Markdown(str):
    """Text that the UI shows as Markdown: how pure modules hand tables and pictures to an asset's page."""

    __slots__ = ()


# ASCII punctuation that begins a link, an image, code, emphasis, a line through, a cell
# (CommonMark 0.31, 2.4; GFM 4.10).
_MARKS = re.compile(r"([\\`|*_~\[\]!])")


def code(value: Any, limit: int = 160) -> str:
    """Code span of `value` on one line of at most `limit` characters, whatever backticks it holds."""
    text = " ".join(str(value).split())
    text = text if len(text) <= limit else text[: limit - 1] + "…"
    longest = max(map(len, re.findall("`+", text)), default=0)
    space = " " if text.startswith("`") or text.endswith("`") or not text else ""
    return f"{'`' * (longest + 1)}{space}{text}{space}{'`' * (longest + 1)}"


def cell(value: Any, limit: int = 160) -> str:
    """Escaped Markdown: `value` on one line of at most `limit` characters, shown as it is.

    No link, image, code or tag of it has an effect.
    A bare address may become a link, which says where it leads and loads nothing.
    """
    if isinstance(value, (list, tuple)):
        value = "; ".join(map(str, value))
    text = " ".join(str("" if value is None else value).split())
    text = text if len(text) <= limit else text[: limit - 1] + "…"
    return _MARKS.sub(r"\\\1", text.replace("&", "&amp;")).replace("<", "&lt;").replace(">", "&gt;")
