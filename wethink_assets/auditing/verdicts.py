"""The table that a person fills in (annotation file): a line a sample, read back with every fault named.

Belongs here: writing and reading the TSV. Does not belong here: where verdicts are kept (cli/audits.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wethink_assets.presentation.spreadsheet import text_cell

VERDICTS = {
    "right": "the answer is right and the path leads to it",
    "wrong": "the answer or the path is wrong",
    "ill_posed": "the question has no single answer in the picture",
    "unsafe": "this should not be in a data set",
}
HEAD = ("sample_id", "verdict", "note", "source", "category", "question", "answer")
MOST_BYTES = 64 << 20
NOTE_CHARS = 2_000


class VerdictFileError(ValueError):
    """The file cannot be taken; the message names the line and the cure. Nothing of it was."""


@dataclass(frozen=True)
class Judged:
    """A person's verdict on one sample."""

    sample_id: str
    verdict: str
    note: str


def table(rows: Iterable[Mapping[str, Any]]) -> str:
    """The table to fill in. Foreign text that a spreadsheet would run is text."""
    lines = ["\t".join(HEAD)]
    for row in rows:
        shown = (row["source"], row["category"], row["problem"], row["answer"])
        lines.append("\t".join([row["sample_id"], "", "", *(text_cell(" ".join(str(v or "").split())) for v in shown)]))
    return "\n".join(lines) + "\n"


def read(path: Path) -> list[Judged]:
    """The verdicts of a filled table, in its order; lines without one are left out.

    Columns are found by their names, so that a spreadsheet may move them; commas or tabs part them.

    Raises:
        VerdictFileError: it is no such table, a verdict is unknown, or a sample is there twice with two verdicts.
        OSError: it cannot be read.
    """
    import csv

    if path.stat().st_size > MOST_BYTES:
        raise VerdictFileError(f"{path.name} has more than {MOST_BYTES >> 20} MiB: that is no table of verdicts")
    text = path.read_bytes().decode("utf-8-sig", "replace")
    lines = text.splitlines()
    head = lines[0] if lines else ""
    delimiter = next((d for d in "\t;," if "sample_id" in head.split(d)), "\t")
    reader = csv.DictReader(lines, delimiter=delimiter)
    if not {"sample_id", "verdict"} <= set(reader.fieldnames or ()):
        raise VerdictFileError(f"{path.name} has no columns sample_id and verdict: fill in the table of `audit draw`")
    found: dict[str, Judged] = {}
    for row in reader:
        verdict = (row["verdict"] or "").strip().casefold().replace(" ", "_").replace("-", "_")
        if not verdict:
            continue
        sample_id = (row["sample_id"] or "").strip()
        if verdict not in VERDICTS:
            raise VerdictFileError(
                f"{path.name}, line {reader.line_num}: verdict {verdict[:40]!r} is none of {', '.join(VERDICTS)}"
            )
        if sample_id in found and found[sample_id].verdict != verdict:
            raise VerdictFileError(f"{path.name}, line {reader.line_num}: sample {sample_id[:20]} has two verdicts")
        found[sample_id] = Judged(sample_id, verdict, (row.get("note") or "").strip()[:NOTE_CHARS])
    return list(found.values())
