"""Bind parameters of statements (prepared-statement values), as the lake can take them and as it stores text.

Belongs here: text that may not reach DuckDB as it is. Does not belong here: which rows fit a table (rows.py), running
statements (connection.py, store.py, writes.py), each of which binds by this function alone.

DuckLake writes the values that a statement looks for into statements of its own for the catalog, which end at a NUL:
a quote would stay open there, and what another value holds would be run as SQL.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NUL, SHOWN = "\0", "\ufffd"


def bound(parameters: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The parameters of a statement with every NUL in text, also within lists and structs, as U+FFFD, which is what a
    written row has in its place; a lone surrogate, which UTF-8 cannot hold, is a question mark. None where there are
    none, as DuckDB wants it."""
    return {name: storable(value) for name, value in parameters.items()} if parameters else None


def storable(value: Any) -> Any:
    """A value to look for, as a written row holds it."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return {_text(k) if isinstance(k, str) else k: storable(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [storable(one) for one in value]
    return value


def _text(value: str) -> str:
    if not value.isascii():
        value = value.encode("utf-8", "replace").decode()
    return value.replace(NUL, SHOWN)
