"""Cells of a benchmark TSV: lists and literals written as text, images as base64.

Belongs here: reading one cell. Pure; nothing in it is evaluated.
Does not belong here: columns, rows, files (tsv.py), decoding an image.
"""

from __future__ import annotations

import ast
import base64
import binascii
import json
import re
from typing import Any

MAX_IMAGES = 64
MAX_LITERAL_CHARS = 20_000
_QUOTED = re.compile(r"\s*(?:'([^'\\]*)'|\"([^\"\\]*)\")\s*(,|\])")


class BadCellError(ValueError):
    """A cell that is not what its column holds. `reason` is a short code."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def images_in(cell: str) -> list[str]:
    """The images of an image cell, each as base64 or as a reference.

    Raises:
        BadCellError: a list that is neither JSON nor a plain literal of strings, or one with too many images.
    """
    parts = strings_in(cell) if cell.startswith("[") else [cell]
    if parts is None or not all(parts):
        raise BadCellError("image_list", "the image cell is neither one image nor a list of them")
    if not 0 < len(parts) <= MAX_IMAGES:
        raise BadCellError("image_list", f"{len(parts)} images in one cell; 1 to {MAX_IMAGES} are read")
    return parts


def strings_in(cell: str) -> list[str] | None:
    """A list of strings or numbers written as JSON or as a Python literal; None where it is neither.

    A long literal, as a list of images is, must do without escapes.
    """
    text = cell.strip()
    if not (text.startswith("[") and text.endswith("]")):
        return None
    try:
        values = json.loads(text)
        return _texts(values)
    except (ValueError, RecursionError):
        pass
    if not text[1:-1].strip():
        return []
    parts, position = [], 1
    while match := _QUOTED.match(text, position):
        parts.append(match[1] if match[1] is not None else match[2])
        position = match.end()
        if match[3] == "]":
            return parts if position == len(text) else None
    return _texts(python_literal(text)) if "\\" in text else None


def python_literal(text: str) -> Any | None:
    """The value of a Python literal of strings, numbers, lists and dictionaries, else None. Nothing is run."""
    if len(text) > MAX_LITERAL_CHARS:
        return None
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def _texts(values: Any) -> list[str] | None:
    plain = isinstance(values, list) and all(isinstance(v, (str, int, float)) for v in values)
    return [str(v) for v in values] if plain else None


def image_bytes(text: str) -> bytes:
    """Decode a base64 image to its bytes.

    Raises:
        BadCellError: it is no base64.
    """
    body = text.partition(",")[2] if text.startswith("data:") else text
    try:
        return base64.b64decode("".join(body.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadCellError("image_not_base64", f"the image cell cannot be decoded: {error}") from None
