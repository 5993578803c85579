"""Images alone: the reader of sources without annotations.

Belongs here: an annotation of nothing, so that such a source is no special case. Does not belong here: which files are
images (wethink_assets/sources/listing.py).
"""

from __future__ import annotations

from resources.storage.tree import Tree
from wethink_assets.sources.annotation_join import AnnotationCollector


def annotate(tree: Tree, collector: AnnotationCollector) -> None:
    """Nothing to tell."""
