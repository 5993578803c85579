"""ScienceQA: `problems.json` from problem id to question, choices and answer index; the image's folder is the id.

Belongs here: a problem's question, choices, hint and answer. Does not belong here: JSON that is not as it should be
(files.py).

Problems without an image are no concern of an image source. Choice images are not taken.
"""

from __future__ import annotations

from typing import Any

from resources.storage.tree import Tree
from wethink_assets.sources.annotation_join import AnnotationCollector
from wethink_assets.sources.annotations import QA, ImageAnnotations
from wethink_assets.sources.readers.files import entries, index, mapping, pairs, text, texts

FACTS = ("subject", "topic", "grade", "skill")


def annotate(tree: Tree, collector: AnnotationCollector) -> None:
    by_id: dict[str, list[str]] = {}
    for uri in collector.uris:
        by_id.setdefault(uri.split("/")[-2], []).append(uri)
    for file in tree.find("problems.json"):
        with collector.reading(file):
            for problem_id, problem in pairs(file):
                if uris := by_id.get(problem_id):
                    problem = mapping(problem)
                    facts = tuple((k, text(problem.get(k))) for k in FACTS)
                    collector.add(uris, ImageAnnotations(qa=(_qa(problem),), facts=facts))
                    if split := text(problem.get("split")):
                        collector.split(uris, split)
    for file in tree.find("pid_splits.json"):
        with collector.reading(file):
            for split in ("train", "val", "test"):
                for problem_id in entries(file, split):
                    if isinstance(problem_id, str):
                        collector.split(by_id.get(problem_id, ()), split)


def _qa(problem: dict[str, Any]) -> QA:
    options = texts(problem.get("choices"))
    right = index(problem.get("answer"))
    answers = (options[right],) if right is not None and right < len(options) else ()
    return QA(text(problem.get("question")), answers, options, text(problem.get("hint")))
