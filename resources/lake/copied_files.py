"""Copies that can be checked (checksums, resumable copying): a journal while they are made, a manifest at the end.

Belongs here: copying one file, what was copied so far, what a finished copy holds. Does not belong here: which files
belong together (backup.py).

A file has its name once it is whole. What a killed process left is read again and taken where it is what the journal
says; nothing counts as a backup before its manifest is there.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from resources.lake.database import LakeError
from resources.private import private_folder

MANIFEST = "wethink-backup.json"
JOURNAL = "wethink-backup.journal"
PART = ".wethink-part"  # of a file that is not whole yet
FORMAT = 1
_PORTION = 1 << 20
_TRIES = 3


@dataclass(frozen=True)
class CopiedFile:
    """A file of a backup. `path` is below the backup's folder; `source` what it was copied from: its size and time."""

    path: str
    size: int
    sha256: str
    source: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Manifest:
    """What a finished backup is: of which lake, as it was at which snapshot, and every file with its checksum."""

    lake: str
    snapshot: int
    created: str
    files: tuple[CopiedFile, ...]

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)


class Journal:
    """The files that were copied so far into `folder`, also by a process that was killed.

    Raises:
        LakeError: the folder holds a finished backup, one of another lake, or something else.
    """

    def __init__(self, folder: Path, lake: str) -> None:
        self.folder = folder
        self.files: dict[str, CopiedFile] = {}
        private_folder(folder)
        if (folder / MANIFEST).exists():
            raise LakeError(f"{folder} holds a finished backup, which stays as it is: give another folder")
        lines = list(_lines(folder / JOURNAL))
        if not lines:
            if any(path.name != JOURNAL for path in folder.iterdir()):
                raise LakeError(f"{folder} is not empty and holds no backup: give a folder of its own")
            _write_whole(folder / JOURNAL, json.dumps({"lake": lake}) + "\n")
        elif lines[0].get("lake") != lake:
            raise LakeError(f"{folder} holds the beginning of a backup of another lake: give another folder")
        for line in lines[1:]:
            size, time_ns = line["source"]
            self.files[line["path"]] = CopiedFile(line["path"], line["size"], line["sha256"], (size, time_ns))

    def take(self, path: str, source: Path) -> bool:
        """Have `source` in the folder at `path`; False where it went away meanwhile.

        Raises:
            LakeError: it changes again and again while it is read, or the copy is not what was written.
        """
        for _ in range(_TRIES):
            try:
                state = _state(source)
                known = self.files.get(path)
                if known and known.source == state and digest_of(self.folder / path) == known.sha256:
                    return True
                digest = copy(source, self.folder / path)
                if _state(source) == state:
                    self.add(CopiedFile(path, state[0], digest, state))
                    return True
            except FileNotFoundError:
                if not source.exists():
                    return False
                raise
        raise LakeError(f"{source} changed {_TRIES} times while it was copied: run the backup again when it is done")

    def add(self, file: CopiedFile) -> None:
        with (self.folder / JOURNAL).open("a", encoding="utf-8") as journal:
            journal.write(json.dumps(asdict(file)) + "\n")
        self.files[file.path] = file

    def finish(self, lake: str, snapshot: int, created: str, paths: set[str]) -> Manifest:
        """Write the manifest of these files; what else an earlier try copied is removed."""
        for path in self.files.keys() - paths:
            (self.folder / path).unlink(missing_ok=True)
        for part in list(self.folder.rglob(f"*{PART}")):
            part.unlink()
        os.sync()  # the manifest must not be on the disk before what it names
        manifest = Manifest(lake, snapshot, created, tuple(self.files[path] for path in sorted(paths)))
        files = [{"path": f.path, "size": f.size, "sha256": f.sha256} for f in manifest.files]
        about = {"format": FORMAT, "lake": lake, "snapshot": snapshot, "made": created, "files": files}
        _write_whole(self.folder / MANIFEST, json.dumps(about, indent=1) + "\n")
        (self.folder / JOURNAL).unlink(missing_ok=True)
        return manifest


def manifest_of(folder: Path) -> Manifest:
    """The manifest of a finished backup.

    Raises:
        LakeError: there is none, it is of a newer version, or it names files outside.
    """
    path = folder / MANIFEST
    try:
        about = json.loads(path.read_text("utf-8"))
        if about["format"] != FORMAT:
            raise LakeError(f"{path} is of another version (format {about['format']}, here {FORMAT})")
        files = tuple(CopiedFile(str(f["path"]), int(f["size"]), str(f["sha256"])) for f in about["files"])
        manifest = Manifest(str(about["lake"]), int(about["snapshot"]), str(about["made"]), files)
    except FileNotFoundError:
        if (folder / JOURNAL).exists():
            raise LakeError(
                f"{folder} holds a backup that was interrupted: run `wethink backup {folder}` again where it was made"
            ) from None
        raise LakeError(f"{folder} holds no backup: there is no {MANIFEST}") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LakeError(f"{path} cannot be read: {error}") from None
    for file in manifest.files:
        parts = Path(file.path).parts
        if Path(file.path).is_absolute() or ".." in parts or not parts:
            raise LakeError(f"{path} names a file outside the backup: {file.path[:200]!r}")
    return manifest


def copy(source: Path, target: Path) -> str:
    """Copy a file, whole or not at all; the SHA-256 of what was read, which the copy was held against."""
    private_folder(target.parent)
    part = target.with_name(target.name + PART)
    digest = hashlib.sha256()
    with source.open("rb") as reader, part.open("wb") as writer:
        os.fchmod(writer.fileno(), os.fstat(reader.fileno()).st_mode & 0o700 | 0o600)
        while portion := reader.read(_PORTION):
            digest.update(portion)
            writer.write(portion)
    if digest_of(part) != digest.hexdigest():
        part.unlink()
        raise LakeError(f"{part} is not what was written to it: look at the disk")
    part.replace(target)
    return digest.hexdigest()


def digest_of(path: Path) -> str | None:
    """SHA-256 of a file; None where it is not there."""
    with suppress(FileNotFoundError), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
    return None


def restored(manifest: Manifest, folder: Path, place: Callable[[str], Path | None], *, first: str, last: str) -> None:
    """Copy the files of a backup to where `place` says, each checked, in this order.

    A file that is there already with the same content is left.

    Raises:
        LakeError: a file of the backup is missing or damaged, or another one is in its place; what was copied before
            stays, and the same command goes on.
    """
    for file in sorted(manifest.files, key=lambda file: (file.path == last, file.path != first)):
        source, target = folder / file.path, place(file.path)
        if target is None:
            continue
        if target.exists():
            if digest_of(target) != file.sha256:
                raise LakeError(f"{target} is there and is not the backup's: nothing is overwritten")
            continue
        if file.path == last:
            os.sync()
        part = target.with_name(target.name + PART)
        try:
            digest = copy(source, part)
        except FileNotFoundError:
            raise LakeError(f"{source} is missing: the backup is not whole") from None
        if digest != file.sha256:
            part.unlink()
            raise LakeError(f"{source} is damaged: its SHA-256 is not that of {MANIFEST}")
        part.replace(target)


def _state(path: Path) -> tuple[int, int]:
    file = path.stat()
    return file.st_size, file.st_mtime_ns


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """Lines of the journal; one that was cut off by a kill is passed over."""
    with suppress(FileNotFoundError):
        for line in path.read_text("utf-8", "replace").splitlines():
            with suppress(ValueError):
                yield json.loads(line)


def _write_whole(path: Path, text: str) -> None:
    part = path.with_name(path.name + PART)
    with part.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
