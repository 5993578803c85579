"""The lake (DuckLake) as a Dagster resource.

Belongs here: handing one `LakeStore` to a run and closing it. Does not belong here: how it works (store.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
from dagster import ConfigurableResource
from pydantic import PrivateAttr

from resources.lake.database import Memory
from resources.lake.store import Commit, LakeError, LakeStore, Windows, Write
from wethink_assets.settings import Settings

__all__ = ["Commit", "Lake", "LakeError", "LakeStore", "Windows", "Write"]


class Lake(ConfigurableResource):
    """The lake as a Dagster resource; see `LakeStore` for what it does."""

    catalog: str
    data_path: str
    memory_limit: int = 0
    spill: str = ""
    _store: LakeStore | None = PrivateAttr(default=None)

    @classmethod
    def of(cls, settings: Settings) -> Lake:
        """The installation's lake, within its memory limit."""
        memory = Memory.of(settings)
        return cls(
            catalog=settings.lake_catalog,
            data_path=settings.lake_data_path,
            memory_limit=memory.limit,
            spill=memory.spill,
        )

    @property
    def store(self) -> LakeStore:
        if self._store is None:
            memory = Memory(self.memory_limit, self.spill)
            self._store = LakeStore(self.catalog, self.data_path, memory=memory)
        return self._store

    def teardown_after_execution(self, context: Any) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None

    def read(self, name: str, **parameters: Any) -> pl.DataFrame:
        return self.store.read(name, **parameters)

    def rows(self, name: str, **parameters: Any) -> list[dict[str, Any]]:
        return self.store.rows(name, **parameters)

    def windows(self, name: str, folder: Path, *, size: int, **parameters: Any) -> Windows:
        return self.store.windows(name, folder, size=size, **parameters)

    def slice(self, table: str, batch: str, *, key: str = "", among: Sequence[str] = ()) -> list[dict[str, Any]]:
        return self.store.slice(table, batch, key=key, among=among)

    def write(self, commit: Commit, writes: Sequence[Write]) -> int:
        return self.store.write(commit, writes)

    def snapshot_id(self) -> int:
        return self.store.snapshot_id()

    def inlined_rows(self, table: str) -> int:
        return self.store.inlined_rows(table)

    def flush_inlined(self, table: str) -> None:
        self.store.flush_inlined(table)

    def set_inlined_limit(self, table: str, rows: int) -> None:
        self.store.set_inlined_limit(table, rows)

    def small_files(self, table: str) -> int:
        return self.store.small_files(table)

    def merge_files(self, table: str) -> None:
        self.store.merge_files(table)
