"""LLaMA-Factory's ShareGPT format: conversations as JSON beside the pictures, and a `dataset_info.json` naming them.

Belongs here: the records and the description. Does not belong here: placing pictures (dataset/export.py).

Form: the README of LLaMA-Factory's data folder, "Sharegpt Format": `conversations` of `from` and `value`, one `<image>`
in the texts for each of `images`, paths below the folder of the data set.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

from wethink_assets.dataset.export import place
from wethink_assets.exports.texts import reply, with_picture
from wethink_assets.presentation.json_lines import json_line
from wethink_assets.rewards.format import SYSTEM_PROMPT

COLUMNS = {"messages": "conversations", "images": "images", "system": "system"}


class LlamaFactoryWriter:
    """`wethink_<split>.jsonl`, `images/` and `dataset_info.json` in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open = ExitStack()
        self._files: dict[str, IO[str]] = {}
        self._placed: set[str] = set()

    def add(self, row: Mapping[str, Any], path: Path) -> None:
        if row["image_path"] not in self._placed:
            place(self._folder / "images", row["image_path"], path)
            self._placed.add(row["image_path"])
        record = {
            "conversations": [
                {"from": "human", "value": with_picture(row["problem"])},
                {"from": "gpt", "value": reply(row["refined_cot"], row["answer"])},
            ],
            "system": SYSTEM_PROMPT,
            "images": [f"images/{row['image_path']}"],
            "sample_id": row["sample_id"],
            "source": row["source"],
            "licence": row["licence"],
        }
        self._file(row["split"]).write(json_line(record))

    def end(self) -> dict[str, list[Path]]:
        self._open.close()
        info = {
            f"wethink_{split}": {"file_name": Path(file.name).name, "formatting": "sharegpt", "columns": COLUMNS}
            for split, file in sorted(self._files.items())
        }
        (self._folder / "dataset_info.json").write_text(json.dumps(info, indent=1) + "\n", "utf-8")
        return {split: [Path(file.name)] for split, file in self._files.items()}

    def _file(self, split: str) -> IO[str]:
        if split not in self._files:
            path = self._folder / f"wethink_{split}.jsonl"
            self._files[split] = self._open.enter_context(path.open("w", encoding="utf-8", newline="\n"))
        return self._files[split]
