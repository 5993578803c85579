"""The picture of a row's lineage (provenance graph): boxes in columns from files to policies, with lines between.

Belongs here: which boxes there are and where they stand. Pure. Does not belong here: reading rows (row.py), the SVG
(templates/lineage.html).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

WIDE, HIGH, ACROSS, DOWN = 126, 44, 28, 12  # pixels of a box, and between boxes
CHARS = 15  # of a line in a box
MOST = 4  # boxes of a kind
FILES, IMAGE, DESCRIPTION, QUESTION, ANSWERS, PATH, SAMPLE, RELEASE = range(8)


@dataclass
class Box:
    """One row. `state`: '' or 'here', 'stopped', 'kept'."""

    kind: str
    text: str
    row_id: str
    column: int
    state: str = ""
    x: float = 0
    y: float = 0

    @property
    def line(self) -> str:
        text = " ".join(self.text.split())
        return text if len(text) <= CHARS else f"{text[: CHARS - 1]}…"


@dataclass
class Picture:
    """Boxes with their places, and the lines between them as SVG paths."""

    boxes: list[Box] = field(default_factory=list)
    links: list[tuple[Box, Box]] = field(default_factory=list)
    width: float = 0
    height: float = 0
    box_width: int = WIDE
    box_height: int = HIGH

    def box(self, kind: str, text: str, row_id: str, column: int, *parents: Box | None, state: str = "") -> Box:
        made = Box(kind, text, row_id, column, state)
        self.boxes.append(made)
        self.links += [(parent, made) for parent in parents if parent is not None]
        return made

    @property
    def paths(self) -> list[str]:
        return [_path(a, b) for a, b in self.links]

    def laid_out(self) -> Picture:
        """With places: columns that have boxes from left to right, each in the middle of the height."""
        columns = sorted({box.column for box in self.boxes})
        tallest = max((sum(b.column == c for b in self.boxes) for c in columns), default=0)
        self.height = tallest * (HIGH + DOWN) - DOWN + 8
        for place, column in enumerate(columns):
            own = [box for box in self.boxes if box.column == column]
            top = (self.height - len(own) * (HIGH + DOWN) + DOWN) / 2
            for number, box in enumerate(own):
                box.x, box.y = 2 + place * (WIDE + ACROSS), top + number * (HIGH + DOWN)
        self.width = len(columns) * (WIDE + ACROSS) - ACROSS + 4
        return self


def picture_of(view: dict[str, Any], here: str, items: Sequence[dict[str, Any]] = ()) -> Picture:
    """The lineage of a row's page (row.py). `here`: the id that was asked for; `items`: an image's questions."""
    made = Picture()
    image = _up(made, view, here)
    description = _described(made, view, image, here)
    question = view.get("question")
    if question is not None:
        _down(made, view, description or image, here)
    else:
        _asked(made, view, description or image, here, items)
    return made.laid_out()


def _state(row_id: str, here: str, otherwise: str = "") -> str:
    return "here" if row_id == here else otherwise


def _up(made: Picture, view: dict[str, Any], here: str) -> Box:
    files = view["files"]
    boxes = [made.box("file", f["image_uri"].rpartition("/")[2], f["image_uri"], FILES) for f in files[:MOST]]
    if len(files) > MOST:
        boxes.append(made.box("files", f"and {len(files) - MOST:,} more", view["image_id"], FILES))
    image_id = view["image_id"]
    return made.box("image", image_id[:12], image_id, IMAGE, *boxes, state=_state(image_id, here))


def _described(made: Picture, view: dict[str, Any], image: Box, here: str) -> Box | None:
    last: Box | None = None
    for row in view["descriptions"][:MOST]:
        own = row["description_id"]
        last = made.box("description", row["text"], own, DESCRIPTION, image, state=_state(own, here))
        for refined in view["refined"]:
            if refined["description_id"] == own:
                own_id = refined["refined_id"]
                last = made.box("refined", refined["text"], own_id, DESCRIPTION, last, state=_state(own_id, here))
    return last


def _asked(made: Picture, view: dict[str, Any], parent: Box, here: str, items: Sequence[dict[str, Any]]) -> None:
    for stop in view["stops"][:MOST]:
        made.box(stop["verdict"], stop["reason"].replace("_", " "), here, parent.column + 1, parent, state="stopped")
    for item in items[: 2 * MOST]:
        question_id = item["question_id"] or item["id"]
        question = made.box("question", item["question"] or "", question_id, QUESTION, parent)
        if item["sample_id"]:
            made.box("sample", item["answer"] or "", item["sample_id"], SAMPLE, question)
        elif item["reason"]:
            made.box(item["outcome"], item["reason"].replace("_", " "), item["id"], SAMPLE, question, state="stopped")
    if len(items) > 2 * MOST:
        made.box("questions", f"and {len(items) - 2 * MOST:,} more", view["image_id"], QUESTION, parent)


def _down(made: Picture, view: dict[str, Any], parent: Box, here: str) -> None:
    question, sample = view["question"], view["sample"]
    last = parent
    if question:
        own = question["question_id"]
        last = made.box("question", question["question"], own, QUESTION, last, state=_state(own, here))
    kept: list[Box] = []
    for row in view["answers"]:
        chosen = row["answer_id"] == view["chosen"].get("answer_id")
        state = _state(row["answer_id"], here, "kept" if chosen else "")
        box = made.box(f"{row['answerer']} says", row["answer"], row["answer_id"], ANSWERS, last, state=state)
        kept += [box] if chosen or not view["chosen"] else []
    last_ones = kept or [last]
    if view["path"]:
        own = view["path"]["path_id"]
        text = view["path"]["refined_cot"]
        last_ones = [made.box("path", text, own, PATH, *last_ones, state=_state(own, here))]
    if sample:
        own = sample["sample_id"]
        last_ones = [made.box("sample", sample["answer"] or "", own, SAMPLE, *last_ones, state=_state(own, here))]
    column = max(box.column for box in last_ones) + 1
    for stop in view["stops"][:MOST]:
        made.box(stop["verdict"], stop["reason"].replace("_", " "), here, column, *last_ones, state="stopped")
    for row in view["releases"][:MOST]:
        release = made.box("release", row["release_id"], row["release_id"], RELEASE, *last_ones)
        for policy in [p for p in view["policies"] if p["release_id"] == row["release_id"]][:MOST]:
            made.box("policy", policy["policy_id"], policy["policy_id"], RELEASE, release)


def _path(a: Box, b: Box) -> str:
    """A line from box to box: to the right, or down within a column."""
    if a.column == b.column:
        x = a.x + WIDE / 2
        return f"M{x:.0f},{a.y + HIGH:.0f} L{x:.0f},{b.y:.0f}"
    x1, y1, x2, y2 = a.x + WIDE, a.y + HIGH / 2, b.x, b.y + HIGH / 2
    middle = (x1 + x2) / 2
    return f"M{x1:.0f},{y1:.0f} C{middle:.0f},{y1:.0f} {middle:.0f},{y2:.0f} {x2:.0f},{y2:.0f}"
