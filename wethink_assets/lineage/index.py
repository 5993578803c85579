"""Index of ids (secondary index): where in a data file the rows of an id stand, as sorted 64-bit keys, memory-mapped.

Belongs here: the keys, building the index of a data file and looking a key up. Does not belong here: which files a lake
has (files.py), reading the rows (rows.py).

A data file never changes, so neither does its index; it is made from the file alone and may be removed at any time. Two
ids may have one key, so whoever reads the rows compares the ids. An id of hexadecimal digits keeps its order as a key,
which finds it by its beginning; any other text is hashed, and found whole.
"""

from __future__ import annotations

import json
import mmap
import os
import re
import struct
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from hashlib import md5
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resources.private import private_folder

if TYPE_CHECKING:
    import duckdb

_MAGIC = b"WTLINKS1"
_DIGITS = 16
_HEX = re.compile(r"[0-9a-f]+")
# In DuckDB: whether an id is of such digits, and key_of.
_IS_HEX = "regexp_full_match(id[1:16], '[0-9a-f]{16}')"
_KEY = f"CASE WHEN {_IS_HEX} THEN ('0x' || id[1:16])::UBIGINT ELSE md5_number_upper(id) END"


def key_of(text: str) -> int:
    head = text[:_DIGITS]
    if len(head) == _DIGITS and _HEX.fullmatch(head):
        return int(head, 16)
    return int.from_bytes(md5(text.encode(), usedforsecurity=False).digest()[:8], "little")


def keys_beginning(prefix: str) -> tuple[int, int]:
    """Lowest and highest key of an id that begins so; of a text that no such id begins with, its own key twice."""
    head = prefix[:_DIGITS]
    if _HEX.fullmatch(head):
        return int(head.ljust(_DIGITS, "0"), 16), int(head.ljust(_DIGITS, "f"), 16)
    key = key_of(prefix)
    return key, key


class IdIndex:
    """The index of one data file. `columns`: names of all columns of the file."""

    def __init__(self, path: Path) -> None:
        """Raises ValueError where the file is no whole index, OSError where it cannot be read."""
        with path.open("rb") as file:
            memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if len(memory) < 16 or memory[:8] != _MAGIC:
            raise ValueError(f"{path} is no index of ids")
        (length,) = struct.unpack_from("<Q", memory, 8)
        head = json.loads(memory[16 : 16 + length])
        self.columns = frozenset(head["columns"])
        self._places: dict[str, tuple[memoryview, memoryview]] = {}
        self.hashed = frozenset(head["hashed"])  # columns with ids that are found only whole
        start, view = _aligned(16 + length), memoryview(memory)
        for name, n in head["ids"].items():
            keys = view[start : start + 8 * n].cast("Q")
            start += 8 * n
            rows = view[start : start + 4 * n].cast("I")
            start = _aligned(start + 4 * n)
            self._places[name] = keys, rows
        if start != len(memory):
            raise ValueError(f"{path} is cut off")

    def has(self, columns: Sequence[str]) -> bool:
        """Whether it was made for all of these that the file has."""
        return all(name in self._places for name in columns if name in self.columns)

    def rows(self, column: str, key: int) -> Sequence[int]:
        """Numbers of the rows with this key, in order."""
        if column not in self._places:
            return ()
        keys, rows = self._places[column]
        first = bisect_left(keys, key)
        return rows[first : bisect_right(keys, key, first)] if first < len(keys) and keys[first] == key else ()

    def first_rows(self, column: str, low: int, high: int) -> Iterator[int]:
        """One row of every key between these."""
        if column not in self._places:
            return
        keys, rows = self._places[column]
        at = bisect_left(keys, low)
        while at < len(keys) and keys[at] <= high:
            yield rows[at]
            at = bisect_right(keys, keys[at], at)


def build(con: duckdb.DuckDBPyConnection, data_file: str, columns: Sequence[str], target: Path) -> None:
    """Write the index of a data file for those of the `columns` that it has.

    Raises:
        OSError: it cannot be written.
    """
    source = "read_parquet($path, file_row_number = true)"
    described = con.execute(f"DESCRIBE SELECT * FROM {source}", {"path": data_file}).fetchall()
    types = {name: kind for name, kind, *_ in described if name != "file_row_number"}
    counts: dict[str, int] = {}
    hashed: list[str] = []
    parts: list[bytes] = []
    for name in (name for name in columns if name in types):
        value = f"unnest({name})" if types[name].endswith("[]") else name
        found: dict[str, Any] = con.execute(
            f"SELECT {_KEY} AS key, file_row_number::UINTEGER AS row, NOT {_IS_HEX} AS hashed FROM "
            f"(SELECT {value} AS id, file_row_number FROM {source}) WHERE id IS NOT NULL ORDER BY key, row",
            {"path": data_file},
        ).fetchnumpy()
        counts[name] = len(found["key"])
        hashed += [name] if found["hashed"].any() else []
        rows = found["row"].tobytes()
        parts += [found["key"].tobytes(), rows, bytes(_aligned(len(rows)) - len(rows))]
    head = json.dumps({"columns": list(types), "hashed": hashed, "ids": counts}).encode()
    start = _MAGIC + struct.pack("<Q", len(head)) + head
    private_folder(target.parent)
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            file.write(start + bytes(_aligned(len(start)) - len(start)))
            file.writelines(parts)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _aligned(size: int) -> int:
    return -(-size // 8) * 8
