"""MS-COCO: instances and captions, joined by image id. Does not read key points.

Belongs here: COCO's lists and how they refer to each other. Does not belong here: key points and masks, which no stage
uses; streaming JSON (files.py).

Traps: category ids have gaps; crowd annotations carry run-length masks; `info` and `licenses` may be missing.
The instances file is 450 MB, so it is parsed once to its end and not once per list: short lists are left where they
end, and the categories are read from the end of the file, where they stand.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator
from typing import Any, BinaryIO, cast

from resources.storage.tree import File, Tree
from wethink_assets.sources.annotation_join import AnnotationCollector
from wethink_assets.sources.annotations import ImageAnnotations, ObjectAnnotation
from wethink_assets.sources.readers.files import entries, index, mapping, split_of_name, stream, text, xywh

GAP = 1024 * 1024  # bytes; an image's or licence's entry has some hundred
TAIL = 1024 * 1024  # bytes; the 80 categories have ten thousand


def annotate(tree: Tree, collector: AnnotationCollector) -> None:
    for file in tree.find("instances_*.json", "captions_*.json"):
        with collector.reading(file):
            _one(file, collector)


def _one(file: File, collector: AnnotationCollector) -> None:
    images: dict[int, list[str]] = {}
    licensed: dict[int, list[str]] = {}
    for entry in _short(file, "images", images):
        uris = collector.named(entry.get("file_name"), file)
        number = index(entry.get("id"))
        if uris and number is not None:
            images[number] = uris
            if (licence := index(entry.get("license"))) is not None:
                licensed.setdefault(licence, []).extend(uris)
            if split := split_of_name(file):
                collector.split(uris, split)
    if not images:
        return
    for entry in _short(file, "licenses") if licensed else ():
        name, url = text(entry.get("name")), text(entry.get("url"))
        if name:
            collector.licence(licensed.get(index(entry.get("id")) or 0, ()), f"{name} ({url})" if url else name)
    with file.open() as handle:
        tail = _Tail(handle)
        _annotations(stream(cast(BinaryIO, tail), "annotations.item"), file, images, collector, tail)


def _short(file: File, where: str, useful: Collection[Any] = (0,)) -> Iterator[dict[str, Any]]:
    """Elements of a list that is not read past its end; a break is no error where something `useful` was read."""
    try:
        yield from map(mapping, entries(file, where, gap=GAP, some=True))
    except ValueError:
        if not useful:
            raise


def _annotations(
    entries_read: Iterator[Any], file: File, images: dict[int, list[str]], collector: AnnotationCollector, tail: _Tail
) -> None:
    captions = file.name.startswith("captions")
    things: list[tuple[list[str], int | None, ObjectAnnotation]] = []
    try:
        for entry in map(mapping, entries_read):
            uris = images.get(index(entry.get("image_id")))  # type: ignore[arg-type]
            if not uris:
                continue
            if captions:
                collector.add(uris, ImageAnnotations(captions=(text(entry.get("caption")),)))
                continue
            box = entry.get("bbox")
            thing = ObjectAnnotation(
                "",
                xywh(*box) if isinstance(box, list) and len(box) == 4 else None,
                ("crowd",) if entry.get("iscrowd") else (),
            )
            things.append((uris, index(entry.get("category_id")), thing))
            collector.add(uris, ImageAnnotations(masks=1 if entry.get("segmentation") else 0))
    finally:  # a file that breaks off after its categories still names what stands before the break
        if things:
            names = tail.categories() or _names(_short(file, "categories"))
            for uris, category, thing in things:
                collector.add(
                    uris,
                    ImageAnnotations(objects=(ObjectAnnotation(names.get(category, ""), thing.box, thing.attributes),)),
                )


class _Tail:
    """A stream that remembers the last bytes that were read from it."""

    def __init__(self, handle: BinaryIO) -> None:
        self._handle = handle
        self._pieces: list[bytes] = []

    def read(self, size: int = -1) -> bytes:
        piece = self._handle.read(size)
        self._pieces.append(piece)
        if sum(map(len, self._pieces)) > 2 * TAIL:
            self._pieces = [b"".join(self._pieces)[-TAIL:]]
        return piece

    def categories(self) -> dict[int | None, str]:
        """Names by id; {} where the file does not end with its categories."""
        end = b"".join(self._pieces)
        start = end.rfind(b'"categories"')
        if start < 0:
            return {}
        try:
            return _names(stream(io.BytesIO(b"{" + end[start:]), "categories.item"))
        except ValueError:
            return {}


def _names(categories: Iterator[Any]) -> dict[int | None, str]:
    return {index(e.get("id")): text(e.get("name")) for e in map(mapping, categories)}
