"""Parquet shards with pictures in them, as the `datasets` library and the Hub's viewer read them.

Belongs here: row groups and files of bounded size, and the features that make a struct of bytes a picture.
Does not belong here: which columns a format has (its own module).

Layout: `<split>-00000-of-00003.parquet`. A row group ends at 100 rows or 32 MiB of pictures, whichever comes first (the
Hub's viewer reads whole groups); a file ends at 384 MiB, so that no column comes near Arrow's 2 GiB.
Features lie as JSON below the key `huggingface` of the schema's metadata.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

GROUP_ROWS = 100
GROUP_BYTES = 32 << 20
FILE_BYTES = 384 << 20

PICTURE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
MESSAGES = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))


class ParquetShards:
    """Files of one split, written a row group at a time."""

    def __init__(self, folder: Path, split: str, columns: Mapping[str, pa.DataType]) -> None:
        self._folder, self._split = folder, split
        features = {name: _feature(kind) for name, kind in columns.items()}
        metadata = {"huggingface": json.dumps({"info": {"features": features}})}
        self._schema = pa.schema(list(columns.items()), metadata=metadata)
        self._pictures = [name for name, kind in columns.items() if kind in (PICTURE, pa.list_(PICTURE))]
        self._codec = dict.fromkeys(_leaves(self._schema), "zstd")
        for name in self._codec:
            if name.endswith(".bytes"):
                self._codec[name] = "none"  # JPEG and PNG do not get smaller
        self._rows: list[Mapping[str, Any]] = []
        self._group_bytes = self._file_bytes = self._files = 0
        self._writer: pq.ParquetWriter | None = None

    def add(self, row: Mapping[str, Any], size: int) -> None:
        """One row, whose pictures have `size` bytes."""
        self._rows.append(row)
        self._group_bytes += size
        if len(self._rows) >= GROUP_ROWS or self._group_bytes >= GROUP_BYTES:
            self._flush()

    def end(self) -> list[Path]:
        """Close the last file; all files under their final names. A split without rows has none."""
        self._flush()
        self._close()
        paths = []
        for number in range(self._files):
            path = self._folder / f"{self._split}-{number:05}-of-{self._files:05}.parquet"
            self._part(number).rename(path)
            paths.append(path)
        return paths

    def _part(self, number: int) -> Path:
        return self._folder / f".{self._split}-{number:05}"

    def _flush(self) -> None:
        if not self._rows:
            return
        if self._writer is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            path = self._part(self._files)
            self._writer = pq.ParquetWriter(path, self._schema, compression=self._codec, write_page_index=True)
            self._files += 1
        self._writer.write_table(pa.Table.from_pylist(self._rows, schema=self._schema))
        self._file_bytes += self._group_bytes
        self._rows, self._group_bytes = [], 0
        if self._file_bytes >= FILE_BYTES:
            self._close()

    def _close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._writer, self._file_bytes = None, 0


def picture(data: bytes, path: str) -> dict[str, Any]:
    """A picture as a cell."""
    return {"bytes": data, "path": path}


def _feature(kind: pa.DataType) -> Any:
    """The feature of a column. Lists in the form that all versions of `datasets` read."""
    if kind == PICTURE:
        return {"_type": "Image"}
    if pa.types.is_list(kind):
        inner = kind.value_type
        if pa.types.is_struct(inner) and inner != PICTURE:
            return [_feature(inner)]
        return {"feature": _feature(inner), "_type": "Sequence"}
    if pa.types.is_struct(kind):
        return {field.name: _feature(field.type) for field in kind}
    return {"dtype": "int64" if pa.types.is_int64(kind) else "string", "_type": "Value"}


def _leaves(schema: pa.Schema) -> Sequence[str]:
    """Paths of the leaf columns as Parquet names them."""

    def walk(path: str, kind: pa.DataType) -> list[str]:
        if pa.types.is_list(kind):
            return walk(f"{path}.list.element", kind.value_type)
        if pa.types.is_struct(kind):
            return [leaf for field in kind for leaf in walk(f"{path}.{field.name}", field.type)]
        return [path]

    return [leaf for field in schema for leaf in walk(field.name, field.type)]
