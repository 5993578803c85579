"""The lake as a lakehouse store: data frames out, transactional and validated writes in, in one DuckLake.

Belongs here: reading into Polars, committing, maintenance. Does not belong here: attaching and retries (connection.py),
the statements of a write (writes.py), what a row means (sql/tables/), any statement (sql/), or Dagster (resource.py),
which worker processes need not import.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import duckdb
import polars as pl

from resources.lake.catalog import roll_back
from resources.lake.commit_lock import commit_lock
from resources.lake.connection import LakeConnection, in_one_line, of_the_disk
from resources.lake.database import LakeError, out_of_memory
from resources.lake.rows import LakeWriteError, validated
from resources.lake.sql_files import statement, tables
from resources.lake.writes import Commit, Write, apply_write

__all__ = ["Commit", "LakeError", "LakeStore", "LakeWriteError", "Write"]


class LakeStore(LakeConnection):
    """One attached lake, to read and write. Safe to share between threads; a forked child opens its own."""

    def read(self, name: str, **parameters: Any) -> pl.DataFrame:
        """Run sql/<name>.sql with named parameters ($batch …)."""
        return self.sql(statement(name), **parameters)

    def sql(self, text: str, **parameters: Any) -> pl.DataFrame:
        """Run one reading statement with named parameters. For files, use `read`."""

        def action() -> pl.DataFrame:
            with self.connection() as con:
                return con.execute(text, parameters or None).pl()

        return self.reading(action)

    def rows(self, name: str, **parameters: Any) -> list[dict[str, Any]]:
        """As `read`, as dictionaries; JSON columns stay text."""
        return self.read(name, **parameters).to_dicts()

    def slice(self, table: str, batch: str) -> list[dict[str, Any]]:
        """A table's rows of one growth batch, in the order of its key.

        Raises:
            KeyError: there is no such table.
        """
        order = ", ".join(tables()[table].key)
        return self.sql(f"SELECT * FROM {table} WHERE batch = $batch ORDER BY {order}", batch=batch).to_dicts()

    def snapshot_id(self) -> int:
        """Number of the latest committed snapshot."""
        return int(self.sql("SELECT max(snapshot_id) AS id FROM lake.snapshots()")["id"][0])

    def write(self, commit: Commit, writes: Sequence[Write]) -> int:
        """Write all or nothing, in one snapshot. Returns the number of rows inserted.

        Raises:
            LakeWriteError: rows do not fit their table; nothing was written.
            LakeError: the catalog or the disk failed; nothing was written.
        """
        schema = tables()
        for item in writes:
            if item.table not in schema:
                raise LakeWriteError(f"there is no table {item.table}: add sql/tables/{item.table}.sql")
        frames = [validated(schema[item.table], item.rows) for item in writes]
        info = json.dumps({"asset": commit.asset, "batch": commit.batch, "run_id": commit.run_id})
        message = f"{commit.asset} [{commit.batch or '-'}] run {commit.run_id or '-'}"

        def action() -> int:
            with self.connection() as con, commit_lock(self.catalog):
                con.begin()
                try:
                    inserted = sum(
                        apply_write(con, schema[item.table], frame, item)
                        for item, frame in zip(writes, frames, strict=True)
                    )
                    con.execute(
                        "CALL lake.set_commit_message($author, $message, extra_info => $info)",
                        {"author": commit.asset, "message": message, "info": info},
                    )
                    con.commit()
                    return inserted
                except BaseException:
                    roll_back(con)
                    raise

        try:
            return self.retry(action)
        except duckdb.OutOfMemoryException as error:
            raise out_of_memory(error, self.memory) from error
        except (duckdb.Error, OSError) as error:
            if not isinstance(error, OSError) and not of_the_disk(error):
                raise
            raise LakeError(
                f"the lake could not write {commit.asset}: {in_one_line(error)}. Nothing of it was committed. "
                f"{self.where_to_free_space()}, then run it again."
            ) from error

    def maintain(self) -> None:
        """Compaction: flush inlined rows to Parquet, merge small files, drop files no snapshot needs."""
        self._alone("CHECKPOINT")

    def inlined_rows(self, table: str) -> int:
        """Rows of `table` that lie in the catalog, where reading costs some 3 µs per row, and not in Parquet."""
        return int(self.read("lake/count_inlined_rows", table=table)["inlined"][0])

    def flush_inlined(self, table: str) -> None:
        """Move such rows to Parquet; rows and snapshots read the same before and after."""
        self._alone(statement("lake/flush_inlined_rows"), table=table)

    def _alone(self, text: str, **parameters: Any) -> None:
        def action() -> None:
            with self.connection() as con, commit_lock(self.catalog):
                con.execute(text, parameters or None)

        self.reading(action)
