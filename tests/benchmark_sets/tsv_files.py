"""Small TSV files in VLMEvalKit's format, as tests write them. Belongs here: making rows, images and files."""

from __future__ import annotations

import base64
import csv
import io
from pathlib import Path
from typing import Any

from PIL import Image


def png(colour: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(out, "PNG")
    return out.getvalue()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


class Kept(dict):
    """Stands for the store: ids are running numbers of distinct bytes, as long as real ids."""

    def __call__(self, data: bytes) -> str:
        return self.setdefault(data, f"{len(self):0>64}")


def write(path: Path, rows: list[dict[str, Any]], columns: list[str] | None = None) -> Path:
    columns = columns or list(dict.fromkeys(k for row in rows for k in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, columns, delimiter="\t", lineterminator="\n", restval="")
        out.writeheader()
        out.writerows(rows)
    return path


def row(index: Any, image: str | None = None, **more: Any) -> dict[str, Any]:
    return {
        "index": index,
        "image": b64(png()) if image is None else image,
        "question": "What?",
        "A": "",
        "B": "",
        **more,
    }
