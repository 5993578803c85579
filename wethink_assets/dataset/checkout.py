"""Checkout and verification of a release: its export written anew from the lake, or every byte of it held against it.

Belongs here: an old release as files again, and what is wrong with one. Does not belong here: the form of an export
(export.py), which release a name means (catalogue.py).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from resources.lake.store import LakeStore, Windows
from wethink_assets.dataset import export, export_defects, export_files, manifest
from wethink_assets.dataset.provenance import MANIFEST, made_of
from wethink_assets.dataset.selection import Selected, Selection
from wethink_assets.decoding.pictures import PictureFile

DOCUMENTS = ("README.md", "mix.png", "dropped.jsonl")

Row = dict[str, Any]
Progress = Callable[[str], None]


class CheckoutError(RuntimeError):
    """A release cannot be had as it was; the message says what is missing and what would bring it."""


@dataclass
class Verified:
    """What was read, and what is wrong: {defect: examples}."""

    rows: int = 0
    images: int = 0
    defects: dict[str, list[str]] = field(default_factory=dict)

    def note(self, defect: str, example: str) -> None:
        self.defects.setdefault(defect, []).append(example[:200])


def rows_of(lake: LakeStore, release: Row, scratch: Path, size: int) -> Windows:
    """The rows of a release in the order of its export, as the lake holds them."""
    return lake.windows("dataset/select_release_rows", scratch, size=size, release_id=release["release_id"])


def verify(rows: Windows, release: Row, folder: Path, say: Progress = lambda line: None) -> Verified:
    """Hold the lake's rows against the release's id, and its export at `folder` against them, images by SHA-256."""
    found = Verified(rows.rows)
    if rows.rows != release["rows"]:
        found.note("rows_missing", f"the lake holds {rows.rows} rows of {release['rows']}")
    elif (hashed := _id_of(rows)) != release["release_id"]:
        found.note("other_rows", f"the rows in the lake hash to {hashed}")
    if not folder.is_dir():
        found.note("export_missing", f"{folder} is gone: `wethink release checkout` writes it again")
        return found
    contents = export_files.contents_of(rows)
    for name, defect in manifest.changed(folder, contents.files).items():
        found.note(defect, name)
    _hold_manifest(folder, release, contents, found)
    copies = export.copies_in(folder)
    say(f"{rows.rows:,} rows and {len(contents.files)} files read; reading {len(contents.images):,} images")
    for number, (path, image_id) in enumerate(sorted(contents.images.items()), 1):
        file = folder / "images" / path
        if not file.is_file():
            found.note("image_missing", path)
        elif manifest.sha256_of(file) != copies.get(image_id, image_id):
            found.note("image_changed", path)
        found.images = number
        if number % 10_000 == 0:
            say(f"{number:,} of {len(contents.images):,} images")
    for defect, examples in export_defects.defects(folder, rows).items():
        found.defects.setdefault(defect, []).extend(examples)
    return found


def _hold_manifest(folder: Path, release: Row, contents: export_files.Contents, verified: Verified) -> None:
    """The manifest against what the lake says of it and of the rows, and the files that only it knows against it."""
    try:
        told = manifest.read(folder)
        others = {name: entry for name, entry in told["files"].items() if name not in contents.files}
        for name, defect in manifest.changed(folder, others).items():
            verified.note(defect, name)
        if {name: told["files"].get(name) for name in contents.files} != contents.files:
            verified.note("manifest_of_other_rows", "its texts are not those of the release's rows")
        if set(told["images"]) != set(contents.images):
            verified.note("manifest_of_other_rows", "its images are not those of the release's rows")
        recorded = json.loads(release["config"] or "{}").get(MANIFEST)
        if not recorded:  # made by a version whose manifest held the texts and images alone
            return
        if recorded != manifest.sha256_of(folder / manifest.NAME):
            verified.note("manifest_changed", "it is not the one that the lake recorded")
        for name in manifest.unlisted(folder, told):
            verified.note("file_unknown", name)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        verified.note("manifest_unreadable", str(error))


def checkout(
    rows: Windows, release: Row, exported: Path, folder: Path, find_picture: Callable[[str], PictureFile]
) -> tuple[Path, str]:
    """Write a release's export to `folder`, which must not be there yet; says from where it came.

    Rows come from the lake; where the lake does not hold them all any more, from the export, if that is intact. An
    picture is the export's own file, or that of the source's image where it is gone or changed.

    Raises:
        CheckoutError: the folder is there, or neither lake nor export has it all.
        ExportError: the disk failed.
    """
    if folder.exists():
        raise CheckoutError(f"{folder} is there already: name a folder that is not")
    if rows.rows == release["rows"] and _id_of(rows) == release["release_id"]:
        contents = export_files.contents_of(rows)
        path_of = {image_id: path for path, image_id in contents.images.items()}
        found, lost = pictures_of(exported, path_of, find_picture)
        copies = {image_id: picture.sha256 for image_id, picture in found.items() if picture.sha256 != image_id}

        def find(image_id: str) -> Path:
            return found[image_id].path

        if lost := lost | export.changed_images(found, find, copies):
            raise CheckoutError(
                f"{len(lost)} of {len(path_of)} images are gone or changed, here and at their source; the first: "
                f"{lost[min(lost)]}"
            )
        export.write(
            folder,
            rows,
            find,
            documents=_documents(exported),
            record=made_of(release),
            contents=contents,
            copies=copies,
        )
        return folder, "the lake"
    if problem := _broken(exported):
        raise CheckoutError(
            f"the lake holds {rows.rows} rows of {release['rows']}, and the export at {exported} is no copy: {problem}"
        )
    shutil.copytree(exported, folder)
    return folder, "its export, since the lake does not hold its rows any more"


def _documents(exported: Path) -> dict[str, bytes | Path]:
    """The further files of an export, those that are as its manifest says."""
    try:
        listed = manifest.read(exported)["files"]
        told = {name: listed[name] for name in DOCUMENTS if name in listed}
        return {name: exported / name for name in told.keys() - manifest.changed(exported, told).keys()}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _id_of(rows: Windows) -> str:
    held = [
        Selected(row["sample_id"], "", "", row["split"], 0)
        for window in rows.only(["sample_id", "split"])
        for row in window
    ]
    return Selection(held).release_id


def pictures_of(
    exported: Path, path_of: dict[str, str], find_picture: Callable[[str], PictureFile]
) -> tuple[dict[str, PictureFile], dict[str, str]]:
    """The pictures of an export, its own files where they are whole, and why those in neither place are lost."""
    copies = export.copies_in(exported)
    found: dict[str, PictureFile] = {}
    lost: dict[str, str] = {}
    for image_id, path in path_of.items():
        own, sha256 = exported / "images" / path, copies.get(image_id, image_id)
        try:
            whole = own.is_file() and manifest.sha256_of(own) == sha256
            found[image_id] = PictureFile(own, sha256) if whole else find_picture(image_id)
        except OSError as error:
            lost[image_id] = str(error)
    return found, lost


def _broken(folder: Path) -> str:
    """What is wrong with an export by its own manifest; empty where nothing is."""
    try:
        told = manifest.read(folder)
        files = {**told["files"], **{f"images/{name}": entry for name, entry in told["images"].items()}}
        changed = list(manifest.changed(folder, files))
    except (OSError, ValueError, KeyError, TypeError) as error:
        return str(error)
    return f"{len(changed)} files changed, such as {changed[0]}" if changed else ""
