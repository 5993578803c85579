"""Lines of a foreign JSONL file (parsing of untrusted input): one line, one row, or the reason why it is none.

Belongs here: where a line ends, how long it may be, whether it is an object with fields of the right types. Does not
belong here: whether its texts make a sample (mend.py). Only a line feed ends a line; memory is bounded by `MAX_LINE`.
"""

from __future__ import annotations

import codecs
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

from wethink_assets.dataset.export_files import FIELDS
from wethink_assets.dataset.record import Refusal

MAX_LINE = 4 * 1024 * 1024  # bytes [D]: a record of the longest answer and a path of a million characters
_PIECE = 1 << 20
_REQUIRED = tuple(field for field in FIELDS if field not in ("abilities", "reward"))


class Number(str):
    """A JSON number as it is written: 0.10 stays 0.10, and no number of digits is too many."""

    __slots__ = ()


@dataclass(frozen=True)
class Line:
    """One line without its line feed; `data` is None where it is longer than is read."""

    number: int
    data: bytes | None


class Lines:
    """The lines of an open file, counted from 1; `sha256` is that of all bytes read so far."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.bytes = 0

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def __iter__(self) -> Iterator[Line]:
        number = 0
        while data := self._read(MAX_LINE + 1):
            number += 1
            if len(data) > MAX_LINE and not data.endswith(b"\n"):
                while (rest := self._read(_PIECE)) and not rest.endswith(b"\n"):
                    pass
                yield Line(number, None)
                continue
            if number == 1:
                data = data.removeprefix(codecs.BOM_UTF8)
            yield Line(number, data.removesuffix(b"\n"))

    def _read(self, most: int) -> bytes:
        data = self._file.readline(most)
        self._digest.update(data)
        self.bytes += len(data)
        return data


def fields_of(line: Line) -> dict[str, Any] | Refusal:
    """The fields of a line, by name: texts and numbers, and `abilities` as a list of texts; or why it is no row.

    Never raises. A field that no record has stays where it is; one that may be left out may be null.
    """
    if line.data is None:
        return Refusal("line_too_long", f"more than {MAX_LINE} bytes")
    if not line.data.strip():
        return Refusal("empty_line", "the line holds nothing")
    try:
        record = json.loads(
            line.data.decode("utf-8"),
            parse_float=Number,
            parse_int=Number,
            parse_constant=_refuse_constant,
            object_pairs_hook=_without_repeats,
        )
    except UnicodeDecodeError as error:
        return Refusal("not_utf8", f"byte {error.start} is no UTF-8")
    except RecursionError:
        return Refusal("no_json", "nested too deep")
    except ValueError as error:
        return Refusal("no_json", str(error)[:200])
    if not isinstance(record, dict):
        return Refusal("no_object", f"the line holds a {type(record).__name__}, not an object of fields")
    return _typed(record)


def _typed(record: dict[str, Any]) -> dict[str, Any] | Refusal:
    for name in _REQUIRED:
        if record.get(name) is None:
            return Refusal("missing_field", f"there is no {name}")
    for name in FIELDS:
        value = record.get(name)
        if value is None:
            continue
        if name == "abilities":
            given = [value] if isinstance(value, str) else value
            if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
                return Refusal("wrong_type", "abilities is no list of texts")
        elif not isinstance(value, str) or (isinstance(value, Number) and name != "answer"):
            kind = "number" if isinstance(value, Number) else type(value).__name__
            return Refusal("wrong_type", f"{name} is a {kind}, not a text")
    return record


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        raise ValueError("a field is there twice")
    return record
