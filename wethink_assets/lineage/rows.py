"""Rows by the ids in their columns (key look-up): DuckLake's own scan, or by their places in the data files.

Belongs here: the statements that fetch rows, of how many ids and rows at most. Does not belong here: which rows a walk
needs (family.py), where a key stands in a file (index.py).

Names of tables, columns and files come from the tables' definitions and the lake's catalog; values travel as
parameters. Whoever knows that it needs rows for many ids asks for all together: a table is one statement.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import count, islice
from pathlib import Path
from typing import Any

import duckdb

from resources.lake.connection import Snapshot
from resources.lake.parameters import bound
from resources.lake.sql_files import Column, Table, tables
from wethink_assets.lineage.files import CATALOG, Contents, DataFile
from wethink_assets.lineage.index import IdIndex, key_of, keys_beginning
from wethink_assets.lineage.links import shown

MOST = 200  # rows of a table that are read for one id [D]; the number of all is told
NAMED = 21  # ids that are read for one beginning
NUMBERED = 256  # rows of a file that a statement names; more are looked for among the row groups between them

Row = dict[str, Any]
Places = Sequence[tuple[DataFile, IdIndex, Sequence[int]]]


class Rows(list[Row]):
    """Rows of one id. `total`: how many there are, which may be more than these."""

    total = 0

    @property
    def more(self) -> int:
        return self.total - len(self)


class ScannedRows:
    """Rows as DuckLake finds them, by scanning columns: right on any lake, and as slow as it is large."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con
        self._known: dict[tuple[str, str, str], Rows] = {}

    def need(self, table: str, column: str, values: Iterable[str | None]) -> None:
        """Fetch the rows that have one of these values there, unless they are known. In a list, any item counts."""
        missing = {v for v in values if v and (table, column, v) not in self._known}
        if not missing:
            return
        definition = tables()[table]
        found: dict[str, Rows] = {value: Rows() for value in sorted(missing)}
        totals = self._fetch(definition, shown(definition), column, found)
        for value, rows in found.items():
            rows.total = totals[value] if totals[value] > MOST else len(rows)  # of fewer, some may be deleted
            self._known[table, column, value] = rows

    def of(self, table: str, column: str, value: str | None) -> Rows:
        """The rows with this value, in no order."""
        if not value:
            return Rows()
        self.need(table, column, [value])
        return self._known[table, column, value]

    def full(self, table: str, column: str, value: str | None) -> Rows:
        """As `of`, with all columns of the table."""
        found = {value: Rows()} if value else {}
        if value:
            definition = tables()[table]
            found[value].total = self._fetch(definition, definition.columns, column, found)[value]
        return found[value] if value else Rows()

    def whole(self, table: str, row_id: str) -> Row:
        """The row of this key, with all its columns.

        Raises:
            LookupError: there is none.
        """
        definition = tables()[table]
        found = {row_id: Rows()}
        self._fetch(definition, definition.columns, definition.key[0], found)
        return found[row_id][0]

    def beginning(self, table: str, column: str, prefix: str) -> list[Row]:
        """A row of each id that begins so, some twenty at most."""
        definition = tables()[table]
        where = f"starts_with({column}, $value)"
        text = f"SELECT * FROM {table} WHERE {where} LIMIT {NAMED}"
        return self._all(definition, shown(definition), text, {"value": prefix})

    def sources_of_release(self, release_id: str) -> list[tuple[str, int]]:
        """How many samples a release has from each source."""
        rows = Snapshot(self._con).rows("lineage/select_sources_of_release", release_id=release_id)
        return [(row["source"], row["samples"]) for row in rows]

    def _fetch(
        self, table: Table, columns: Sequence[Column], column: str, rows_of: Mapping[str, Rows]
    ) -> Mapping[str, int]:
        """Add the rows of these ids, and tell how many each has."""
        text = f"SELECT * FROM {table.name} WHERE {_among(table, column)}"
        _share(self._all(table, columns, text, {"values": list(rows_of)}), column, rows_of)
        return {value: len(rows) for value, rows in rows_of.items()}

    def _all(self, table: Table, columns: Sequence[Column], source: str, parameters: Mapping[str, Any]) -> list[Row]:
        names = ", ".join(c.name for c in columns) + (", to_json(r) AS content" if table.added else "")
        result = self._con.execute(f"SELECT {names} FROM ({source}) r", bound(parameters))
        described = [column[0] for column in result.description or ()]
        return [dict(zip(described, row, strict=True)) for row in result.fetchall()]


