"""Annotating images: runs a source's reader over its annotation files, for the images of a batch.

Belongs here: from image URIs to records with annotations. Does not belong here: any native format (readers/), the join
of entries to images (annotation_join.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from resources.storage.places import Places
from resources.storage.tree import Tree
from wethink_assets.sources.annotation_join import AnnotationCollector, Problem, Record
from wethink_assets.sources.listing import source_tree
from wethink_assets.sources.readers.registry import reader
from wethink_assets.sources.source import Source


def read_source(source: Source, places: Places, uris: Sequence[str]) -> tuple[list[Record], list[Problem]]:
    """Records of these images, in this order, and what was wrong with annotation files and archives.

    Raises:
        SourceMissingError: nothing is where the source should be.
    """
    tree = source_tree(source, places)
    collector = AnnotationCollector(source, uris, places)
    if uris:
        annotate(tree, collector)
    return collector.records(), collector.problems()


def annotate(tree: Tree, collector: AnnotationCollector) -> None:
    """Run the source's reader, and note what is wrong with archives."""
    reader(collector.source.reader)(tree, collector)
    for problem in tree.problems():
        collector.problem(tree.file(problem.archive), problem.reason, problem.detail, problem.count)
