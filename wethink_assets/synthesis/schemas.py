"""JSON schemas of the replies (structured output), in the subset that all engines take.

Belongs here: one schema per prompt. Does not belong here: what a well-shaped reply may say (the stages check that).
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

CATEGORIES = ("MC", "FIB", "DES")
ABILITIES = ("recognition", "ocr", "knowledge", "spatial", "math")
REASONING = "reasoning"
MAX_OPTIONS = 6

_TEXT = {"type": "string"}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


SCHEMAS: dict[str, dict[str, Any]] = {
    "description": _object(description=_TEXT),
    "missing_details": _object(questions=_list(_TEXT)),
    "visual_answer": _object(answers=_list(_object(number={"type": "integer"}, answer=_TEXT))),
    "merged_description": _object(description=_TEXT),
    "question_list": _object(
        questions=_list(
            _object(
                question=_TEXT,
                category={"type": "string", "enum": list(CATEGORIES)},
                options=_list(_TEXT),
                abilities=_list({"type": "string", "enum": [REASONING, *ABILITIES]}),
            )
        )
    ),
    # The reason comes first, so that a model has reasoned before it decides.
    "well_posed": _object(reason=_TEXT, well_posed={"type": "boolean"}),
    "answerable": _object(reason=_TEXT, answerable={"type": "boolean"}),
    "answer": _object(reasoning=_TEXT, answer=_TEXT),
    "blind_answer": _object(reasoning=_TEXT, answer=_TEXT),
    "second_look": _object(reasoning=_TEXT, answer=_TEXT),
    "adjudication": _object(reason=_TEXT, choice={"type": "string", "enum": ["first", "second", "neither"]}),
    "refined_path": _object(refined_cot=_TEXT, consistent={"type": "boolean"}),
}


def schema(name: str, *, max_items: int | None = None) -> dict[str, Any]:
    """A fresh copy of a JSON schema by its name; `max_items` bounds its one list."""
    copy = deepcopy(SCHEMAS[name])
    if max_items is not None:
        (array,) = [p for p in copy["properties"].values() if p["type"] == "array"]
        array["maxItems"] = max_items
    return copy
