"""The export formats by name: who reads each, and what writes it.

Belongs here: the registry. Does not belong here: the forms themselves (a module each), filters and the folder (job.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from wethink_assets.exports.about import About
from wethink_assets.exports.hub import HubWriter
from wethink_assets.exports.llama_factory import LlamaFactoryWriter
from wethink_assets.exports.parquet_formats import EASYR1, TRL, VERL, ParquetWriter, easyr1_row, trl_row, verl_row
from wethink_assets.exports.webdataset import WebDatasetWriter


class Writer(Protocol):
    """Writes rows into a folder of its own, in the order in which they come."""

    def add(self, row: Mapping[str, Any], path: Path) -> None:
        """One row and the file of its picture."""
        ...

    def end(self) -> dict[str, list[Path]]:
        """Finish all files; those that hold rows, by split."""
        ...


@dataclass(frozen=True)
class ExportFormat:
    """One format. with `places`, its texts hold `<image>` for a picture."""

    name: str
    summary: str
    open: Callable[[Path, About], Writer]
    places: bool = True


_FORMATS = (
    ExportFormat("hub", "a Hub data set: Parquet with pictures, card, Croissant", HubWriter, places=False),
    ExportFormat(
        "easyr1", "EasyR1: Parquet with problem, answer, images", lambda f, _: ParquetWriter(f, EASYR1, easyr1_row)
    ),
    ExportFormat(
        "verl", "verl: Parquet with prompt, images, reward_model", lambda f, _: ParquetWriter(f, VERL, verl_row)
    ),
    ExportFormat(
        "trl", "TRL: Parquet with conversational prompt and completion", lambda f, _: ParquetWriter(f, TRL, trl_row)
    ),
    ExportFormat("llama-factory", "LLaMA-Factory: ShareGPT JSON beside pictures", lambda f, _: LlamaFactoryWriter(f)),
    ExportFormat("webdataset", "WebDataset: tar shards", lambda f, _: WebDatasetWriter(f), places=False),
)
FORMATS: dict[str, ExportFormat] = {form.name: form for form in _FORMATS}
