"""SA-1B: one JSON file beside each image. Masks have no names, so they are counted."""

from __future__ import annotations

from pathlib import Path

from wethink_assets.sources.context import Context
from wethink_assets.sources.reading import Wanted
from wethink_assets.sources.readers.files import beside, dicts, mapping, small_json


def annotate(folder: Path, wanted: Wanted) -> None:
    for uri in wanted.uris:
        image = wanted.root / uri
        for path in (image.with_suffix(".json"), folder / "annotations" / f"{image.stem}.json"):
            if beside(path, folder):
                with wanted.reading(path):
                    found = mapping(small_json(path))
                    masks = sum("segmentation" in m for m in dicts(found.get("annotations")))
                    wanted.add([uri], Context(masks=masks))
                break
