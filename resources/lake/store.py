"""The lake as a lakehouse store: data frames out, transactional and validated writes in, in one DuckLake.

Belongs here: reading into Polars, committing. Does not belong here: attaching and retries (connection.py),
the statements of a write (writes.py), what a row means (sql/tables/), any statement (sql/), or Dagster (resource.py),
which worker processes need not import.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from resources.file_lock import Say
from resources.lake.catalog import keep_row_groups_small, roll_back
from resources.lake.commit_lock import commit_lock, step_lock
from resources.lake.connection import LakeConnection, in_one_line
from resources.lake.database import LakeError, out_of_memory
from resources.lake.parameters import bound
from resources.lake.rows import LakeWriteError, validated
from resources.lake.spool import Spool, read_part, write_part
from resources.lake.sql_files import statement, tables
from resources.lake.writes import Commit, Write, apply_write

__all__ = ["Commit", "LakeError", "LakeStore", "LakeWriteError", "Spool", "Windows", "Write", "put_aside"]

PART_ROWS = 8_192  # of a file of windows: four vectors of DuckDB, a few MB of text


def _next_part(reader: Any) -> Any:
    """The next record batch, None at the end. What DuckDB meets in mid-stream comes as Arrow's error: it is its own."""
    try:
        return next(reader, None)
    except OSError as error:
        kind = duckdb.OutOfMemoryException if "out of memory" in str(error).lower() else duckdb.IOException
        raise kind(str(error)) from error


class Windows:
    """The rows of a statement on disk, as they were at one snapshot; read a window (batch of rows) at a time.

    They lie in `files`, Parquet in this order.
    """

    def __init__(self, size: int) -> None:
        self.rows = 0
        self.files: list[Path] = []
        self._size = size

    def __iter__(self) -> Iterator[list[dict[str, Any]]]:
        return self.only(None)

    def only(self, columns: Sequence[str] | None) -> Iterator[list[dict[str, Any]]]:
        """The windows with these columns alone."""
        for path in self.files:
            for window in read_part(path, columns).iter_slices(self._size):
                yield window.to_dicts()


