"""Export of a release: WeThink's JSONL and a Parquet file beside the images, with a manifest.

Belongs here: writing the folder once, whole or not at all, and reading it back critically.
Does not belong here: which rows (selection.py), the text of the card (card.py).

    <release_id>/wethink.jsonl     training rows, WeThink's seven fields
                 heldout.jsonl     rows whose images are in no training row
                 wethink.parquet   both, with ids, typed answers, source, licence and split
                 images/<path>     the images, at the paths that the rows name (hard links where possible)
                 licences.tsv      image, source and licence
                 README.md         the card, and mix.png
                 manifest.json     sizes and hashes of rows and images; written last
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from wethink_assets.dataset.record import text_defects
from wethink_assets.rewards.answers import TypedAnswer
from wethink_assets.rewards.verifier import Verdict, verify

FIELDS = ("problem", "answer", "category", "abilities", "refined_cot", "image_path", "reward")
FILES = {"train": "wethink.jsonl", "heldout": "heldout.jsonl"}
PARQUET = "wethink.parquet"
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
)

Row = Mapping[str, Any]


class ExportError(RuntimeError):
    """The export could not be written; the message names the file and the cure. Nothing half-written stays."""


def write(
    folder: Path,
    rows: Sequence[Row],
    find_image: Callable[[str], Path],
    *,
    documents: Mapping[str, bytes],
) -> bool:
    """Atomic export of a release to `folder`; an intact one is left alone. Returns whether the folder was written anew.

    Rows are in the order of the export, each with `split` and the columns of `samples`. `documents` are further
    files by name (the card and its plot): those may change while the release stays, and are then replaced alone.

    Raises:
        ExportError: the disk or an image failed.
    """
    text_files = _text_files(rows)
    if is_intact(folder, rows):
        for name, content in documents.items():
            _replace(folder / name, content)
        return False
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = folder.parent / f".{folder.name}.{os.getpid()}.part"
    _clear_leftovers(folder)
    shutil.rmtree(temporary, ignore_errors=True)
    try:
        temporary.mkdir()
        images = {row["image_path"]: row["image_id"] for row in rows}
        sizes = {
            path: _place(temporary / "images", path, image_id, find_image) for path, image_id in sorted(images.items())
        }
        for name, content in [*text_files.items(), *documents.items()]:
            (temporary / name).write_bytes(content)
        _parquet(rows).write_parquet(temporary / PARQUET)
        manifest = {
            "files": {name: {"bytes": len(c), "sha256": _sha256(c)} for name, c in sorted(text_files.items())},
            "images": {path: {"bytes": sizes[path], "sha256": images[path]} for path in sorted(images)},
        }
        (temporary / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True), "utf-8")
        if folder.exists():
            old = folder.parent / f".{folder.name}.{os.getpid()}.old"
            folder.rename(old)
            temporary.rename(folder)
            shutil.rmtree(old, ignore_errors=True)
        else:
            temporary.rename(folder)
    except OSError as error:
        raise ExportError(
            f"cannot export the release to {folder}: {error}. Free space or restore access, then run it again."
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return True


def _text_files(rows: Sequence[Row]) -> dict[str, bytes]:
    files = {}
    for split, name in FILES.items():
        lines = [
            json.dumps({f: row[f] for f in FIELDS}, ensure_ascii=False) + "\n" for row in rows if row["split"] == split
        ]
        files[name] = "".join(lines).encode("utf-8", "replace")
    licences = sorted({(row["image_path"], row["source"], row["licence"]) for row in rows})
    table = ["image_path\tsource\tlicence", *("\t".join(_cell(c) for c in line) for line in licences)]
    files["licences.tsv"] = ("\n".join(table) + "\n").encode("utf-8", "replace")
    return files


def _cell(text: str) -> str:
    return " ".join(text.split())


def _parquet(rows: Sequence[Row]) -> pl.DataFrame:
    return pl.DataFrame({c: [row[c] for row in rows] for c in _PARQUET_COLUMNS}, strict=False)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _place(images: Path, image_path: str, image_id: str, find_image: Callable[[str], Path]) -> int:
    """Link or copy one image to its path; `changed_images` looked at its bytes."""
    target = images / image_path
    if not target.resolve().is_relative_to(images.resolve()):
        raise ExportError(f"image path {image_path} leaves the export folder")
    source = Path(find_image(image_id)).resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:  # another file system, or no hard links there
        shutil.copyfile(source, target)
    return target.stat().st_size


def is_intact(folder: Path, rows: Sequence[Row]) -> bool:
    """Integrity of an export: whether the folder holds these very rows and all images in their sizes."""
    text_files = _text_files(rows)
    try:
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        if (
            any((folder / name).read_bytes() != content for name, content in text_files.items())
            or not (folder / PARQUET).is_file()
        ):
            return False
        sizes = {path: entry["bytes"] for path, entry in manifest["images"].items()}
        if set(sizes) != {row["image_path"] for row in rows}:
            return False
        return all((folder / "images" / path).stat().st_size == size for path, size in sizes.items())
    except (OSError, ValueError, KeyError, TypeError):
        return False


def changed_images(rows: Sequence[Row], find_image: Callable[[str], Path]) -> dict[str, str]:
    """Images whose SHA-256 is no longer that of the file taken in: {image_id: why}. Reads every file once."""
    changed = {}
    for image_id in sorted({row["image_id"] for row in rows}):
        try:
            path = Path(find_image(image_id))
            with path.open("rb") as handle:
                if hashlib.file_digest(handle, "sha256").hexdigest() != image_id:
                    changed[image_id] = (
                        f"{path} changed since it was taken in: restore it, or materialise its source again"
                    )
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


def _clear_leftovers(folder: Path) -> None:
    """Remove what killed runs left of this release."""
    for pattern in (f".{folder.name}.*.part", f".{folder.name}.*.old"):
        for path in folder.parent.glob(pattern):
            shutil.rmtree(path, ignore_errors=True)


def defects(folder: Path, expected: Sequence[Row]) -> dict[str, list[str]]:
    """Defects of an export as {defect: examples}, by reading back its files and not the rows in memory.

    Looks for rows missing or changed, tags and placeholders in text, texts empty after normalisation, image
    files missing or of another size, rule rows that the verifier does not call correct, an image in both splits.
    """
    examples_of: dict[str, list[str]] = {}

    def note(defect: str, example: str) -> None:
        examples_of.setdefault(defect, []).append(example[:200])

    try:
        sizes = json.loads((folder / "manifest.json").read_text("utf-8"))["images"]
    except (OSError, ValueError, KeyError) as error:
        return {"manifest_unreadable": [str(error)]}
    sides: dict[str, set[str]] = {}
    for split, name in FILES.items():
        rows = [row for row in expected if row["split"] == split]
        try:
            lines = [json.loads(line) for line in (folder / name).read_text("utf-8").splitlines()]
        except (OSError, ValueError) as error:
            note("file_unreadable", f"{name}: {error}")
            continue
        if len(lines) != len(rows):
            note("rows_missing", f"{name} holds {len(lines)} rows, the release {len(rows)}")
        for line, row in zip(lines, rows, strict=False):
            _check_row(line, row, split, folder, sizes, sides, note)
    for path, splits in sides.items():
        if len(splits) > 1:
            note("image_in_both_splits", path)
    return examples_of


def _check_row(
    line: dict[str, Any],
    row: Row,
    split: str,
    folder: Path,
    sizes: Mapping[str, Any],
    sides: dict[str, set[str]],
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
    sides.setdefault(path, set()).add(split)
    try:
        if (folder / "images" / path).stat().st_size != sizes[path]["bytes"]:
            note("image_changed", path)
    except (OSError, KeyError):
        note("image_missing", path)
    if line["reward"] == "rule":
        verdict = verify(TypedAnswer.from_json(row["answer_typed"]), line["answer"], extracted=True)
        if verdict is not Verdict.CORRECT:
            note("rule_row_unverifiable", f"{label}: {verdict}")
