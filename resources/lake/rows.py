"""Schema validation: rows are fitted to their table before they are written.

Belongs here: types, NOT NULL and key checks against the parsed DDL, what no table can hold. Does not belong here:
writing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from resources.lake.parameters import NUL, SHOWN
from resources.lake.sql_files import Column, Table


class LakeWriteError(ValueError):
    """Rows do not fit their table. Names the table, the column and the first offending row."""


_TYPES: dict[str, Any] = {
    "VARCHAR": pl.String,
    "JSON": pl.String,
    "BIGINT": pl.Int64,
    "INTEGER": pl.Int32,
    "DOUBLE": pl.Float64,
    "BOOLEAN": pl.Boolean,
    "TIMESTAMPTZ": pl.Datetime("us", "UTC"),
    "VARCHAR[]": pl.List(pl.String),
}


def polars_schema(table: Table) -> dict[str, Any]:
    """The table's columns as Polars types; JSON travels as text."""
    return {c.name: _TYPES[c.type] for c in table.columns}


def validated(table: Table, rows: pl.DataFrame | Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Rows as a frame with exactly the table's columns, in order.

    Dictionaries and lists in JSON columns are serialised (sorted keys, UTF-8). Nullable columns may be absent. A NUL in
    text, in a list or in JSON text becomes U+FFFD, as in replies; the escape \\u0000 of JSON stays.

    Raises:
        LakeWriteError: an unknown or missing column, a wrong type, a NULL where none may be, a repeated key.
    """
    if isinstance(rows, pl.DataFrame):
        given = set(rows.columns)
    else:
        given = set().union(*(row.keys() for row in rows)) if rows else set(table.column_names)
    if unknown := given - set(table.column_names):
        raise LakeWriteError(f"table {table.name} has no column {sorted(unknown)}")
    required = {c.name for c in table.columns if not c.nullable}
    if missing := required - given:
        raise LakeWriteError(f"table {table.name}: column {sorted(missing)} is NOT NULL and was not given")
    frame = _as_frame(table, rows)
    for column in table.columns:
        if not column.nullable and (nulls := frame[column.name].null_count()):
            index = frame[column.name].is_null().arg_true()[0]
            raise LakeWriteError(
                f"table {table.name}: {nulls} NULL in NOT NULL column {column.name}, first in row {index}: "
                f"{ {k: frame[k][index] for k in table.key} }"
            )
    duplicated = frame.select(pl.struct(table.key).is_duplicated().alias("d"))["d"]
    if duplicated.any():
        index = duplicated.arg_true()[0]
        raise LakeWriteError(f"table {table.name}: key { {k: frame[k][index] for k in table.key} } is repeated")
    return frame


def _as_frame(table: Table, rows: pl.DataFrame | Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    if isinstance(rows, pl.DataFrame):
        columns = {c.name: rows[c.name] if c.name in rows.columns else [None] * rows.height for c in table.columns}
    else:
        columns = {c.name: [_value(c, row.get(c.name)) for row in rows] for c in table.columns}
    series = []
    for column in table.columns:
        dtype = _TYPES[column.type]
        values = columns[column.name]
        try:
            if isinstance(values, pl.Series):
                fitted = values.cast(dtype, strict=True).alias(column.name)
            else:
                fitted = pl.Series(column.name, values, dtype=dtype, strict=True)
        except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError) as error:
            raise LakeWriteError(f"table {table.name}: column {column.name} is {column.type}: {error}") from error
        series.append(_without_nul(fitted))
    return pl.DataFrame(series)


def _without_nul(values: pl.Series) -> pl.Series:
    if values.dtype == pl.String:
        found = values.str.contains(NUL, literal=True).any()
        return values.str.replace_all(NUL, SHOWN, literal=True) if found else values
    if values.dtype == pl.List(pl.String) and values.explode().str.contains(NUL, literal=True).any():
        return values.list.eval(pl.element().str.replace_all(NUL, SHOWN, literal=True))
    return values


def _value(column: Column, value: Any) -> Any:
    if column.type == "JSON" and value is not None and not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    if column.type == "DOUBLE" and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if column.type.endswith("[]") and value is not None:
        return list(value)
    return value
