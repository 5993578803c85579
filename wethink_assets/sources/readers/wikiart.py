"""WikiArt: ShareGPT4V captions, and the style, genre and artist label lists of its usual distribution.

A label list is `<Kind>/<kind>_{train,val}.csv` with `path,number` rows and no header, and
`<Kind>/<kind>_class.txt` with `number name` lines.
"""

from __future__ import annotations

import csv
from pathlib import Path

from wethink_assets.sources.context import Context
from wethink_assets.sources.reading import Wanted
from wethink_assets.sources.readers import conversations
from wethink_assets.sources.readers.files import find, split_of_name


def annotate(folder: Path, wanted: Wanted) -> None:
    conversations.annotate(folder, wanted)
    for path in find(folder, "style_*.csv", "genre_*.csv", "artist_*.csv"):
        kind = path.name.split("_", 1)[0]
        with wanted.reading(path):
            names = _classes(path.with_name(f"{kind}_class.txt"))
            with path.open(encoding="utf-8", errors="replace", newline="") as handle:
                for row in csv.reader(handle):
                    if len(row) < 2 or not (uris := wanted.named(row[0], path)):
                        continue
                    if name := names.get(row[1].strip(), row[0].split("/")[0] if kind == "style" else ""):
                        wanted.add(uris, Context(facts=((kind, name.replace("_", " ")),)))
                    if split := split_of_name(path):
                        wanted.split(uris, split)


def _classes(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    lines = path.read_text("utf-8", errors="replace").splitlines()
    return dict(line.strip().split(" ", 1) for line in lines if " " in line.strip())
