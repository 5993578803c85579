"""WikiArt: ShareGPT4V captions, and the style, genre and artist label lists of its usual distribution.

Belongs here: label lists, and captions of the same paintings. Does not belong here: other ShareGPT4V files
(conversations.py), JSON that is not as it should be (files.py).

A label list is `<Kind>/<kind>_{train,val}.csv` with `path,number` rows and no header, and
`<Kind>/<kind>_class.txt` with `number name` lines.
"""

from __future__ import annotations

import csv
import io

from resources.storage.tree import File, Tree
from wethink_assets.sources.annotation_join import AnnotationCollector, ForeignFileError
from wethink_assets.sources.annotations import ImageAnnotations
from wethink_assets.sources.readers import conversations
from wethink_assets.sources.readers.files import SMALL, split_of_name


def annotate(tree: Tree, collector: AnnotationCollector) -> None:
    conversations.annotate(tree, collector)
    for file in tree.find("style_*.csv", "genre_*.csv", "artist_*.csv"):
        kind = file.name.split("_", 1)[0]
        with collector.reading(file):
            names = _classes(file.beside(f"{kind}_class.txt"))
            with file.open() as raw, io.TextIOWrapper(raw, "utf-8", errors="replace", newline="") as handle:
                listed = False
                for row in csv.reader(handle):
                    listed = listed or len(row) >= 2
                    if len(row) < 2 or not (uris := collector.named(row[0], file)):
                        continue
                    if name := names.get(row[1].strip(), row[0].split("/")[0] if kind == "style" else ""):
                        collector.add(uris, ImageAnnotations(facts=((kind, name.replace("_", " ")),)))
                    if split := split_of_name(file):
                        collector.split(uris, split)
                if not listed:
                    raise ForeignFileError("no row of a path and a number")


def _classes(file: File) -> dict[str, str]:
    try:
        lines = file.read(SMALL).decode("utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return {}
    return dict(line.strip().split(" ", 1) for line in lines if " " in line.strip())