class PlacedRows(ScannedRows):
    """Rows from their places: those in data files by the index of ids, those in the catalog as they are.

    `inlined`: whether the catalog keeps rows in a form that can be read beside DuckLake. `folder`: of the indexes.
    """

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        contents: Contents,
        indexes: Mapping[int, IdIndex],
        *,
        inlined: bool,
        folder: Path,
    ) -> None:
        super().__init__(con)
        self._contents = contents
        self._indexes = indexes
        self._reads_inlined = inlined
        self._folder = folder

    def sources_of_release(self, release_id: str) -> list[tuple[str, int]]:
        """As counted once: a release's id is the hash of its rows, so they never change."""
        path = self._folder / f"{release_id}.sources"
        with suppress(OSError, ValueError):
            return [(source, samples) for source, samples in json.loads(path.read_text("utf-8"))]
        counted = super().sources_of_release(release_id)
        with suppress(OSError):
            part = path.with_name(f"{path.name}.{os.getpid()}.part")
            part.write_text(json.dumps(counted), "utf-8")
            part.replace(path)
        return counted

    def beginning(self, table: str, column: str, prefix: str) -> list[Row]:
        definition, (low, high) = tables()[table], keys_beginning(prefix)
        files = self._placed(definition, column)
        if files is None or any(column in index.hashed for _, index in files):
            return super().beginning(table, column, prefix)
        places = [(file, index, sorted(islice(index.first_rows(column, low, high), NAMED))) for file, index in files]
        rows = self._read(definition, shown(definition), places, f"instr({column}, ?) = 1", prefix)
        return [row for row in rows if row[column].startswith(prefix)]

    def _fetch(
        self, table: Table, columns: Sequence[Column], column: str, rows_of: Mapping[str, Rows]
    ) -> Mapping[str, int]:
        files = self._placed(table, column)
        if files is None:
            return super()._fetch(table, columns, column, rows_of)
        totals = dict.fromkeys(rows_of, 0)
        places = []
        for file, index in files:
            rows: set[int] = set()
            for value in rows_of:
                at = index.rows(column, key_of(value))
                rows.update(at[: max(0, MOST - totals[value])])
                totals[value] += len(at)
            places.append((file, index, sorted(rows)))
        among = "SELECT value FROM json_each(?)"
        # A list is kept as text: what holds an id among others is told by _share.
        where = (
            f"EXISTS ({among} WHERE instr({column}, value))" if _is_list(table, column) else f"{column} IN ({among})"
        )
        _share(self._read(table, columns, places, where, json.dumps(list(rows_of))), column, rows_of)
        return totals

    def _placed(self, table: Table, column: str) -> list[tuple[DataFile, IdIndex]] | None:
        """The table's files with their indexes; None where DuckLake has to look for the rows."""
        held = self._contents
        files = held.files.get(table.name, [])
        if table.name in held.opaque or (table.name in held.inlined and not self._reads_inlined):
            return None
        if any(f.number not in self._indexes or not self._indexes[f.number].has([column]) for f in files):
            return None
        return [(f, self._indexes[f.number]) for f in files]

    def _read(self, table: Table, columns: Sequence[Column], places: Places, where: str, value: str) -> list[Row]:
        """Rows at these places, and those of the catalog for which `where` is true, which is SQLite's to tell."""
        parameters: dict[str, Any] = {}
        number = count()

        def parameter(value: Any) -> str:
            name = f"p{next(number)}"
            parameters[name] = value
            return f"${name}"

        branches = [_branch(columns, *place, parameter) for place in places if place[2]]
        for name, present in self._contents.inlined.get(table.name, {}).items():
            here = ", ".join(f'"{c.name}"' if c.name in present else f'NULL AS "{c.name}"' for c in columns)
            text = f"SELECT {here} FROM {name} WHERE end_snapshot IS NULL AND {where}"
            values = ", ".join(f"CAST({c.name} AS {c.type}) AS {c.name}" for c in columns)
            asked = f"sqlite_query('{CATALOG}', {parameter(text)}, params = row({parameter(value)}::VARCHAR))"
            branches.append(f"SELECT {values} FROM {asked}")
        return self._all(table, columns, " UNION ALL ".join(branches), parameters) if branches else []


def _branch(
    columns: Sequence[Column],
    file: DataFile,
    index: IdIndex,
    rows: Sequence[int],
    parameter: Callable[[Any], str],
) -> str:
    """The statement that reads these rows of a file. DuckDB passes over row groups that hold none of the numbers."""
    values = ", ".join(c.name if c.name in index.columns else f"NULL AS {c.name}" for c in columns)
    path = parameter(file.path)
    gone = ""
    if file.deletes:
        gone += f" AND file_row_number NOT IN (SELECT pos FROM read_parquet({parameter(file.deletes)}))"
    if file.deleted_in_catalog:
        of_file = f"SELECT row_id FROM {CATALOG}.{file.deleted_in_catalog} WHERE file_id = {parameter(file.number)}"
        gone += f" AND file_row_number NOT IN ({of_file})"
    first, last = rows[0], rows[-1]
    if last - first + 1 == len(rows):
        condition = f"file_row_number BETWEEN {parameter(first)} AND {parameter(last)}"
    elif len(rows) <= NUMBERED:
        condition = f"file_row_number IN ({', '.join(map(parameter, rows))})"
    else:
        condition = f"file_row_number IN (SELECT unnest({parameter(list(rows))}))"
    return f"SELECT {values} FROM read_parquet({path}, file_row_number = true) WHERE {condition}{gone}"


def _among(table: Table, column: str) -> str:
    return f"list_has_any({column}, $values)" if _is_list(table, column) else f"{column} IN (SELECT unnest($values))"


def _is_list(table: Table, column: str) -> bool:
    return any(c.name == column and c.type.endswith("[]") for c in table.columns)


def _share(rows: Iterable[Row], column: str, rows_of: Mapping[str, Rows]) -> None:
    """Give every row to the ids that it has. Two ids may have one key: a row read for the other goes to none."""
    for row in rows:
        values = row[column]
        for value in dict.fromkeys(values) if isinstance(values, list) else [values]:
            if value in rows_of:
                rows_of[value].append(row)
