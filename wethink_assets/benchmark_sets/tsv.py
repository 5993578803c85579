"""TSV reader for VLMEvalKit's benchmark files, which are streamed into items.

Belongs here: columns, rows, and the reason why a row is no item. Pure.
Does not belong here: what one cell holds (cells.py), which sets exist (registry.py), where images are kept
(image_store.py), decoding them.

A file may be larger than memory: rows are taken one by one, and an image leaves memory as soon as it is stored.
Nothing in a file is evaluated.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from resources.storage.names import RefusedFileError
from resources.storage.places import PlaceMissingError
from wethink_assets.accounting import Stopped
from wethink_assets.benchmark_sets.cells import BadCellError, image_bytes, images_in
from wethink_assets.written_rows import BenchmarkItemRow

REFERENCE_CHARS = 64  # an image cell this short is the index of the row that holds the image
MAX_CELL_CHARS = 256 * 1024 * 1024
LETTERS = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_OWN_COLUMNS = {"index", "image", "question", "hint", "answer", "category", "split", *LETTERS}


@dataclass
class SetFile:
    """A parsed benchmark TSV: `items` are rows of table benchmark_items; `rows_in` counts data rows of the file."""

    benchmark: str
    items: list[BenchmarkItemRow] = field(default_factory=list)
    dropped: list[Stopped] = field(default_factory=list)
    failed: list[Stopped] = field(default_factory=list)
    rows_in: int = 0
    md5: str = ""


def read_set(
    opened: Path | Callable[[], BinaryIO],
    benchmark: str,
    keep: Callable[[bytes], str],
    *,
    where: str = "",
    columns: Sequence[str] = (),
) -> SetFile:
    """Read one benchmark TSV from a file, or from a stream that `opened` gives.

    `keep` stores the bytes of an image and returns its id. Never raises for what the file holds: a missing or
    unreadable file is one failed row named after the file. `where` says in which place it was looked for; a file
    without `columns` is another set's.
    """
    file = SetFile(benchmark)
    reader = _Reader(file, keep, columns)
    name = opened.name if isinstance(opened, Path) else f"{benchmark}.tsv"
    try:
        with opened.open("rb", buffering=0) if isinstance(opened, Path) else opened() as stream:
            raw = _Hashed(stream)
            with closing(_rows(raw)) as rows:
                reader.run(rows)
            file.md5 = raw.finish()
    except PlaceMissingError as error:
        reader.file_failed("missing_file", f"{name}: {error}")
    except FileNotFoundError:
        reader.file_failed(
            "missing_file", f"{name} is not in {where or 'the place of the evaluation sets'}: copy it there"
        )
    except OSError as error:
        reader.file_failed("unreadable_file", f"{name}: {error.strerror or error}")
    except RefusedFileError as error:
        reader.file_failed(error.reason, f"{name}: {error}")
    except BadCellError as error:
        reader.file_failed(error.reason, f"{name}: {error}")
    reader.resolve()
    return file


class _Hashed(io.RawIOBase):
    """A stream that computes its MD5 while it is read; the stream itself belongs to the caller."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._digest = hashlib.md5(usedforsecurity=False)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        self._digest.update(data)
        return len(data)

    def finish(self) -> str:
        """MD5 of the whole file, also of what no reader asked for."""
        while data := self._stream.read(1 << 20):
            self._digest.update(data)
        return self._digest.hexdigest()


def _rows(raw: io.RawIOBase) -> Generator[list[str] | csv.Error, None, None]:
    """Rows of cells; an error stands for a row that could not be split."""
    csv.field_size_limit(max(csv.field_size_limit(), MAX_CELL_CHARS))
    text = io.TextIOWrapper(io.BufferedReader(raw, 1 << 20), "utf-8-sig", errors="replace", newline="")
    rows = csv.reader(text, delimiter="\t")
    try:
        while True:
            try:
                yield next(rows)
            except csv.Error as error:
                yield error
            except StopIteration:
                return
    finally:
        text.detach().detach()  # the file belongs to the caller


