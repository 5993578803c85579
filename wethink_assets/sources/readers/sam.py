"""SA-1B: one JSON file beside each image. Masks have no names, so they are counted.

Belongs here: counting the masks of an image. Does not belong here: decoding them; JSON that is not as it should be
(files.py).
"""

from __future__ import annotations

from pathlib import PurePosixPath

from resources.storage.tree import Tree
from wethink_assets.sources.annotation_join import AnnotationCollector
from wethink_assets.sources.annotations import ImageAnnotations
from wethink_assets.sources.readers.files import dicts, mapping, of_each


def annotate(tree: Tree, collector: AnnotationCollector) -> None:
    for uri, file, content in of_each(tree, collector, _candidates):
        with collector.reading(file):
            masks = sum("segmentation" in m for m in dicts(mapping(content.json()).get("annotations")))
            collector.add([uri], ImageAnnotations(masks=masks))


def _candidates(path: str) -> list[str]:
    image = PurePosixPath(path)
    return [str(image.with_suffix(".json")), f"annotations/{image.stem}.json"]
