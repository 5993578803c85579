"""COCO (instances, captions) and SA-1B (one JSON beside each image).

Belongs here: instances, run-length masks and captions as both projects write them. Does not belong here: reading them
(wethink_assets/sources/readers/).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from wethink_assets.demo.pack.native.streams import dump, dump_object
from wethink_assets.demo.pack.plan import Picture, Pictures

# COCO's own ids have gaps; names that COCO lacks take the free ids above 90.
CATEGORIES = {
    "person": (1, "person"),
    "car": (3, "vehicle"),
    "bus": (6, "vehicle"),
    "boat": (9, "vehicle"),
    "bird": (16, "animal"),
    "ball": (37, "sports"),
    "kite": (38, "sports"),
    "cup": (47, "kitchen"),
    "sofa": (63, "furniture"),
    "book": (84, "indoor"),
    "tent": (92, "outdoor"),
    "house": (95, "building"),
    "crate": (97, "indoor"),
    "balloon": (101, "outdoor"),
    "stone": (104, "outdoor"),
    "flower": (106, "plant"),
    "star": (110, "indoor"),
    "cone": (112, "outdoor"),
    "banner": (115, "indoor"),
    "blanket": (118, "furniture"),
    "stage": (121, "furniture"),
    "carpet": (124, "furniture"),
    "thing": (130, "indoor"),
}
LICENCES = [
    {
        "url": "http://creativecommons.org/licenses/by-nc-sa/2.0/",
        "id": 1,
        "name": "Attribution-NonCommercial-ShareAlike License",
    },
    {"url": "http://creativecommons.org/licenses/by/2.0/", "id": 4, "name": "Attribution License"},
]
INFO = {
    "description": "Sample pack in the format of COCO 2017",
    "url": "",
    "version": "1.0",
    "year": 2017,
    "contributor": "sample pack",
    "date_created": "2017/09/01",
}


def write_coco(folder: Path, pictures: Pictures) -> None:
    head = {"info": INFO, "licenses": LICENCES}
    names = [{"supercategory": top, "id": number, "name": name} for name, (number, top) in CATEGORIES.items()]
    dump_object(
        folder / "annotations/instances_train2017.json",
        head,
        {
            "images": map(_coco_image, pictures),
            "annotations": (a for p in pictures for a in _instances(p)),
            "categories": names,
        },
    )
    dump_object(
        folder / "annotations/captions_train2017.json",
        head,
        {
            "images": map(_coco_image, pictures),
            "annotations": (a for p in pictures for a in _captions(p)),
        },
    )


def _coco_image(p: Picture) -> dict[str, Any]:
    return {
        "license": 4 if p.number % 2 else 1,
        "file_name": p.file_name,
        "coco_url": f"http://images.cocodataset.org/train2017/{p.file_name}",
        "height": p.height,
        "width": p.width,
        "date_captured": f"2013-11-{1 + p.number % 28:02d} 12:00:00",
        "flickr_url": "",
        "id": p.number,
    }


def _instances(p: Picture) -> Iterator[dict[str, Any]]:
    objects = p.scene.objects
    # A row of small things is annotated as a crowd in every fifth picture, as COCO does with groups.
    crowd = p.position % 5 == 0 and len(objects) > 2
    for i, o in enumerate(objects[:1] if crowd else objects):
        x, y, w, h = o["x"], o["y"], o["w"], o["h"]
        number = CATEGORIES.get(o["name"], CATEGORIES["thing"])[0]
        yield {
            "segmentation": [[float(v) for v in (x, y, x + w, y, x + w, y + h, x, y + h)]],
            "area": float(w * h),
            "iscrowd": 0,
            "image_id": p.number,
            "bbox": [float(v) for v in (x, y, w, h)],
            "category_id": number,
            "id": p.number * 100 + i,
        }
    if crowd:
        group = objects[1:]
        x, y = min(o["x"] for o in group), min(o["y"] for o in group)
        w = max(o["x"] + o["w"] for o in group) - x
        h = max(o["y"] + o["h"] for o in group) - y
        number = CATEGORIES.get(group[0]["name"], CATEGORIES["thing"])[0]
        x0, y0, x1, y1 = max(0, x), max(0, y), min(p.width, x + w), min(p.height, y + h)
        yield {
            "segmentation": {"counts": runs(p.width, p.height, x0, y0, x1, y1), "size": [p.height, p.width]},
            "area": float((x1 - x0) * (y1 - y0)),
            "iscrowd": 1,
            "image_id": p.number,
            "bbox": [float(x0), float(y0), float(x1 - x0), float(y1 - y0)],
            "category_id": number,
            "id": 900_100_000_000 + p.number,
        }


def runs(width: int, height: int, x0: int, y0: int, x1: int, y1: int) -> list[int]:
    """COCO's run lengths of a box mask: column by column, background first."""
    inside = y1 - y0
    if x1 <= x0 or inside <= 0:
        return [width * height]
    counts = [x0 * height + y0]
    for _ in range(x1 - x0 - 1):
        counts += [inside, height - inside]
    return [*counts, inside, (width - x1) * height + height - y1]


def _captions(p: Picture) -> Iterator[dict[str, Any]]:
    main = p.scene.extra["main"]
    texts = [
        p.scene.caption,
        f"There is a large {p.scene.colour} {main} in the picture.",
        f"The {main} is {p.scene.colour}.",
    ]
    for i, text in enumerate(texts):
        yield {"image_id": p.number, "id": p.number * 10 + i, "caption": text}


def write_sam(folder: Path, pictures: Pictures) -> None:
    for p in pictures:
        path = (folder / p.name).with_suffix(".json")
        if not path.exists():
            dump(
                path,
                {
                    "image": {"image_id": p.number, "width": p.width, "height": p.height, "file_name": p.file_name},
                    "annotations": [_mask(p, i, o) for i, o in enumerate(p.scene.objects)],
                },
            )


def _mask(p: Picture, i: int, o: dict[str, Any]) -> dict[str, Any]:
    rng = p.rng(f"mask{i}")
    x0, y0 = max(0, o["x"]), max(0, o["y"])
    x1, y1 = min(p.width, o["x"] + o["w"]), min(p.height, o["y"] + o["h"])
    return {
        "bbox": [float(x0), float(y0), float(x1 - x0), float(y1 - y0)],
        "area": (x1 - x0) * (y1 - y0),
        "segmentation": {"size": [p.height, p.width], "counts": compressed(runs(p.width, p.height, x0, y0, x1, y1))},
        "predicted_iou": round(rng.uniform(0.88, 1.0), 6),
        "point_coords": [[(x0 + x1) / 2, (y0 + y1) / 2]],
        "crop_box": [0.0, 0.0, float(p.width), float(p.height)],
        "id": p.number * 1000 + i,
        "stability_score": round(rng.uniform(0.92, 1.0), 6),
    }


def compressed(counts: list[int]) -> str:
    """COCO's compressed run lengths: differences to the count before the last, six bits a character from '0' on."""
    out = []
    for i, count in enumerate(counts):
        value = count - counts[i - 2] if i > 2 else count
        more = True
        while more:
            bits = value & 0x1F
            value >>= 5
            more = value != -1 if bits & 0x10 else value != 0
            out.append(chr((bits | (0x20 if more else 0)) + 48))
    return "".join(out)
