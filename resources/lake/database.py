"""DuckDB databases within bounds (out-of-core execution): a memory limit, and a private folder to spill to.

Belongs here: opening every DuckDB database of the project, how much memory it may take, where it spills, what it says
when neither is enough. Does not belong here: attaching the lake (catalog.py), retries (connection.py).

The limit is that of one process. DuckDB's own default is 80 % of the machine for each, so that two large statements at
the same time could end both. Insertion order is preserved, which costs memory while rows are written: the same input is
to give the same files.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from resources.scratch import Scratch

if TYPE_CHECKING:
    from wethink_assets.settings import Settings

LEAST = 10**9  # bytes of the default limit, at least [D]
# Extensions come from installed packages of pinned versions, whose signatures DuckDB checks; nothing is downloaded.
OFFLINE: dict[str, str | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}


class LakeError(RuntimeError):
    """The lake cannot be reached or written; the message names what and the cure."""


@dataclass(frozen=True)
class Memory:
    """What one database may take. `limit`: bytes; 0 is a quarter of the machine's memory, and at least 1 GB.

    `spill`: folder below which every database gets one of its own; empty: the system's folder for temporary files.
    """

    limit: int = 0
    spill: str = ""

    @classmethod
    def of(cls, settings: Settings) -> Memory:
        return cls(settings.lake.memory_bytes, str(settings.spill_dir))

    @property
    def bytes(self) -> int:
        return self.limit or max(LEAST, machine_memory() // 4)


class Database:
    """A DuckDB database in memory with its spill folder (mode 0700), which goes with it.

    Where no folder can be made, as on a full disk, it does not spill.
    """

    def __init__(self, memory: Memory, **config: Any) -> None:
        self.memory = memory
        self.spill, remove = _spill_folder(memory.spill)
        self._remove = weakref.finalize(self, remove)
        spill = str(self.spill / "duckdb") if self.spill else ""
        bounds = {"memory_limit": f"{memory.bytes}B", "temp_directory": spill}
        self.connection = duckdb.connect(config={**OFFLINE, **bounds, **config})

    def close(self) -> None:
        self.connection.close()
        self._remove()


@contextmanager
def database(memory: Memory | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database of its own for one search, gone afterwards.

    Raises:
        LakeError: memory limit and spill folder were not enough.
    """
    memory = memory or Memory()
    opened = Database(memory)
    try:
        yield opened.connection
    except duckdb.OutOfMemoryException as error:
        raise out_of_memory(error, memory) from error
    finally:
        opened.close()


def out_of_memory(error: duckdb.Error, memory: Memory) -> LakeError:
    """The error of a statement that could not spill, or not enough, in one line with its cure."""
    first = " ".join(str(error).partition("\n")[0].split())
    place = memory.spill or tempfile.gettempdir()
    return LakeError(
        f"a statement needs more than the {memory.bytes / 1e6:,.0f} MB that the setting `memory` of [lake] allows, and "
        f"could not spill the rest below {place}: {first}. Raise `memory`, or free space there"
    )


def machine_memory(root: Path = Path("/")) -> int:
    """Bytes of memory that this process may use: the machine's, or the least of its cgroup and those above it."""
    limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    with suppress(OSError):
        for line in (root / "proc/self/cgroup").read_text("utf-8").splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers and "memory" not in controllers.split(","):
                continue
            top = root / "sys/fs/cgroup" / ("memory" if controllers else "")
            name = "memory.limit_in_bytes" if controllers else "memory.max"
            group = top / path.lstrip("/")
            for folder in (group, *group.parents):
                if folder.is_relative_to(top):
                    with suppress(OSError, ValueError):  # not there, or "max"
                        limits.append(int((folder / name).read_text("utf-8")))
    return min(limits)


def _spill_folder(below: str) -> tuple[Path | None, Callable[[], None]]:
    """A folder to spill to, and how to remove it; none where none can be made."""
    try:
        if below:
            scratch = Scratch(Path(below), "duckdb")
            return scratch.folder, scratch.remove
        folder = Path(tempfile.mkdtemp(prefix="wethink-spill-"))
    except OSError:
        return None, lambda: None
    return folder, partial(_remove_folder, folder, os.getpid())


def _remove_folder(folder: Path, owner: int) -> None:
    if os.getpid() == owner:  # in a forked child it is the parent's
        shutil.rmtree(folder, ignore_errors=True)
