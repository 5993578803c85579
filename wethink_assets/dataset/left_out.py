"""What a release does not hold and why (rejected rows), as a file beside its export: `dropped.jsonl`.

Belongs here: its lines and their order. Does not belong here: why a row stops (record.py, selection.py, the stages).

A line is a verdict: asset, batch, subject_id, verdict, reason, detail, related_id. Those of the release itself come
first, each with the row that it left out; then those of the stages of its growth batches, which name what they stopped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from resources.lake.database import Memory, database
from resources.lake.sql_files import statement
from resources.lake.store import Windows, put_aside
from wethink_assets.dataset.export_files import FIELDS
from wethink_assets.dataset.release import Release
from wethink_assets.presentation.json_lines import json_line

FILE = "dropped.jsonl"
_VERDICT = ("asset", "batch", "subject_id", "verdict", "reason", "detail", "related_id")
_ROW = (*FIELDS, "source", "licence", "image_id")

Rows = Iterable[Sequence[Mapping[str, Any]]]


def left_out(release: Release, samples: Windows, folder: Path, *, size: int, memory: Memory | None = None) -> Windows:
    """The candidates that a release dropped or that failed, as windows below `folder`, in the order of their ids.

    Raises:
        LakeError: the disk failed, or the memory limit and the spill folder were not enough.
    """
    stopped = [
        (stop.subject_id, verdict, stop.reason, stop.detail, stop.related_id)
        for verdict, stops in release.stopped.items()
        for stop in stops
    ]
    if not stopped:
        return Windows(size)
    frame = pl.DataFrame(stopped, schema=dict.fromkeys(("subject_id", *_VERDICT[3:]), pl.String), orient="row")
    with database(memory) as con:
        con.register("stopped", frame.to_arrow())
        con.read_parquet([str(path) for path in samples.files], hive_partitioning=False).create_view("candidates")
        return put_aside(con.execute(statement("dataset/order_left_out")), folder, size)


def write(path: Path, own: Rows, of_stages: Rows) -> Path:
    """Write the file and give its path: rows of `left_out`, then of dataset/select_stops_of_batches.

    Raises:
        OSError: the disk failed.
    """
    with path.open("w", encoding="utf-8", errors="replace", newline="\n") as file:
        for window in own:
            file.writelines(
                json_line({n: row[n] for n in _VERDICT} | {"row": {n: row[n] for n in _ROW}}) for row in window
            )
        for window in of_stages:
            file.writelines(json_line({name: row[name] for name in _VERDICT}) for row in window)
    return path
