"""People in Social Context: relation labels of pairs, person boxes, split lists.

Belongs here: PISC's three files. Does not belong here: reading them (wethink_assets/sources/readers/pisc.py), which
relation a picture shows (kinds/persons.py).
"""

from __future__ import annotations

from pathlib import Path

from wethink_assets.demo.pack.kinds.persons import RELATIONS
from wethink_assets.demo.pack.native.streams import dump, dump_array, dump_mapping
from wethink_assets.demo.pack.plan import Picture, Pictures

LABELS = {name: i for i, name in enumerate(RELATIONS, start=1)}


def write_pisc(folder: Path, pictures: Pictures) -> None:
    """Keys are image ids without leading zeros; pairs count persons from 1."""
    dump_mapping(folder / "relationship.json", ((str(p.number), _pairs(p)) for p in pictures))
    dump_array(
        folder / "image_info.json",
        (
            {
                "id": p.number,
                "imgH": p.height,
                "imgW": p.width,
                "bbox": [
                    [o["x"], o["y"], o["x"] + o["w"], o["y"] + o["h"]] for o in p.scene.objects if o["name"] == "person"
                ],
            }
            for p in pictures
        ),
    )
    dump_mapping(folder / "occupation.json", ((str(p.number), {}) for p in pictures))
    dump(
        folder / "domain.json",
        {str(p.number): 1 + LABELS.get(p.scene.extra.get("relation", ""), 6) // 4 for p in pictures},
    )
    for split in ("train", "val", "test"):
        dump_array(
            folder / f"relationship_split/relation_{split}idx.json",
            (str(p.number) for p in pictures if p.split == split),
        )


def _pairs(p: Picture) -> dict[str, int]:
    people = sum(o["name"] == "person" for o in p.scene.objects)
    label = LABELS.get(p.scene.extra.get("relation", ""), 6)
    return {f"{a} {b}": label for a in range(1, people + 1) for b in range(a + 1, people + 1)}
