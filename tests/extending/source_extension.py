"""A source in a native format of its own: photographed shelves whose goods are listed in `goods.txt`.

One line per thing: the image's file name, the thing's name, its box as left, top, width and height in pixels, and words
that describe it, separated by tabs. Lines that begin with # are comments:

    # image<tab>thing<tab>box<tab>words
    shelf_01.png<tab>cup<tab>12 20 40 44<tab>red, small
"""

from __future__ import annotations

from collections.abc import Iterator

from resources.storage.tree import File, Tree
from wethink_assets.extensions import Extension
from wethink_assets.sources.annotation_join import AnnotationCollector
from wethink_assets.sources.annotations import ImageAnnotations, ObjectAnnotation, clean
from wethink_assets.sources.readers.files import numbers, xywh
from wethink_assets.sources.source import Source

LINE = 64 * 1024  # bytes; a longer line is no line of this format


def annotate(tree: Tree, collector: AnnotationCollector) -> None:
    """Boxes and words of the goods in each requested image."""
    for file in tree.find("goods.txt"):
        with collector.reading(file):
            for name, thing in _goods(file, collector):
                collector.add(collector.named(name, file), ImageAnnotations(objects=(thing,)))


def _goods(file: File, collector: AnnotationCollector) -> Iterator[tuple[str, ObjectAnnotation]]:
    with file.open() as handle:
        while line := handle.readline(LINE):
            fields = line.decode("utf-8", errors="replace").rstrip("\r\n").split("\t")
            if not fields[0] or fields[0].startswith("#"):
                continue
            box = _box(fields[2]) if len(fields) == 4 else None
            if box is None:
                collector.problem(file, "broken_line", f"{clean(fields[0], 60)!r} has no box; the line is left out")
                continue
            words = tuple(word.strip() for word in fields[3].split(","))
            yield fields[0], ObjectAnnotation(fields[1], box, words)


def _box(text: str) -> tuple[float, float, float, float] | None:
    parts = text.split()
    try:
        values = numbers(*map(float, parts))
    except ValueError:
        return None
    return xywh(*values) if values and len(values) == 4 else None


SHELVES = Source(
    "shelves",
    "Photographed shelves",
    group="general",
    share=1_500,
    licence="CC BY 4.0",
    home="example.org/shelves",
    folders=("photos",),
    reader="goods",
    annotations="goods.txt, one thing per line",
)
EXTENSION = Extension("shelves", readers={"goods": annotate}, sources=(SHELVES,))
