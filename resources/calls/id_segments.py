"""Sorted runs of hashed call ids (index segments): where the call with an id lies, without reading any call.

Belongs here: building, searching, merging, and keeping them as files that are mapped into memory. Does not belong here:
which data files there are, and what is read of them (id_index.py).

A segment holds 24 bytes a call: the MD5 of its id in two halves, sorted by the first, the position of its data file
among the segment's files and its place within that file. Data files never change, so that a segment stays true as long
as its files are there; what it says of files that are gone is passed over.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from resources.private import private_folder

MAGIC = b"WTCALLS1"  # another layout takes another number: files of this one are then passed over
_HEAD = 8 + 8 + 32  # magic, length of the description, its SHA-256
_COLUMNS = (("high", "<u8"), ("low", "<u8"), ("file", "<u4"), ("row", "<u4"))
SUFFIX = ".ids"


@dataclass(frozen=True, slots=True)
class DataFile:
    """A Parquet file of calls by what cannot be another's: its name, which holds a UUID, and its size in bytes."""

    name: str
    size: int


def digests(ids: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """MD5 of each id as its first and second half, as `md5_number_upper` and `md5_number_lower` of DuckDB give them."""
    joined = b"".join(hashlib.md5(i.encode(), usedforsecurity=False).digest() for i in ids)
    halves = np.frombuffer(joined, "<u8").reshape(-1, 2)
    return halves[:, 0], halves[:, 1]


@dataclass(frozen=True, eq=False)
class Segment:
    """Calls of some data files; the four arrays are aligned. `counts`: calls of each file."""

    files: tuple[DataFile, ...]
    counts: tuple[int, ...]
    high: np.ndarray
    low: np.ndarray
    file: np.ndarray
    row: np.ndarray
    path: Path | None = field(default=None)

    def __len__(self) -> int:
        return len(self.high)

    @classmethod
    def of(cls, files: Sequence[DataFile], columns: dict[str, np.ndarray]) -> Segment:
        """From unsorted columns."""
        order = np.argsort(columns["high"], kind="stable")
        high, low, file, row = (np.ascontiguousarray(columns[name][order], kind) for name, kind in _COLUMNS)
        counts = np.bincount(file, minlength=len(files))
        return cls(tuple(files), tuple(int(n) for n in counts), high, low, file, row)

    def search(self, high: np.ndarray, low: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Pairs of position among the keys and position in the segment; `high` is sorted, which keeps pages warm."""
        first = np.searchsorted(self.high, high, "left")
        asked = np.flatnonzero(first < len(self))
        asked = asked[self.high[first[asked]] == high[asked]]
        found: list[tuple[np.ndarray, np.ndarray]] = []
        at = first[asked]
        while len(asked):  # calls of equal first halves lie side by side: the same call in a file and in a merged one
            same = self.low[at] == low[asked]
            found.append((asked[same], at[same]))
            at = at + 1
            inside = at < len(self)
            asked, at = asked[inside], at[inside]
            going = self.high[at] == high[asked]
            asked, at = asked[going], at[going]
        none = np.empty(0, np.int64)
        return (
            np.concatenate([keys for keys, _ in found]) if found else none,
            np.concatenate([places for _, places in found]) if found else none,
        )


def merged(segments: Sequence[Segment], live: set[DataFile] | frozenset[DataFile]) -> Segment:
    """One segment of the files of several that are live; a file of two of them is taken once."""
    taken: dict[DataFile, int] = {}
    parts: dict[str, list[np.ndarray]] = {name: [] for name, _ in _COLUMNS}
    for segment in segments:
        places = np.full(len(segment.files), -1, np.int64)
        for place, one in enumerate(segment.files):
            if one in live and one not in taken:
                places[place] = taken[one] = len(taken)
        position = places[segment.file] if len(segment) else np.empty(0, np.int64)
        kept = position >= 0
        for name, _ in _COLUMNS:
            parts[name].append(position[kept] if name == "file" else getattr(segment, name)[kept])
    return Segment.of(list(taken), {name: np.concatenate(arrays) for name, arrays in parts.items()})


def save(segment: Segment, folder: Path) -> Segment:
    """Keep a segment as a file, whole or not at all; what is returned is mapped from it.

    Raises:
        OSError: the disk failed.
    """
    about = json.dumps({"files": [[f.name, f.size] for f in segment.files], "counts": segment.counts}).encode()
    about += b" " * (-len(about) % 8)
    path = folder / f"{uuid.uuid4().hex}{SUFFIX}"
    beside = path.with_suffix(".part")
    try:
        with beside.open("xb") as file:
            file.write(MAGIC + len(about).to_bytes(8, "little") + hashlib.sha256(about).digest() + about)
            for name, _ in _COLUMNS:
                getattr(segment, name).tofile(file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    loaded = load(path)
    if loaded is None:
        raise OSError(f"{path} does not hold what was written to it")
    return loaded


def load(path: Path) -> Segment | None:
    """A segment from its file; None where it is gone, cut, of another layout or otherwise not what was written."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
            length = int.from_bytes(head[8:16], "little")
            if head[:8] != MAGIC or length > path.stat().st_size:
                return None
            about = file.read(length)
        if hashlib.sha256(about).digest() != head[16:]:
            return None
        described = json.loads(about)
        counts = tuple(described["counts"])
        rows, start = sum(counts), _HEAD + length
        if path.stat().st_size != start + 24 * rows:
            return None
        arrays: dict[str, Any] = {}
        for name, kind in _COLUMNS:
            width = np.dtype(kind).itemsize
            arrays[name] = np.memmap(path, kind, "r", start, (rows,)).view(np.ndarray) if rows else np.empty(0, kind)
            start += width * rows
        return Segment(tuple(DataFile(*f) for f in described["files"]), counts, **arrays, path=path)
    except (OSError, ValueError):
        return None


def load_all(folder: Path) -> list[Segment]:
    """All segments that a folder holds, largest first."""
    found = (load(path) for path in sorted(folder.glob(f"*{SUFFIX}")))
    return sorted((s for s in found if s is not None), key=len, reverse=True)


@contextmanager
def keeping(folder: Path) -> Iterator[bool]:
    """Whether this process may change the folder now: one at a time, and nobody waits for it.

    What a killed process left half-written goes meanwhile; its lock went with it.

    Raises:
        OSError: the folder cannot be made.
    """
    private_folder(folder)
    handle = os.open(folder / ".lock", os.O_CREAT | os.O_RDWR, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        for part in folder.glob("*.part"):
            with suppress(OSError):
                part.unlink()
        yield True
    finally:
        os.close(handle)