def put_aside(result: duckdb.DuckDBPyConnection, folder: Path, size: int) -> Windows:
    """The rows of a statement that was executed, whatever their number, in Parquet files in `folder`.

    Raises:
        LakeError: the disk failed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    windows = Windows(size)
    reader = result.to_arrow_reader(max(size, PART_ROWS))
    while (part := _next_part(reader)) is not None:
        frame = pl.DataFrame(pl.from_arrow(part))
        path = folder / f"{len(windows.files):06}.parquet"
        write_part(frame, path)
        windows.files.append(path)
        windows.rows += frame.height
    return windows


class LakeStore(LakeConnection):
    """One attached lake, to read and write. Safe to share between threads; a forked child opens its own."""

    def read(self, name: str, **parameters: Any) -> pl.DataFrame:
        """Run sql/<name>.sql with named parameters ($batch …)."""
        return self.sql(statement(name), **parameters)

    def sql(self, text: str, **parameters: Any) -> pl.DataFrame:
        """Run one reading statement with named parameters. For files, use `read`."""

        def action() -> pl.DataFrame:
            with self.connection() as con:
                return con.execute(text, bound(parameters)).pl()

        return self.reading(action)

    def rows(self, name: str, **parameters: Any) -> list[dict[str, Any]]:
        """As `read`, as dictionaries; JSON columns stay text."""
        return self.read(name, **parameters).to_dicts()

    def windows(self, name: str, folder: Path, *, size: int, **parameters: Any) -> Windows:
        """Run sql/<name>.sql into Parquet files below `folder`, whatever its size; windows of at most `size` rows.

        The transaction has ended when this returns: whoever reads the windows may take days between two.

        Raises:
            LakeError: the disk failed.
        """

        target = folder / name.replace("/", "-")

        def action() -> Windows:
            with self.connection() as con:
                return put_aside(con.execute(statement(name), bound(parameters)), target, size)

        return self.reading(action)

    def slice(self, table: str, batch: str, *, key: str = "", among: Sequence[str] = ()) -> list[dict[str, Any]]:
        """A table's rows of one growth batch, in the order of its key; with `key` only those with a value of `among`.

        Raises:
            KeyError: there is no such table.
        """
        order = ", ".join(tables()[table].key)
        where = "batch = $batch" + (f" AND {key} IN (SELECT unnest($among::VARCHAR[]))" if key else "")
        given: dict[str, Any] = {"batch": batch, **({"among": list(among)} if key else {})}
        return self.sql(f"SELECT * FROM {table} WHERE {where} ORDER BY {order}", **given).to_dicts()

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
        given = [
            item.rows if isinstance(item.rows, Spool) else validated(schema[item.table], item.rows) for item in writes
        ]

        def insert(con: duckdb.DuckDBPyConnection) -> int:
            return sum(
                apply_write(con, schema[item.table], rows, item) for item, rows in zip(writes, given, strict=True)
            )

        return self._committed(commit, insert)

    def change(self, commit: Commit, *names: str, **parameters: Any) -> int:
        """Run changing statements, each with those parameters that it names, all or nothing, in one snapshot.

        Returns how many rows the first changed.

        Raises:
            LakeError: the catalog or the disk failed; nothing was changed.
        """

        def apply(con: duckdb.DuckDBPyConnection) -> int:
            counts = []
            for name in names:
                (parsed,) = duckdb.extract_statements(statement(name))
                row = con.execute(parsed, bound({p: parameters[p] for p in parsed.named_parameters})).fetchone()
                counts.append(int(row[0]) if row else 0)
            return counts[0]

        return self._committed(commit, apply)

    def _committed(self, commit: Commit, apply: Callable[[duckdb.DuckDBPyConnection], int]) -> int:
        info = json.dumps({"asset": commit.asset, "batch": commit.batch, "run_id": commit.run_id})
        message = f"{commit.asset} [{commit.batch or '-'}] run {commit.run_id or '-'}"

        def action() -> int:
            with self.connection() as con, commit_lock(self.catalog):
                con.begin()
                try:
                    changed = apply(con)
                    con.execute(
                        "CALL lake.set_commit_message($author, $message, extra_info => $info)",
                        bound({"author": commit.asset, "message": message, "info": info}),
                    )
                    con.commit()
                    return changed
                except BaseException:
                    roll_back(con)
                    raise

        try:
            return self.retry(action)
        except duckdb.OutOfMemoryException as error:
            raise out_of_memory(error, self.memory) from error
        except (duckdb.Error, OSError) as error:
            cure = self.where_to_free_space() if isinstance(error, OSError) else self.cure(error)
            if cure is None:
                raise
            kept = ". It is there whole or not at all. " if self.lost(error) else ". Nothing of it was committed. "
            raise LakeError(
                f"the lake could not write {commit.asset}: {in_one_line(error)}{kept}{cure}, then run it again."
            ) from error

    def only_run_of(self, name: str, say: Say | None = None) -> AbstractContextManager[None]:
        """A block that one process at a time is in, for this name; see `step_lock`."""
        return step_lock(self.catalog, name, say)

    def keep_row_groups_small(self) -> None:
        """For a lake that is older than this setting."""
        with self.connection() as con, commit_lock(self.catalog):
            keep_row_groups_small(con)

    def inlined_rows(self, table: str) -> int:
        """Rows of `table` that lie in the catalog, where reading costs some 3 µs per row, and not in Parquet."""
        return int(self.read("lake/count_inlined_rows", table=table)["inlined"][0])

    def flush_inlined(self, table: str) -> None:
        """Move such rows to Parquet; rows and snapshots read the same before and after."""
        self.alone(statement("lake/flush_inlined_rows"), table=table)

    def flush_all_locked(self) -> None:
        """Move the rows of all tables to files. For whoever holds the lock of commits, and goes on to hold it."""
        with self.connection() as con:
            con.execute(statement("lake/flush_all"))

    def set_inlined_limit(self, table: str, rows: int) -> None:
        """An insert of more rows goes to a Parquet file: beyond some 40 rows that costs less than in the catalog."""
        self._set(table, "data_inlining_row_limit", rows)

    def set_row_group(self, table: str, rows: int) -> None:
        """How many rows of its Parquet files are unpacked to read one, in files of more; from the next write on."""
        self._set(table, "parquet_row_group_size", rows)

    def _set(self, table: str, option: str, rows: int) -> None:
        if [one["value"] for one in self.rows("lake/find_table_option", table=table, option=option)] != [str(rows)]:
            self.alone(statement("lake/set_table_option"), table=table, option=option, rows=rows)

    def small_files(self, table: str) -> int:
        """Files of `table` that are worth merging: a look-up opens each."""
        return int(self.read("lake/count_small_files", table=table)["files"][0])

    def merge_files(self, table: str) -> None:
        """Merge such files; the old ones go with the next maintenance (maintenance.py)."""
        self.alone(statement("lake/merge_small_files"), table=table)

    def alone(self, text: str, **parameters: Any) -> list[tuple[Any, ...]]:
        """Run one statement of maintenance between the commits of all writers; its rows."""

        def action() -> list[tuple[Any, ...]]:
            with self.connection() as con, commit_lock(self.catalog):
                return con.execute(text, bound(parameters)).fetchall()

        return self.reading(action)
