"""What an address names (id resolution): any id, the beginning of one, a file's path, SET:item.

Belongs here: from a name to the kind of page that shows it. Does not belong here: the pages (row.py).
"""

from __future__ import annotations

from dataclasses import dataclass

from wethink_assets.lineage import family
from wethink_assets.lineage.rows import ScannedRows

SHORTEST = 6  # characters of an id
OF_QUESTION = frozenset({"question", "answer", "reasoning path", "sample", "scored reply", "released row"})
OF_ITEM = "benchmark item"


@dataclass(frozen=True)
class Subject:
    """A row by its kind and full id, with the image and the question that it belongs to."""

    kind: str
    id: str
    image_id: str | None = None
    question_id: str | None = None


def subjects(rows: ScannedRows, name: str) -> list[Subject]:
    """All rows that this names; a prediction, `POLICY SET:item`, is its item, a held-out one its sample.

    Files and items may be called anything, so a name is read in other ways only where no row has this very one.
    """
    name = name.encode("utf-8", "replace").decode()
    if "\0" in name:  # no id holds one, and DuckLake ends at it
        return []
    bare = name.strip()
    item = bare.partition(" ")[2]
    readings = [name, bare, *([item] if ":" in item else [])]
    readings += [one.removeprefix("heldout:") for one in readings[1:]]
    for reading in dict.fromkeys(readings):
        if found := _named(rows, reading):
            return found
    return []


def _named(rows: ScannedRows, name: str) -> list[Subject]:
    short = len(name) < SHORTEST and ":" not in name  # may be a whole name all the same, but begins too many
    found = [] if short else [Subject(**row) for row in family.named(rows, name)]
    by_id: dict[str, Subject] = {}
    for one in found:  # the same bytes in a source and in a set are one image; the more is known the better
        kept = by_id.get(one.id)
        if kept is None or (one.kind == "image") > (kept.kind == "image") or (one.question_id and not kept.question_id):
            by_id[one.id] = one
    return list(by_id.values()) or _elsewhere(rows, name)


def _elsewhere(rows: ScannedRows, name: str) -> list[Subject]:
    """A released row that stands in no other table, or a row of which only the verdict is left."""
    released = rows.full("release_rows", "sample_id", name)
    if released:
        return [Subject("released row", name, released[0]["image_id"])]
    stopped = rows.full("verdicts", "subject_id", name)
    return [Subject("stopped row", name)] if stopped else []
