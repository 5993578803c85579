"""Reading hostile annotation files: streaming JSON, and values that may be of any type.

Belongs here: what several readers share. Does not belong here: any one format.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import ijson

from wethink_assets.sources.context import Box, clean
from wethink_assets.sources.reading import Wanted

SMALL = 64 * 1024 * 1024  # bytes of a per-image annotation file; larger ones are no such file
LINE = 16 * 1024 * 1024  # bytes of one line of a JSONL file


def find(folder: Path, *patterns: str) -> list[Path]:
    """Files that match any pattern, in the folder itself or one or two levels below, sorted; no links out."""
    top = folder.resolve()
    found: dict[Path, None] = {}
    for pattern in patterns:
        for prefix in ("", "*/", "*/*/"):
            for path in sorted(folder.glob(prefix + pattern)):
                if path.is_file() and path.resolve().is_relative_to(top):
                    found[path] = None
    return list(found)


def _start(handle: BinaryIO) -> bytes:
    """The first byte that means something; the handle is then before it, past a byte order mark."""
    skipped = 3 if handle.read(3) == b"\xef\xbb\xbf" else 0
    handle.seek(skipped)
    while piece := handle.read(4096):
        if text := piece.lstrip():
            handle.seek(skipped)
            return text[:1]
    raise ValueError("the file is empty")


def entries(path: Path, where: str = "") -> Iterator[Any]:
    """Elements of the list at `where` ('' is the top), one at a time.

    Raises:
        ValueError: the JSON is broken, or there is no such list.
    """
    with path.open("rb") as handle:
        if _start(handle) != (b"{" if where else b"["):
            raise ValueError(f"expected {'an object that holds ' + where if where else 'a list'} at the top")
        yield from _valued(ijson.items(handle, f"{where}.item" if where else "item", use_float=True))


def pairs(path: Path) -> Iterator[tuple[str, Any]]:
    """Keys and values of the object at the top, one at a time.

    Raises:
        ValueError: the JSON is broken or is no object.
    """
    with path.open("rb") as handle:
        if _start(handle) != b"{":
            raise ValueError("expected an object at the top")
        yield from _valued(ijson.kvitems(handle, "", use_float=True))


def _valued(items: Iterator[Any]) -> Iterator[Any]:
    try:
        yield from items
    except ijson.JSONError as error:  # no ValueError of its own
        raise ValueError(" ".join(str(error).split("\n", 1)[0].split())) from None


def rows(path: Path, wanted: Wanted, *where: str) -> Iterator[dict[str, Any]]:
    """Objects of a JSONL file, of a list, or of the list at `where` in an object, whichever the file is.

    A broken line of a JSONL file is noted and left out. Raises ValueError as `entries` does.
    """
    with path.open("rb") as handle:
        first = _start(handle)
    if first == b"[" and path.suffix != ".jsonl":
        yield from (e for e in entries(path) if isinstance(e, dict))
    elif path.suffix == ".jsonl":
        with path.open("rb") as handle:
            while line := handle.readline(LINE):
                if line.strip(b"\xef\xbb\xbf \t\r\n"):
                    try:
                        value = json.loads(line.removeprefix(b"\xef\xbb\xbf"))
                    except (ValueError, RecursionError) as error:
                        wanted.problem(path, "broken_line", f"{str(error)[:120]}; the line is left out")
                        continue
                    if isinstance(value, dict):
                        yield value
    elif not where:
        raise ValueError("expected a list at the top")
    else:
        for place in where:
            yield from (e for e in entries(path, place) if isinstance(e, dict))


def small_json(path: Path) -> Any:
    """The whole of a per-image file.

    Raises:
        ValueError: it is broken or implausibly large.
    """
    if path.stat().st_size > SMALL:
        raise ValueError(f"{path.stat().st_size} bytes are too many for the annotations of one image")
    return json.loads(path.read_bytes().decode("utf-8-sig"))


def beside(path: Path, folder: Path) -> bool:
    """Whether a file is there and lies inside the folder."""
    return path.is_file() and path.resolve().is_relative_to(folder.resolve())


def text(value: Any) -> str:
    """Clean text of a text or a number; '' of anything else."""
    return clean(value)


def texts(value: Any) -> tuple[str, ...]:
    """Clean texts of a list; of one text, itself."""
    if isinstance(value, (str, int, float)):
        value = [value]
    return tuple(filter(None, map(clean, value))) if isinstance(value, list) else ()


def dicts(value: Any) -> list[dict[str, Any]]:
    """The objects in a list; [] of anything else."""
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def index(value: Any) -> int | None:
    """A place in a list: a whole number from 0, also where it is written as text."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 9:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9 else None


def numbers(*values: Any) -> tuple[float, ...] | None:
    """All values as finite floats; None where one is not."""
    made = []
    for value in values:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) <= 1e9:  # NaN fails too
            return None
        made.append(float(value))
    return tuple(made)


def xywh(x: Any, y: Any, w: Any, h: Any) -> Box | None:
    found = numbers(x, y, w, h)
    return found if found and found[2] >= 0 and found[3] >= 0 else None  # type: ignore[return-value]


def corners(x1: Any, y1: Any, x2: Any, y2: Any) -> Box | None:
    """A box from two opposite corners."""
    found = numbers(x1, y1, x2, y2)
    if found is None:
        return None
    left, top = min(found[0], found[2]), min(found[1], found[3])
    return (left, top, abs(found[2] - found[0]), abs(found[3] - found[1]))


def split_of_name(path: Path) -> str | None:
    """The split in an annotation file's name, such as `TextVQA_0.5.1_train.json`."""
    name = path.name.lower()
    return next((split for split in ("train", "val", "test") if split in name), None)
