"""MS-COCO: instances and captions, joined by image id. Does not read key points.

Traps: category ids have gaps; crowd annotations carry run-length masks; `info` and `licenses` may be missing.
"""

from __future__ import annotations

from pathlib import Path

from wethink_assets.sources.context import Context, Thing
from wethink_assets.sources.reading import Wanted
from wethink_assets.sources.readers.files import entries, find, index, split_of_name, text, xywh


def annotate(folder: Path, wanted: Wanted) -> None:
    for path in find(folder, "instances_*.json", "captions_*.json"):
        with wanted.reading(path):
            _one(path, wanted)


def _one(path: Path, wanted: Wanted) -> None:
    licences = {}
    for entry in entries(path, "licenses"):
        name, url = text(entry.get("name")), text(entry.get("url"))
        licences[index(entry.get("id"))] = f"{name} ({url})" if url else name
    images: dict[int, list[str]] = {}
    for entry in entries(path, "images"):
        uris = wanted.named(entry.get("file_name"), path)
        number = index(entry.get("id"))
        if uris and number is not None:
            images[number] = uris
            if licence := licences.get(index(entry.get("license"))):
                wanted.licence(uris, licence)
            if split := split_of_name(path):
                wanted.split(uris, split)
    captions = path.name.startswith("captions")
    found: list[tuple[list[str], object, Thing]] = []
    for entry in entries(path, "annotations"):
        uris = images.get(index(entry.get("image_id")))  # type: ignore[arg-type]
        if not uris:
            continue
        if captions:
            wanted.add(uris, Context(captions=(text(entry.get("caption")),)))
            continue
        box = entry.get("bbox")
        thing = Thing(
            "", xywh(*box) if isinstance(box, list) and len(box) == 4 else None,
            ("crowd",) if entry.get("iscrowd") else (),
        )
        found.append((uris, index(entry.get("category_id")), thing))
        wanted.add(uris, Context(masks=1 if entry.get("segmentation") else 0))
    if found:  # categories often stand last in the file
        names = {index(e.get("id")): text(e.get("name")) for e in entries(path, "categories")}
        for uris, category, thing in found:
            wanted.add(uris, Context(objects=(Thing(names.get(category, ""), thing.box, thing.attributes),)))
