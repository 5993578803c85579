"""GeoQA+ in its JSON forms: conversations, or one question per line. Pickles are refused: opening one runs its code.

Belongs here: both JSON forms, and finding the choice that is the answer. Does not belong here: the project's pickles,
which nothing here opens; JSON that is not as it should be (files.py).
"""

from __future__ import annotations

import re
from typing import Any

from resources.storage.tree import Tree
from wethink_assets.sources.annotation_join import AnnotationCollector
from wethink_assets.sources.annotations import QA, ImageAnnotations
from wethink_assets.sources.readers.conversations import turns
from wethink_assets.sources.readers.files import rows, text, texts

PICKLES = ("*.pk", "*.pkl", "*.pickle")
_CHOICES = re.compile(r"\s*\bChoices:\s*", re.IGNORECASE)
_CHOICE = re.compile(r"^\s*\(?([A-H])[:.)]\s*(.+)$")


def annotate(tree: Tree, collector: AnnotationCollector) -> None:
    for file in tree.find(*PICKLES):
        collector.problem(
            file,
            "pickle_refused",
            "a pickle can run any program when it is opened, so it is not; use the JSON form (geoqa+.jsonl)",
        )
    for file in tree.find("*.jsonl", "*.json"):
        with collector.reading(file):
            for row in rows(file, collector, having=("image", "image_path")):
                if uris := collector.named(_relative(row.get("image", row.get("image_path"))), file):
                    collector.add(uris, ImageAnnotations(qa=tuple(_qa(row))))


def _relative(path: Any) -> Any:
    return path.removeprefix("./") if isinstance(path, str) else path


def _qa(row: dict[str, Any]) -> list[QA]:
    if "conversations" in row:
        return [question(asked, (reply,)) for asked, reply in turns(row["conversations"]) if asked]
    asked = text(row.get("question", row.get("text", row.get("problem"))))
    answers = texts(row.get("answer", row.get("ground_truth", row.get("solution"))))
    plain = question(asked, answers)
    options = texts(row.get("choices"))
    return [QA(plain.question, plain.answers, options, plain.hint) if options else plain]


def question(asked: str, answers: tuple[str, ...]) -> QA:
    """Splits `…Question: <text> Choices: A:… B:…`, as the repackaged files write it."""
    asked = asked.rsplit("Question:", 1)[-1].strip()
    parts = _CHOICES.split(asked, maxsplit=1)
    options = []
    if len(parts) == 2:
        options = [m[2].strip() for line in parts[1].splitlines() if (m := _CHOICE.match(line))]
    return QA(parts[0].strip(), answers, tuple(options))
