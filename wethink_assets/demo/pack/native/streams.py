"""JSON files written entry by entry, so that no annotation file has to fit in memory; and atomically.

Belongs here: arrays, mappings and objects as text, and taking the old file's place. Does not belong here: what any
entry holds (the writers beside this one).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO


@contextmanager
def replacing(path: Path, newline: str = "\n") -> Iterator[TextIO]:
    """A text file that takes the place of `path` when it is complete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    with partial.open("w", encoding="utf-8", newline=newline) as out:
        yield out
    partial.replace(path)


def dump(path: Path, value: Any) -> None:
    with replacing(path) as out:
        json.dump(value, out, ensure_ascii=False)


def array(out: TextIO, entries: Iterable[Any]) -> None:
    out.write("[")
    for i, entry in enumerate(entries):
        out.write(",\n" if i else "")
        json.dump(entry, out, ensure_ascii=False)
    out.write("]")


def dump_array(path: Path, entries: Iterable[Any]) -> None:
    with replacing(path) as out:
        array(out, entries)


def dump_mapping(path: Path, entries: Iterable[tuple[str, Any]]) -> None:
    with replacing(path) as out:
        out.write("{")
        for i, (key, value) in enumerate(entries):
            out.write((",\n" if i else "") + json.dumps(key, ensure_ascii=False) + ": ")
            json.dump(value, out, ensure_ascii=False)
        out.write("}")


def dump_object(path: Path, head: dict[str, Any], arrays: dict[str, Iterable[Any]]) -> None:
    """An object with small values first and long arrays after them."""
    with replacing(path) as out:
        text = json.dumps(head, ensure_ascii=False)[:-1]
        out.write(text)
        for i, (key, entries) in enumerate(arrays.items()):
            out.write((", " if head or i else "") + json.dumps(key) + ": ")
            array(out, entries)
        out.write("}")
