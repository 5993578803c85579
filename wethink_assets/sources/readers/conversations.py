"""LLaVA and ShareGPT4V files: `[{id, image, conversations: [{from, value}]}]`.

Belongs here: turns of a conversation as captions and questions. Does not belong here: WikiArt's label lists beside such
files (wikiart.py), JSON that is not as it should be (files.py).

The first turn of these caption sets asks for a description, so its answer is a caption. Later turns are
questions. `<image>` marks are not part of any text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from resources.storage.tree import Tree
from wethink_assets.sources.annotation_join import AnnotationCollector
from wethink_assets.sources.annotations import QA, ImageAnnotations
from wethink_assets.sources.readers.files import dicts, rows, text

_MARK = re.compile(r"<(image|video|audio)>")


def annotate(tree: Tree, collector: AnnotationCollector) -> None:
    for file in [*tree.find("*.json", "*.jsonl"), *collector.shared]:
        with collector.reading(file):
            for row in rows(file, collector, having=("image",)):
                if uris := collector.named(row.get("image"), file):
                    collector.add(uris, of_turns(turns(row.get("conversations"))))


def turns(conversation: Any) -> Iterator[tuple[str, str]]:
    """(what the human asked, what was answered), in order."""
    asked = ""
    for turn in dicts(conversation):
        message = _MARK.sub("", text(turn.get("value"))).strip()
        if turn.get("from") in ("human", "user"):
            asked = message
        elif turn.get("from") in ("gpt", "assistant"):
            if message:
                yield asked, message
            asked = ""


def of_turns(conversation: Iterator[tuple[str, str]]) -> ImageAnnotations:
    """First answer as caption, the other turns as questions."""
    captions, qa = [], []
    for number, (asked, answer) in enumerate(conversation):
        if number == 0:
            captions.append(answer)
        elif asked:
            qa.append(QA(asked, (answer,)))
    return ImageAnnotations(captions=tuple(captions), qa=tuple(qa))
