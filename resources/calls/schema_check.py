"""Compiled JSON schemas (validation): a quick check that knows a value to fit, for the schemas that prompts have.

Belongs here: turning a schema into functions. Does not belong here: what is wrong with a value that does not fit, which
jsonschema says (replies.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Check = Callable[[Any], bool]

_WITHOUT_MEANING = {"title", "description", "default", "examples", "$schema"}
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),  # 3.0 is one too: jsonschema says so
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


def compiled(schema: Any) -> Check | None:
    """A function that is true only of values that fit; None where the schema has a keyword that is not known here.

    A value of which it is false may still fit.
    """
    if not isinstance(schema, Mapping):
        return None
    kind, known = schema.get("type"), _WITHOUT_MEANING | {"type"}
    if kind == "object":
        return _object(schema) if schema.keys() <= known | {"properties", "required", "additionalProperties"} else None
    if kind == "array":
        return _array(schema) if schema.keys() <= known | {"items", "minItems", "maxItems"} else None
    if not isinstance(kind, str) or kind not in _TYPES:
        return None
    if kind == "string" and schema.keys() <= known | {"enum", "minLength", "maxLength"}:
        return _string(schema)
    return _plain(_TYPES[kind], schema.get("enum")) if schema.keys() <= known | {"enum"} else None


def _object(schema: Mapping[str, Any]) -> Check | None:
    checks = {name: compiled(part) for name, part in schema.get("properties", {}).items()}
    extra = schema.get("additionalProperties", True)
    if not all(checks.values()) or not isinstance(extra, bool):
        return None
    required = tuple(schema.get("required", ()))

    def check(value: Any) -> bool:
        if type(value) is not dict or any(name not in value for name in required):
            return False
        for name, part in value.items():
            of_part = checks.get(name)
            if not (extra if of_part is None else of_part(part)):
                return False
        return True

    return check


def _array(schema: Mapping[str, Any]) -> Check | None:
    of_item = compiled(schema["items"]) if "items" in schema else (lambda _: True)
    if of_item is None:
        return None
    least, most = schema.get("minItems", 0), schema.get("maxItems", float("inf"))
    return lambda value: type(value) is list and least <= len(value) <= most and all(map(of_item, value))


def _string(schema: Mapping[str, Any]) -> Check | None:
    least, most = schema.get("minLength", 0), schema.get("maxLength", float("inf"))
    if "enum" in schema:
        allowed = frozenset(v for v in schema["enum"] if isinstance(v, str))
        return lambda value: type(value) is str and value in allowed and least <= len(value) <= most
    return lambda value: type(value) is str and least <= len(value) <= most


def _plain(types: tuple[type, ...], enum: list[Any] | None) -> Check:
    if enum is None:
        return lambda value: type(value) in types
    allowed = [v for v in enum if type(v) in types]
    return lambda value: type(value) in types and value in allowed
