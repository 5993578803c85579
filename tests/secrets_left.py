"""Marked secrets: an environment full of them, and the search for what is left of them anywhere."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from resources.lake.sql_files import tables
from resources.lake.store import LakeStore

MARK = "m4rk3d"
OURS = ("wethink_assets", "resources/workers")  # in command lines
KEY = "JUDGE_KEY"  # the one that endpoints use
ENVIRONMENT = {KEY: f"sk-{MARK}-key", "https_proxy": f"http://someone:{MARK}@127.0.0.1:9"} | {
    name: f"{MARK}-{name.lower()}"
    for name in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "PGPASSWORD", "HF_TOKEN", "OTHER_SECRET")
}


@contextlib.contextmanager
def marked_environment() -> Iterator[None]:
    """Within it, this process's environment is full of them."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        yield


class Watch:
    """Looks again and again into the environment of all processes below this one, until it is closed.

    But not of Dagster's own helpers, nor of a child that has not become another program yet.
    """

    def __init__(self, every_s: float = 0.05) -> None:
        self._every_s = every_s  # less than the shortest of the processes lives
        self.seen: set[str] = set()  # command lines
        self.marked: set[tuple[str, str]] = set()  # command line, variable
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._end.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._end.wait(self._every_s):
            for command, names in children().items():
                self.seen.add(command)
                self.marked |= {(command, name) for name in names}


def children() -> dict[str, set[str]]:
    """Processes of ours below this one, by their command lines: which variables of their environment are marked."""
    found: dict[str, set[str]] = {}
    own = psutil.Process().cmdline()
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            environment, arguments = child.environ(), child.cmdline()
            command = " ".join(arguments)
            if environment and arguments != own and any(room in command for room in OURS):
                found.setdefault(command, set()).update(name for name, value in environment.items() if MARK in value)
    return found


def left_in_files(root: Path) -> list[str]:
    """Files below `root` with the mark in their bytes; of SQLite also in what it holds packed."""
    found = []
    for path in sorted(root.rglob("*")):
        if path.is_file():
            if MARK.encode() in path.read_bytes():
                found.append(str(path))
            if path.read_bytes()[:15] == b"SQLite format 3":
                found += [f"{path}: {table}" for table, value in _values(path) if MARK.encode() in _unpacked(value)]
    return found


def left_in_lake(lake: LakeStore) -> list[str]:
    """Tables with the mark in a row. Their files are packed."""
    counted = f"SELECT count(*) AS n FROM {{}} t WHERE t::VARCHAR LIKE '%{MARK}%'"
    return [name for name in tables() if lake.sql(counted.format(name))["n"][0]]


def _values(path: Path) -> Iterator[tuple[str, object]]:
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as con:
        for (table,) in con.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for row in con.execute(f'SELECT * FROM "{table}"'):
                yield from ((table, value) for value in row)


def _unpacked(value: object) -> bytes:
    data = value if isinstance(value, bytes) else str(value).encode()
    with contextlib.suppress(zlib.error):
        return zlib.decompress(data)
    return data
