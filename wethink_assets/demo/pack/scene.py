"""Scene record (ground truth of one picture): what it shows, and its questions with true answers.

Belongs here: the record and its JSON. Does not belong here: planning and painting (render.py, kinds/).

`make_scene(kind, seed)` plans a scene, `draw(scene)` paints it; equal arguments give equal results on any machine.
The kinds themselves live in `kinds/`, one module per family; nothing here knows about sources or files.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Item:
    """One question about a scene.

    For category MC, `answer` and `wrong` are letters and `options` holds the texts. `answer_type` is one of the types
    of the verifier. `chain` is a wordy raw chain of thought, `short_chain` its refined form; neither has tags.
    """

    key: str
    question: str
    answer: str
    category: str
    abilities: tuple[str, ...]
    options: tuple[str, ...]
    answer_type: str
    wrong: str
    chain: str
    short_chain: str


@dataclass(frozen=True)
class Scene:
    """Everything that is true of one picture. Boxes are pixels: x, y, w, h from the top left."""

    scene_id: str
    kind: str
    seed: int
    caption: str
    details: tuple[tuple[str, str], ...]
    items: tuple[Item, ...]
    objects: tuple[dict[str, Any], ...] = ()
    relations: tuple[dict[str, Any], ...] = ()
    tokens: tuple[dict[str, Any], ...] = ()
    table: tuple[tuple[str, ...], ...] | None = None
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def size(self) -> tuple[int, int]:
        return self.extra["size"][0], self.extra["size"][1]

    @property
    def colour(self) -> str:
        """The main colour: the answer of the first item."""
        return self.items[0].answer


def scene_to_dict(scene: Scene) -> dict[str, Any]:
    return dataclasses.asdict(scene)


def _item(row: Mapping[str, Any]) -> Item:
    values: dict[str, Any] = {**row, "abilities": tuple(row["abilities"]), "options": tuple(row["options"])}
    return Item(**values)


def scene_from_dict(row: Mapping[str, Any]) -> Scene:
    """The inverse of `scene_to_dict`, also after a trip through JSON."""
    items = tuple(_item(item) for item in row["items"])
    table = row.get("table")
    return Scene(
        scene_id=row["scene_id"],
        kind=row["kind"],
        seed=int(row["seed"]),
        caption=row["caption"],
        details=tuple((q, a) for q, a in row["details"]),
        items=items,
        objects=tuple(row["objects"]),
        relations=tuple(row["relations"]),
        tokens=tuple(row["tokens"]),
        table=None if table is None else tuple(tuple(line) for line in table),
        extra=dict(row["extra"]),
    )


KINDS: tuple[str, ...] = (
    "photo",
    "people",
    "portrait",
    "landmark",
    "painting",
    "book_cover",
    "solids",
    "sign",
    "document",
    "bar_chart",
    "line_chart",
    "pie_chart",
    "food_web",
    "parts",
    "map",
    "experiment",
    "geometry",
)
