"""Images alone: the reader of sources without annotations."""

from __future__ import annotations

from resources.storage.tree import Tree
from wethink_assets.sources.annotation_join import AnnotationCollector


def annotate(tree: Tree, collector: AnnotationCollector) -> None:
    """Nothing to tell."""
