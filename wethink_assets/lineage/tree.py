"""The lineage tree (provenance): a node, and the texts of its lines that several kinds of rows share.

Belongs here: what holds of any line. Pure. Does not belong here: which lines a walk has (walk.py), colours (render.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wethink_assets.lineage.rows import Rows

SHORT = 12  # characters of an id that a line shows


@dataclass
class Node:
    """One line of the tree with what hangs below it. `mark` is the row that was asked for."""

    text: str
    children: list[Node] = field(default_factory=list)
    mark: bool = False

    def add(self, text: str, mark: bool = False) -> Node:
        child = Node(text, mark=mark)
        self.children.append(child)
        return child


def and_more(node: Node, rows: Rows, name: str) -> None:
    """A last line that counts the rows that are there and not shown."""
    if rows.more > 0:
        node.add(f"and {rows.more:,} more {name}s")


def call_text(c: Mapping[str, Any]) -> str:
    """A model call in one line: who was asked what, what it cost, and which run paid."""
    tokens = (c["prompt_tokens"] or 0) + (c["completion_tokens"] or 0)
    state = "" if c["status"] == "ok" else f", {c['status']}: {c['error']}"
    if c.get("forgotten_at"):
        state += f", forgotten {c['forgotten_at']:%Y-%m-%d %H:%M}"
    return (
        f"call {c['call_id'][:SHORT]}: {c['role']} {c['model']}, prompt {c['prompt']}@{c['prompt_version']}, "
        f"{tokens} tokens, cost {c['cost']:.6f}, paid by run {c['run_id'][:8]}{state}"
    )


def short(text: Any, limit: int = 90) -> str:
    """Text of any length in one line of at most `limit` characters."""
    one_line = " ".join(str(text).split())
    return one_line if len(one_line) <= limit else one_line[: limit - 1] + "…"


def number(value: float | None) -> str:
    """Three digits, "-" where there is no number."""
    return "-" if value is None else f"{value:.3g}" if abs(value) < 10 else f"{value:.1f}"
