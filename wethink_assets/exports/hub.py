"""A data set repository for the Hugging Face Hub: Parquet with pictures, card with YAML head, Croissant metadata.

Belongs here: the folder's layout and the head of its card. Does not belong here: the card's text (dataset/card.py),
which the release holds already; Croissant's vocabulary (croissant.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wethink_assets.dataset.card import MIX_PLOT
from wethink_assets.dataset.card_examples import only, shows, source_of
from wethink_assets.dataset.export import place
from wethink_assets.exports.about import About
from wethink_assets.exports.croissant import croissant
from wethink_assets.exports.parquet_formats import HUB, ParquetWriter, hub_row

# https://huggingface.co/docs/hub/datasets-cards: the classes of `size_categories`
_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


class HubWriter:
    """`data/<split>-*.parquet`, `README.md` with the pictures of its examples, `croissant.json`."""

    def __init__(self, folder: Path, about: About) -> None:
        self._folder, self._about = folder, about
        self._parquet = ParquetWriter(folder / "data", HUB, hub_row)
        self._rows: dict[str, int] = {}
        self._licences: set[str] = set()
        self._placed: set[str] = set()

    def add(self, row: Mapping[str, Any], path: Path) -> None:
        self._parquet.add(row, path)
        self._rows[row["split"]] = self._rows.get(row["split"], 0) + 1
        self._licences.add(row["licence"] or "none stated")
        source = source_of(row["image_path"])
        if source not in self._placed and shows(self._about.card, source):
            place(self._folder / "images", row["image_path"], path)
            self._placed.add(source)

    def end(self) -> dict[str, list[Path]]:
        files = self._parquet.end()
        card = only(self._about.card.replace(MIX_PLOT, ""), self._placed)
        head = yaml_head(self._about.release_id, self._rows)
        (self._folder / "README.md").write_text(head + card, "utf-8")
        description = croissant(self._folder, self._about, files, sorted(self._licences))
        (self._folder / "croissant.json").write_text(json.dumps(description, indent=1, ensure_ascii=False), "utf-8")
        return files


def yaml_head(release_id: str, rows: Mapping[str, int]) -> str:
    """The YAML head of a data set card. Strings are JSON, which YAML reads alike."""
    total = sum(rows.values())
    size = next((name for limit, name in _SIZES if total < limit), "n>1M")
    lines = ["---", f"pretty_name: {json.dumps(f'WeThink re-created, release {release_id}')}", "license: other"]
    lines += ["license_name: mixed-by-source", "license_link: README.md", "task_categories:"]
    lines += ["- visual-question-answering", "- image-text-to-text", "tags:", "- reasoning", "- synthetic"]
    lines += ["size_categories:", f"- {size}", "configs:", "- config_name: default", "  data_files:"]
    for split in sorted(rows, reverse=True):
        lines += [f"  - split: {split}", f"    path: data/{split}-*.parquet"]
    return "\n".join([*lines, "---", "", ""])
