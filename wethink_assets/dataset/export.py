"""Export of a release: WeThink's JSONL and a Parquet file beside the images, with a manifest.

Belongs here: writing the folder once, whole or not at all, and reading it back critically.
Does not belong here: which rows (selection.py), the text of the card (card.py).

    <release_id>/wethink.jsonl     training rows, WeThink's seven fields
                 heldout.jsonl     rows whose images are in no training row
                 wethink.parquet   both, with ids, typed answers, source, licence and split
                 images/<path>     the pictures, at the paths that the rows name (hard links where possible)
                 licences.tsv      image, source and licence
                 dropped.jsonl     what was left out, and why
                 README.md         the card, and mix.png
                 manifest.json     sizes and hashes of all files, and how the release was made; written last

A picture is the image's file, or its upright RGB copy where other readers would see other pixels: a PNG, whatever the
path ends in. The manifest then names the image that it is a copy of, and column `picture_id` the copy.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import IO, Any

import polars as pl
import psutil

from resources.lake.store import Windows
from wethink_assets.dataset import manifest
from wethink_assets.dataset.manifest import sha256_of
from wethink_assets.dataset.record import text_defects
from wethink_assets.presentation.json_lines import json_line
from wethink_assets.presentation.spreadsheet import text_cell
from wethink_assets.rewards.answers import TypedAnswer
from wethink_assets.rewards.verifier import Verdict, verify

FIELDS = ("problem", "answer", "category", "abilities", "refined_cot", "image_path", "reward")
FILES = {"train": "wethink.jsonl", "heldout": "heldout.jsonl"}
LICENCES = "licences.tsv"
PARQUET = "wethink.parquet"
ROW_GROUP = 262_144  # rows; named, since Polars would else cut groups by the parts that it reads
_PARQUET_COLUMNS = (
    "sample_id",
    "split",
    "position",
    *FIELDS,
    "answer_typed",
    "answer_type",
    "source",
    "licence",
    "image_id",
    "batch",
    "cluster_id",
    "marks",
)

Row = Mapping[str, Any]
Rows = Iterable[Sequence[Row]]  # in windows


class ExportError(RuntimeError):
    """The export could not be written; the message names the file and the cure. Nothing half-written stays."""


@dataclass(frozen=True)
class Contents:
    """What an export of some rows holds: size and SHA-256 of its text files, and its image ids by path."""

    files: dict[str, dict[str, Any]]
    images: dict[str, str]


class _TextFiles:
    """The text files of an export as their rows come: hashed, and written where there is a folder."""

    def __init__(self, folder: Path | None = None) -> None:
        self._open = ExitStack()
        self._files: dict[str, IO[bytes]] = {}
        self._digests = {name: hashlib.sha256() for name in (*FILES.values(), LICENCES)}
        self._bytes = dict.fromkeys(self._digests, 0)
        self._licences: set[tuple[str, str, str]] = set()
        self._images: dict[str, str] = {}
        if folder is not None:
            for name in self._digests:
                self._files[name] = self._open.enter_context((folder / name).open("wb"))

    def __enter__(self) -> _TextFiles:
        return self

    def __exit__(self, *error: object) -> None:
        self._open.close()

    def add(self, window: Sequence[Row]) -> None:
        for split, name in FILES.items():
            lines = [json_line({f: row[f] for f in FIELDS}) for row in window if row["split"] == split]
            self._append(name, "".join(lines))
        self._licences.update((row["image_path"], row["source"], row["licence"]) for row in window)
        self._images.update((row["image_path"], row["image_id"]) for row in window)

    def end(self) -> Contents:
        lines = (_licence_line(*line) for line in sorted(self._licences))
        self._append(LICENCES, "\n".join(["image_path\tsource\tlicence", *lines]) + "\n")
        files = {
            name: {"bytes": self._bytes[name], "sha256": digest.hexdigest()}
            for name, digest in sorted(self._digests.items())
        }
        return Contents(files, self._images)

    def _append(self, name: str, text: str) -> None:
        data = text.encode("utf-8", "replace")
        self._digests[name].update(data)
        self._bytes[name] += len(data)
        if self._files:
            self._files[name].write(data)


def contents_of(rows: Rows, folder: Path | None = None) -> Contents:
    """What an export of these rows holds, by reading them once; with a `folder` its text files are written there.

    Raises:
        OSError: they could not be.
    """
    with _TextFiles(folder) as files:
        for window in rows:
            files.add(window)
        return files.end()


def write(
    folder: Path,
    rows: Windows,
    find_image: Callable[[str], Path],
    *,
    documents: Mapping[str, bytes | Path],
    record: Mapping[str, Any] | None = None,
    contents: Contents | None = None,
    copies: Mapping[str, str] | None = None,
) -> bool:
    """Atomic export of a release to `folder`; an intact one is left alone. Returns whether the folder was written anew.

    Rows are in the order of the export, each with `split` and the columns of `samples`; `contents` is what they come
    to, where the caller knows. `find_image` gives the file of an image's picture; `copies` are the SHA-256, by image
    id, of the pictures that are not the image itself. `documents` are further files by name (the card and its plot),
    given as content or as a file: those may change while the release stays, and are then replaced alone. `record` is
    what the manifest says of the release.

    Raises:
        ExportError: the disk or an image failed.
    """
    copies = copies or {}
    if is_intact(folder, contents or contents_of(rows), copies) and _is_parquet_of(rows, folder / PARQUET):
        for name, content in documents.items():
            _replace(folder / name, content.read_bytes() if isinstance(content, Path) else content)
        told = manifest.read(folder)
        files = {name: told["files"][name] for name in (*FILES.values(), LICENCES, PARQUET)}
        files |= {name: manifest.entry(folder / name) for name in documents}
        _replace(folder / manifest.NAME, manifest.text_of(record or {}, files, told["images"]))
        return False
    temporary = folder.parent / f".{folder.name}.{os.getpid()}.part"
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        clear_leftovers(folder)
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
        written = contents_of(rows, temporary)
        sizes = {
            path: place(temporary / "images", path, Path(find_image(image_id)))
            for path, image_id in sorted(written.images.items())
        }
        for name, content in documents.items():
            if isinstance(content, Path):
                shutil.copyfile(content, temporary / name)
            else:
                (temporary / name).write_bytes(content)
        _write_parquet(rows, temporary / PARQUET, copies)
        files = written.files | {name: manifest.entry(temporary / name) for name in (*documents, PARQUET)}
        images = {path: _entry(size, written.images[path], copies) for path, size in sizes.items()}
        (temporary / manifest.NAME).write_bytes(manifest.text_of(record or {}, files, images))
        if folder.exists():
            old = folder.parent / f".{folder.name}.{os.getpid()}.old"
            folder.rename(old)
            temporary.rename(folder)
            shutil.rmtree(old, ignore_errors=True)
        else:
            temporary.rename(folder)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise ExportError(
            f"cannot export the release to {folder}: {error}. Free space or restore access, then run it again."
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return True


def _entry(size: int, image_id: str, copies: Mapping[str, str]) -> dict[str, Any]:
    """What the manifest says of a picture."""
    if image_id not in copies:
        return {"bytes": size, "sha256": image_id}
    return {"bytes": size, "sha256": copies[image_id], "copy_of": image_id}


def _write_parquet(rows: Windows, path: Path, copies: Mapping[str, str] | None = None) -> None:
    """All rows as one file, from the files that they lie in: a row group is in memory at a time."""
    parts = pl.scan_parquet(rows.files, glob=False, hive_partitioning=False)
    picture_id = pl.col("image_id").replace(dict(copies or {})).alias("picture_id")
    parts.select(*_PARQUET_COLUMNS, picture_id).sink_parquet(path, row_group_size=ROW_GROUP)


def _is_parquet_of(rows: Windows, path: Path) -> bool:
    """Whether the file says of the rows what the texts do not, which may change while the rows stay."""
    told = pl.concat_str("sample_id", "cluster_id", pl.col("marks").list.join(" "), separator=" ", ignore_nulls=True)
    try:
        there, due = (
            pl.scan_parquet(files, glob=False, hive_partitioning=False).select(told.hash()).collect(engine="streaming")
            for files in (path, rows.files)
        )
        return there.equals(due)
    except (OSError, pl.exceptions.PolarsError):
        return False


def _licence_line(image_path: str, source: str, licence: str) -> str:
    """The licence is foreign text for people; path and source are keys, which a quote would change."""
    return "\t".join((_cell(image_path), _cell(source), text_cell(_cell(licence))))


def _cell(text: str) -> str:
    return " ".join(text.split())


def place(images: Path, image_path: str, picture: Path) -> int:
    """Link or copy a picture to its path below `images`; says its size in bytes.

    Raises:
        ExportError: the path leads out of the folder.
        OSError: the disk failed.
    """
    target = images / image_path
    if not target.resolve().is_relative_to(images.resolve()):
        raise ExportError(f"image path {image_path} leaves the export folder")
    source = picture.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:  # another file system, or no hard links there
        shutil.copyfile(source, target)
    return target.stat().st_size


def is_intact(folder: Path, contents: Contents, copies: Mapping[str, str] | None = None) -> bool:
    """Integrity of an export: whether the folder holds these very rows and all pictures in their sizes."""
    try:
        told = manifest.read(folder)
        texts = {**contents.files, PARQUET: told["files"][PARQUET]}
        if any(sha256_of(folder / name) != file["sha256"] for name, file in texts.items()):
            return False
        sizes = {path: entry["bytes"] for path, entry in told["images"].items()}
        if set(sizes) != set(contents.images):
            return False
        sent = {path: (copies or {}).get(image_id, image_id) for path, image_id in contents.images.items()}
        if any(told["images"][path]["sha256"] != sha256 for path, sha256 in sent.items()):
            return False  # of a version that exported what lies there, or with other copies
        return all((folder / "images" / path).stat().st_size == size for path, size in sizes.items())
    except (OSError, ValueError, KeyError, TypeError):
        return False


def copies_in(folder: Path) -> dict[str, str]:
    """SHA-256 of the pictures of an export that are copies, by the images that its manifest names for them."""
    try:
        entries = manifest.read(folder)["images"].values()
        return {entry["copy_of"]: entry["sha256"] for entry in entries if "copy_of" in entry}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def changed_images(
    image_ids: Collection[str], find_image: Callable[[str], Path], copies: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Images whose SHA-256 is no longer that of the file taken in: {image_id: why}. Reads every file once.

    With `copies`, `find_image` gives pictures, and these are the SHA-256 of those that are copies.
    """
    changed = {}
    for image_id in sorted(image_ids):
        try:
            path = Path(find_image(image_id))
            if sha256_of(path) != (copies or {}).get(image_id, image_id):
                changed[image_id] = f"{path} changed since it was taken in: restore it, or materialise its source again"
        except OSError as error:
            changed[image_id] = str(error)
    return changed


