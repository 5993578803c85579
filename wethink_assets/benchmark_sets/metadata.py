"""Metadata of the benchmark sets for Dagster's UI: rows per set and a contact sheet.

Belongs here: Markdown of counts and thumbnails. Does not belong here: any check (gates.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from wethink_assets.presentation import contact_sheet
from wethink_assets.presentation.markdown import Markdown

SHOWN = 24


def per_set(rows: Sequence[Mapping[str, Any]]) -> Markdown:
    """Rows per set, as a Markdown table."""
    counts = Counter(row["benchmark"] for row in rows)
    return Markdown("| set | rows |\n|---|---|\n" + "\n".join(f"| {k} | {v} |" for k, v in counts.items()))


def preview(items: Sequence[Mapping[str, Any]], images: Sequence[Mapping[str, Any]], root: Path) -> Markdown:
    """A contact sheet over all sets; `root` is the folder of the image store."""
    uris = {row["image_id"]: row["image_uri"] for row in images}
    shown: dict[str, Path] = {}
    step = max(1, len(items) // SHOWN)
    for item in items[::step][:SHOWN]:
        image_id = item["image_ids"][0]
        shown[f"{item['benchmark']}:{item['item']}"] = root / uris[image_id]
    return Markdown(contact_sheet.of_files(shown, title="Evaluation sets"))
