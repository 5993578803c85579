"""Writes one sample evaluation set as VLMEvalKit's TSV, and the truth about each image of each item.

Belongs here: the file's cells, base64 images included, and the records of the truth. Does not belong here: which rows a
set has (rows.py), reading such a file (wethink_assets/benchmark_sets/tsv.py).
"""

from __future__ import annotations

import base64
import csv
import hashlib
import json
from pathlib import Path
from typing import Any

from wethink_assets.demo.pack.benchmarks.figures import figure_scene
from wethink_assets.demo.pack.benchmarks.rows import rows
from wethink_assets.demo.pack.encode import figure_bytes
from wethink_assets.demo.pack.scene import scene_to_dict


def write_set(folder: Path, seed: int, name: str) -> list[dict[str, Any]]:
    """Write `folder/<name>.tsv` and return its truth rows.

    A figure is encoded in the first row that shows it; later rows hold that row's index instead. Rows with several
    figures hold a JSON list.
    """
    items = rows(seed, name)
    columns = ["index", "image", *dict.fromkeys(k for r in items for k in r if k not in ("index", "_figures"))]
    holder: dict[int, Any] = {}
    truth = []
    with (folder / f"{name}.tsv").open("w", newline="", encoding="utf-8") as out:
        table = csv.DictWriter(out, columns, delimiter="\t", lineterminator="\n", restval="")
        table.writeheader()
        for row in items:
            figures = row["_figures"]
            data = [figure_bytes(seed, name, f) for f in figures]
            cells = [base64.b64encode(d).decode() for d in data]
            if len(cells) > 1:
                cell = json.dumps(cells)
            elif figures[0] in holder:
                cell = str(holder[figures[0]])
            else:
                cell = cells[0]
                holder[figures[0]] = row["index"]
            table.writerow({"image": cell, **{k: v for k, v in row.items() if k != "_figures"}})
            for figure, image in zip(figures, data, strict=True):
                truth.append(
                    {
                        "image_id": hashlib.sha256(image).hexdigest(),
                        "benchmark": name,
                        "item": str(row["index"]),
                        "scene": scene_to_dict(figure_scene(seed, name, figure)),
                    }
                )
    return truth
