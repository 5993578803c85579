"""The call bundle (export and import of the ledger): one file, to rebuild a data set without any endpoint.

Belongs here: writing and reading the file. Does not belong here: the ledger's own writing (ledger.py).

The file is Parquet with the columns of `calls` and a format number in its metadata: any tool can read it. It holds no
images and no keys; replies and requests are in it as the ledger holds them.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from resources.calls.messages import CallsError
from resources.lake.parameters import bound
from resources.lake.rows import LakeWriteError
from resources.lake.sql_files import statement, tables
from resources.lake.store import Commit, LakeStore, Write

FORMAT_KEY = b"wethink.calls"
FORMAT = b"1"
ROWS_AT_ONCE = 5_000
MAX_ROW_GROUP = 1 << 30  # bytes: a whole group is read before its first row; ours hold some 30 MB


@dataclass(frozen=True)
class Imported:
    """What an import did: calls in the file, those new here, those `different`.

    Of a different call, this ledger, or an earlier row of the file, keeps another reply.
    """

    calls: int
    new: int
    different: int


def export_calls(lake: LakeStore, path: Path, *, batch: str = "") -> int:
    """Write the calls (of one growth batch) to `path`; returns how many. Memory does not grow with their number.

    The file appears whole or not at all: it is written beside `path` first.

    Raises:
        CallsError: the file cannot be written.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    count = 0
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.touch(0o600)  # replies are for their owner, who may open them to others
        with lake.connection() as connection:
            batches = connection.execute(statement("calls/select_calls"), bound({"batch": batch})).to_arrow_reader(
                ROWS_AT_ONCE
            )
            schema = batches.schema.with_metadata({FORMAT_KEY: FORMAT})
            with pq.ParquetWriter(beside, schema, compression="zstd") as file:
                for rows in batches:
                    file.write_batch(pa.RecordBatch.from_arrays(rows.columns, schema=schema))
                    count += rows.num_rows
        Path(beside).replace(path)
    except OSError as error:
        raise CallsError(f"cannot write {path}: {error}") from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
    return count


def import_calls(lake: LakeStore, path: Path) -> Imported:
    """Import the calls of a file that are not in the ledger. Idempotent: doing it twice changes nothing.

    Raises:
        CallsError: it is no such file, or a row of it is no call; what was taken before that row stays.
    """
    calls = new = different = 0
    for first, rows in _read(path):
        _check(path, first, rows)
        once: dict[Any, dict[str, Any]] = {}
        for row in rows:
            once.setdefault(row.get("call_id"), row)
        known = once | {r["call_id"]: r for r in lake.rows("calls/find_calls", ids=list(filter(None, once)))}
        different += sum(
            any(known[r.get("call_id")].get(name) != r.get(name) for name in ("reply", "parsed")) for r in rows
        )
        try:
            new += lake.write(Commit("calls import"), [Write("calls", list(once.values()), mode="add_missing")])
        except LakeWriteError as error:
            raise CallsError(f"{path}: rows from {first}: {error}") from error
        calls += len(rows)
    return Imported(calls, new, different)


def _check(path: Path, first: int, rows: list[dict[str, Any]]) -> None:
    """Refuse rows that would break a later run: JSON that cannot be parsed, a cost of nan.

    Raises:
        CallsError: the row, its column and what is wrong with it.
    """
    for number, row in enumerate(rows, first):
        for name in ("parsed", "messages", "parameters"):
            try:
                if row.get(name) is not None:
                    json.loads(row[name])
            except (ValueError, TypeError, RecursionError) as error:
                raise CallsError(f"{path}: row {number}: column {name} is no JSON: {error}") from None
        for name, value in row.items():
            if isinstance(value, float) and not math.isfinite(value):
                raise CallsError(f"{path}: row {number}: column {name} is {value}, which is no number")


def _read(path: Path) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """Rows in portions, each with the number of its first row."""
    known = set(tables()["calls"].column_names)
    try:
        with pq.ParquetFile(path) as file:
            metadata = file.schema_arrow.metadata or {}
            if metadata.get(FORMAT_KEY) != FORMAT:
                raise CallsError(f"{path} is no file of `wethink calls export`, or of a newer version of it")
            for group in range(file.num_row_groups):
                if (size := file.metadata.row_group(group).total_byte_size) > MAX_ROW_GROUP:
                    raise CallsError(
                        f"{path}: row group {group} takes {size:,} bytes, at most {MAX_ROW_GROUP:,} are read: write it "
                        f"with smaller groups"
                    )
            names = [name for name in file.schema_arrow.names if name in known]
            first = 0
            for batch in file.iter_batches(ROWS_AT_ONCE, columns=names):
                rows = batch.to_pylist()
                yield first, rows
                first += len(rows)
    except (OSError, pa.ArrowException, UnicodeDecodeError) as error:
        raise CallsError(f"cannot read {path}: {' '.join(str(error).split())[:300]}") from error
