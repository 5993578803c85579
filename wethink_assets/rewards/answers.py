"""A gold answer with its type, and its JSON.

Belongs here: the types, the typed answer, the words of yes and no. Does not belong here: how a gold text gets its type
(gold_types.py), comparing anything with it (verifier.py).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

MULTIPLE_CHOICE, FILL_IN, DESCRIPTIVE = "MC", "FIB", "DES"


class AnswerType(StrEnum):
    CHOICE = "choice"
    NUMBER = "number"
    QUANTITY = "quantity"
    EXPRESSION = "expression"
    SET = "set"
    LIST = "list"
    INTERVAL = "interval"
    YES_NO = "yes_no"
    TEXT = "text"
    OCR = "ocr"
    BOX = "box"
    FREE_FORM = "free_form"


@dataclass(frozen=True)
class TypedAnswer:
    """A gold answer.

    `raw` is the answer as made; `value` is its reading by type: letters (choice), "yes" or "no" (yes_no), a text,
    item texts (set, list), four numbers (box), low, high and their closedness (interval).
    `unit` is the unit's text, also where only the question names it. `tolerance` is relative for numbers, the share
    of wrong characters for ocr, the least intersection over union for box. `asked` are words and numbers of the
    question that a sentence may repeat without giving them as its answer; first, of a number, "x=", the variable that
    is asked for, "many" where it is counted, and of numbers and expressions what asked_form.of reads.
    """

    type: str
    raw: str
    value: Any = None
    unit: str | None = None
    tolerance: float = 0.0
    options: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> TypedAnswer:
        """Raises ValueError where the text is no typed answer."""
        return _from_json(text)


@lru_cache(maxsize=8192)
def _from_json(text: str) -> TypedAnswer:
    try:
        fields = json.loads(text)
        values: dict[str, Any] = {
            **fields,
            "options": tuple(fields.get("options", ())),
            "asked": tuple(fields.get("asked", ())),
        }
        answer = TypedAnswer(**values)
        AnswerType(answer.type)
    except (TypeError, AttributeError) as error:
        raise ValueError(f"no typed answer: {error}") from None
    return answer


YES = frozenset("yes true correct right y 是 对 正确 是的 对的 真 有 √ ✓ ✔".split())
NO = frozenset("no false incorrect n 否 错 不正确 不是 不对 错误 没有 假 × ✗ ✘".split())
