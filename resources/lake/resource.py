"""The lake (DuckLake) as a Dagster resource.

Belongs here: handing one `LakeStore` to a run and closing it. Does not belong here: how it works (store.py), making a
lake: a run, a sensor or a schedule that finds none says so.

Dagster makes a resource anew for every other one that needs it. They share one open lake all the same: opening it, and
reading what tables there are, costs as much as ten statements.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import polars as pl
from dagster import ConfigurableResource
from pydantic import PrivateAttr

from resources.file_lock import Say
from resources.lake.connection import Snapshot
from resources.lake.database import Memory
from resources.lake.store import Commit, LakeError, LakeStore, Windows, Write
from resources.settings import keep, kept, settings_of_process
from wethink_assets.settings import Settings

__all__ = ["Commit", "Lake", "LakeError", "LakeStore", "Windows", "Write"]

T = TypeVar("T")


class _Where(NamedTuple):
    catalog: str
    data_path: str
    memory_limit: int
    spill: str
    create: bool = False

    @classmethod
    def of(cls, settings: Settings) -> _Where:
        memory = Memory.of(settings)
        return cls(settings.lake_catalog, settings.lake_data_path, memory.limit, memory.spill)


class _Shared:
    """A store that is closed when the last resource has let go of it."""

    def __init__(self, where: _Where) -> None:
        memory = Memory(where.memory_limit, where.spill)
        self.store = LakeStore(where.catalog, where.data_path, memory=memory, create=where.create, mark=True)
        weakref.finalize(self, self.store.close).atexit = False


_shared: weakref.WeakValueDictionary[_Where, _Shared] = weakref.WeakValueDictionary()
_lock = threading.Lock()


class Lake(ConfigurableResource):
    """The lake of the process's settings, or the one that it named `given`; see `LakeStore` for what it does."""

    given: str = ""
    _where: _Where | None = PrivateAttr(default=None)
    _held: _Shared | None = PrivateAttr(default=None)

    @classmethod
    def of(cls, settings: Settings) -> Lake:
        """The lake of these settings, within their memory limit."""
        return cls(given=keep(_Where.of(settings)))

    @classmethod
    def at(cls, catalog: str, data_path: str, *, memory_limit: int = 0, spill: str = "") -> Lake:
        """The lake of a catalog, made where there is none: for tests and benchmarks."""
        return cls(given=keep(_Where(catalog, data_path, memory_limit, spill, create=True)))

    @property
    def where(self) -> _Where:
        if self._where is None:
            self._where = kept(self.given) if self.given else _Where.of(settings_of_process())
        return self._where

    @property
    def catalog(self) -> str:
        return self.where.catalog

    @property
    def data_path(self) -> str:
        return self.where.data_path

    @property
    def store(self) -> LakeStore:
        if self._held is None:
            with _lock:
                self._held = _shared.get(self.where) or _Shared(self.where)
                _shared[self.where] = self._held
        return self._held.store

    def teardown_after_execution(self, context: Any) -> None:
        self._held = None

    def read(self, name: str, **parameters: Any) -> pl.DataFrame:
        return self.store.read(name, **parameters)

    def rows(self, name: str, **parameters: Any) -> list[dict[str, Any]]:
        return self.store.rows(name, **parameters)

    def in_snapshot(self, read: Callable[[Snapshot], T]) -> T:
        return self.store.in_snapshot(read)

    def windows(self, name: str, folder: Path, *, size: int, **parameters: Any) -> Windows:
        return self.store.windows(name, folder, size=size, **parameters)

    def slice(self, table: str, batch: str, *, key: str = "", among: Sequence[str] = ()) -> list[dict[str, Any]]:
        return self.store.slice(table, batch, key=key, among=among)

    def write(self, commit: Commit, writes: Sequence[Write]) -> int:
        return self.store.write(commit, writes)

    def only_run_of(self, name: str, say: Say | None = None) -> AbstractContextManager[None]:
        return self.store.only_run_of(name, say)

    def snapshot_id(self) -> int:
        return self.store.snapshot_id()

    def inlined_rows(self, table: str) -> int:
        return self.store.inlined_rows(table)

    def flush_inlined(self, table: str) -> None:
        self.store.flush_inlined(table)

    def set_inlined_limit(self, table: str, rows: int) -> None:
        self.store.set_inlined_limit(table, rows)

    def set_row_group(self, table: str, rows: int) -> None:
        self.store.set_row_group(table, rows)

    def small_files(self, table: str) -> int:
        return self.store.small_files(table)

    def merge_files(self, table: str) -> None:
        self.store.merge_files(table)