class _Reader:
    """Builds items row by row, and settles image references at the end, since they may point ahead."""

    def __init__(self, file: SetFile, keep: Callable[[bytes], str], columns: Sequence[str] = ()) -> None:
        self._file = file
        self._columns = columns
        self._keep = keep
        self._images: dict[str, tuple[str, ...]] = {}
        self._seen: set[str] = set()
        self._waiting: list[tuple[BenchmarkItemRow, list[str]]] = []

    def run(self, rows: Iterator[list[str] | csv.Error]) -> None:
        header = next(rows, [])
        if isinstance(header, csv.Error):
            raise BadCellError("no_header", str(header))
        names = [name.strip() for name in header]
        if "index" not in names or "question" not in names:
            raise BadCellError("no_header", "the first line names no column index and question, so it is no such TSV")
        if lacking := [name for name in self._columns if name not in names]:
            raise BadCellError(
                "other_columns",
                f"columns {', '.join(lacking)} are not there, so it is no file of {self._file.benchmark}: "
                "is it another set's?",
            )
        for position, cells in enumerate(rows):
            self._file.rows_in += 1
            label = f"{self._file.benchmark}:row {position}"
            if isinstance(cells, csv.Error):
                self._file.failed.append(Stopped(label, "unreadable_row", str(cells)))
                continue
            row = {name: cell.replace("\x00", "") for name, cell in zip(names, cells, strict=False)}
            index = row.get("index", "").strip()
            if not index or len(cells) < len(names):
                what = f"{len(cells)} cells for {len(names)} columns: the file may have been cut off"
                self._file.failed.append(Stopped(label, "truncated_row", what))
            elif index in self._seen:
                detail = f"index {index} stands in an earlier row too; the first one counts"
                self._file.failed.append(Stopped(f"{label}: {index}", "duplicate_index", detail))
            else:
                self._seen.add(index)
                self._take(position, index, row)

    def file_failed(self, reason: str, detail: str) -> None:
        self._file.rows_in += 1
        self._file.failed.append(Stopped(f"{self._file.benchmark}.tsv", reason, detail))

    def _take(self, position: int, index: str, row: dict[str, str]) -> None:
        name = f"{self._file.benchmark}:{index}"
        cell = row.get("image", "").strip()
        if not cell:
            self._file.dropped.append(Stopped(name, "no_image", "the row has no image, so it is left out"))
            return
        item = item_row(self._file.benchmark, position, index, row)
        try:
            parts = images_in(cell)
            kept = [p if len(p) <= REFERENCE_CHARS else self._keep(image_bytes(p)) for p in parts]
        except BadCellError as error:
            self._file.failed.append(Stopped(name, error.reason, str(error)))
            return
        if all(len(part) > REFERENCE_CHARS for part in parts):
            self._images[index] = tuple(kept)
            item["image_ids"] = kept
            self._file.items.append(item)
        else:
            held = [k if len(p) > REFERENCE_CHARS else f"@{k}" for p, k in zip(parts, kept, strict=True)]
            self._waiting.append((item, held))

    def resolve(self) -> None:
        """Give rows that refer to another row its images."""
        for item, held in self._waiting:
            ids: list[str] = []
            for part in held:
                target = self._images.get(part[1:]) if part.startswith("@") else (part,)
                if target is None:
                    name = f"{self._file.benchmark}:{item['item']}"
                    detail = f"the image cell names row {part[1:]}, which holds no image"
                    self._file.failed.append(Stopped(name, "image_reference", detail))
                    break
                ids.extend(target)
            else:
                item["image_ids"] = ids
                self._file.items.append(item)
        self._file.items.sort(key=lambda item: item["position"])


def item_row(benchmark: str, position: int, index: str, row: dict[str, str]) -> BenchmarkItemRow:
    """A benchmark item, as a row of benchmark_items, from the cells of one line by column, without its images."""
    options = [row.get(letter, "") for letter in LETTERS]
    while options and not options[-1]:
        options.pop()
    return {
        "benchmark": benchmark,
        "item": index,
        "position": position,
        "image_ids": [],
        "question": row.get("question", ""),
        "hint": row.get("hint") or None,
        "options": options,
        "answer": row.get("answer") or None,
        "category": row.get("category") or None,
        "split": row.get("split") or None,
        "extra": {k: v for k, v in row.items() if k not in _OWN_COLUMNS and v},
    }