def _replace(path: Path, content: bytes) -> None:
    """Atomic replacement of a file, only where its content differs."""
    if path.is_file() and path.read_bytes() == content:
        return
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise ExportError(f"cannot write {path}: {error}. Free space or restore access, then run it again.") from error


def clear_leftovers(folder: Path) -> None:
    """Remove what killed processes left beside a folder that they were writing, not what a living one is writing."""
    for pattern in (f".{folder.name}.*.part", f".{folder.name}.*.old"):
        for path in folder.parent.glob(pattern):
            pid = path.name.split(".")[-2]
            if pid.isdigit() and not psutil.pid_exists(int(pid)):
                shutil.rmtree(path, ignore_errors=True)


def defects(folder: Path, expected: Rows) -> dict[str, list[str]]:
    """Defects of an export as {defect: examples}, by reading back its files and not the rows in memory.

    `expected` are the rows of the lake in the order of the export; they are gone through once for each split.

    Looks for rows missing or changed, tags and placeholders in text, texts empty after normalisation, image
    files missing or of another size, rule rows that the verifier does not call correct, an image in both splits.
    """
    examples_of: dict[str, list[str]] = {}

    def note(defect: str, example: str) -> None:
        examples_of.setdefault(defect, []).append(example[:200])

    try:
        sizes = manifest.read(folder)["images"]
    except (OSError, ValueError, KeyError) as error:
        return {"manifest_unreadable": [str(error)]}
    side_of: dict[str, str] = {}
    both: dict[str, None] = {}
    for split, name in FILES.items():
        rows = (row for window in expected for row in window if row["split"] == split)
        told = held = 0
        try:
            for line, row in zip_longest(_lines(folder / name), rows):
                held += line is not None
                told += row is not None
                if line is None or row is None:
                    continue
                _check_row(line, row, folder, sizes, note)
                if side_of.setdefault(row["image_path"], split) != split:
                    both[row["image_path"]] = None
        except (OSError, ValueError) as error:
            note("file_unreadable", f"{name}: {error}")
            continue
        if held != told:
            note("rows_missing", f"{name} holds {held} rows, the release {told}")
    for path in both:
        note("image_in_both_splits", path)
    return examples_of


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """The records of a file; only a line feed ends a line, since texts may hold what Unicode calls a line separator."""
    with path.open(encoding="utf-8", newline="\n") as file:
        for line in file:
            yield json.loads(line)


def _check_row(
    line: dict[str, Any],
    row: Row,
    folder: Path,
    sizes: Mapping[str, Any],
    note: Callable[[str, str], None],
) -> None:
    label = str(row["sample_id"])
    if tuple(line) != FIELDS or any(line[f] != row[f] for f in FIELDS):
        note("row_changed", label)
        return
    for name in ("problem", "answer", "refined_cot"):
        for code in text_defects(line[name]):
            if not (code == "empty" and name == "answer"):  # "+" is an answer; the rule check covers it
                note(f"{code}_in_{name}", label)
    path = line["image_path"]
    try:
        if (folder / "images" / path).stat().st_size != sizes[path]["bytes"]:
            note("image_changed", path)
    except (OSError, KeyError):
        note("image_missing", path)
    if line["reward"] == "rule":
        verdict = verify(TypedAnswer.from_json(row["answer_typed"]), line["answer"], extracted=True)
        if verdict is not Verdict.CORRECT:
            note("rule_row_unverifiable", f"{label}: {verdict}")
