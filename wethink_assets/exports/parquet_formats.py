"""The Parquet formats: a Hub data set, EasyR1, verl and TRL. They differ in their columns alone.

Belongs here: the columns of each, and one row in them. Does not belong here: files and row groups (parquet_shards.py).

Sources of the forms: the `datasets` library's Image feature; EasyR1's example configuration (prompt_key `problem`,
answer_key `answer`, image_key `images`); verl's "Prepare data for post-training" (data_source, prompt, images, ability,
reward_model, extra_info); TRL's "Dataset formats" (conversational prompt and completion, column `images`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from wethink_assets.exports.parquet_shards import MESSAGES, PICTURE, ParquetShards, picture
from wethink_assets.exports.texts import TEXTS, plain, prompt, reply, with_picture

Row = Mapping[str, Any]

_TEXTS = pa.list_(pa.string())
# What every format carries beside its own columns: where a row comes from, and how it is rewarded.
_ORIGIN = {
    name: pa.string()
    for name in ("sample_id", "category", "reward", "answer_type", "answer_typed", "source", "licence")
} | {"image_path": pa.string(), "abilities": _TEXTS}


def _origin(row: Row) -> dict[str, Any]:
    return {name: row[name] for name in _ORIGIN}


HUB = {
    "sample_id": pa.string(),
    "image": PICTURE,
    "problem": pa.string(),
    "answer": pa.string(),
    "refined_cot": pa.string(),
} | {name: kind for name, kind in _ORIGIN.items() if name != "sample_id"}


def hub_row(row: Row, data: bytes) -> dict[str, Any]:
    texts = {name: row[name] for name in TEXTS}
    return _origin(row) | texts | {"image": picture(data, row["image_path"])}


EASYR1 = {"problem": pa.string(), "answer": pa.string(), "images": pa.list_(PICTURE)} | _ORIGIN


def easyr1_row(row: Row, data: bytes) -> dict[str, Any]:
    own = {"problem": with_picture(row["problem"]), "answer": plain(row["answer"])}
    return _origin(row) | own | {"images": [picture(data, row["image_path"])]}


VERL = {
    "data_source": pa.string(),
    "prompt": MESSAGES,
    "images": pa.list_(PICTURE),
    "ability": pa.string(),
    "reward_model": pa.struct([("style", pa.string()), ("ground_truth", pa.string())]),
    "extra_info": pa.struct(
        [("split", pa.string()), ("index", pa.int64()), ("question", pa.string()), *_ORIGIN.items()]
    ),
}


def verl_row(row: Row, data: bytes) -> dict[str, Any]:
    return {
        "data_source": f"wethink/{row['source']}",
        "prompt": prompt(with_picture(row["problem"])),
        "images": [picture(data, row["image_path"])],
        "ability": row["category"],
        "reward_model": {"style": row["reward"], "ground_truth": plain(row["answer"])},
        "extra_info": {"split": row["split"], "index": row["position"], "question": row["problem"]} | _origin(row),
    }


TRL = {"prompt": MESSAGES, "completion": MESSAGES, "images": pa.list_(PICTURE), "answer": pa.string()} | _ORIGIN


def trl_row(row: Row, data: bytes) -> dict[str, Any]:
    own = {
        "prompt": prompt(plain(row["problem"])),
        "completion": [{"role": "assistant", "content": reply(row["refined_cot"], row["answer"])}],
        "images": [picture(data, row["image_path"])],
        "answer": plain(row["answer"]),
    }
    return _origin(row) | own


class ParquetWriter:
    """Rows of all splits in one folder, with the columns of one format."""

    def __init__(
        self, folder: Path, columns: Mapping[str, pa.DataType], make: Callable[[Row, bytes], dict[str, Any]]
    ) -> None:
        self._folder, self._columns, self._make = folder, columns, make
        self._splits: dict[str, ParquetShards] = {}

    def add(self, row: Row, path: Path) -> None:
        shards = self._splits.get(row["split"])
        if shards is None:
            shards = self._splits[row["split"]] = ParquetShards(self._folder, row["split"], self._columns)
        data = path.read_bytes()
        shards.add(self._make(row, data), len(data))

    def end(self) -> dict[str, list[Path]]:
        """The files of each split."""
        return {split: shards.end() for split, shards in self._splits.items()}
