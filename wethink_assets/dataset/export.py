"""Export of a release: WeThink's JSONL and a Parquet file beside the images, with a manifest.

Belongs here: writing the folder once, whole or not at all, its pictures, and whether it is intact.
Does not belong here: what stands in its files (export_files.py), their defects (export_defects.py), which rows
(selection.py), the text of the card (card.py).

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

import os
import shutil
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import polars as pl
import psutil

from resources.lake.store import Windows
from resources.private import private_folder
from wethink_assets.dataset import manifest
from wethink_assets.dataset.export_files import (
    FILES,
    LICENCES,
    PARQUET,
    Contents,
    contents_of,
    is_parquet_of,
    write_parquet,
)
from wethink_assets.dataset.manifest import sha256_of


class ExportError(RuntimeError):
    """The export could not be written; the message names the file and the cure. Nothing half-written stays."""


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
    if is_intact(folder, contents or contents_of(rows), copies) and is_parquet_of(rows, folder / PARQUET):
        for name, content in documents.items():
            _replace(folder / name, content.read_bytes() if isinstance(content, Path) else content)
        told = manifest.read(folder)
        files = {name: told["files"][name] for name in (*FILES.values(), LICENCES, PARQUET)}
        files |= {name: manifest.entry(folder / name) for name in documents}
        _replace(folder / manifest.NAME, manifest.text_of(record or {}, files, told["images"]))
        return False
    temporary = folder.parent / f".{folder.name}.{os.getpid()}.part"
    try:
        private_folder(folder.parent)
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
        write_parquet(rows, temporary / PARQUET, copies)
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
