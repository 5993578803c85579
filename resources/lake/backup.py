"""Backup and restore of a home with its lake (consistent copies): one snapshot of the catalog, and its files.

Belongs here: which files make a home, in what order they are copied, what is refused. Does not belong here: copying
(copied_files.py, data_folder.py, catalog_copy.py), words for a terminal.

The catalog comes first, in the turn of a commit, and then the data files that it names, which never change: runs may go
on. What a run writes meanwhile is not in the copy. A backup is files alone, with a SQLite catalog, whatever the lake
was kept in: it may be restored to any other kind of place.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from resources.lake.catalog import without_password
from resources.lake.catalog_copy import State, all_in_files, copied_catalog, files_of, state_of
from resources.lake.commit_lock import commit_lock
from resources.lake.copied_files import (
    JOURNAL,
    MANIFEST,
    PART,
    CopiedFile,
    Journal,
    Manifest,
    copy,
    digest_of,
    manifest_of,
    restored,
)
from resources.lake.data_folder import DataFolder
from resources.lake.database import LakeError
from resources.lake.ownership import MARKER, Marker, note_path, noted_path, refuse_where_there_is_none
from resources.private import private_folder

CATALOG, DATA, HOME = "lake/catalog.sqlite", "lake/data", "home"
DAGSTER = "dagster"
# Of a home: the lake, which is copied in its own way, what is made again from the rest, and logs.
LEFT_OUT = frozenset({"lake", "cache", ".work", "logs", "pictures", DAGSTER})
_UNFINISHED = (".work", ".part", ".lock", PART)
RESTORING = "wethink-restore.part"
ASIDE, MAKING = "wethink-restore-catalog.part", "wethink-restore-making.part"

# Files that the copy does not have are not to be removed by its maintenance.
_FORGET_REMOVALS = "DELETE FROM ducklake_files_scheduled_for_deletion"


@dataclass(frozen=True)
class Places:
    """Where an installation keeps what a backup holds."""

    home: Path
    catalog: str
    data_path: str

    @property
    def is_sqlite(self) -> bool:
        return self.catalog.startswith("sqlite:")

    @property
    def catalog_file(self) -> Path:
        return Path(self.catalog.removeprefix("sqlite:"))

    @property
    def data(self) -> DataFolder:
        return DataFolder(self.data_path)

    @property
    def roots(self) -> list[Path]:
        """The folders of this machine that are copied."""
        return [self.home, *([] if self.data.remote else [Path(self.data_path)])]

    def of(self, path: str) -> Path | None:
        """Where a file of a backup belongs; None where that is no file of this machine.

        Raises:
            LakeError: nowhere.
        """
        if path == CATALOG:
            return self.catalog_file if self.is_sqlite else None
        if path.startswith(f"{DATA}/"):
            return None if self.data.remote else Path(self.data_path) / path.removeprefix(f"{DATA}/")
        if path.startswith(f"{HOME}/"):
            return self.home / path.removeprefix(f"{HOME}/")
        raise LakeError(f"the backup holds a file of no known place: {path[:200]!r}")


def backup(
    places: Places, target: Path, *, dagster: bool = False, say: Callable[[str], object] = lambda line: None
) -> Manifest:
    """Copy the home into `target`, a folder of its own. Interrupted or killed, the same call goes on.

    Raises:
        LakeError: there is no lake, or the folder or the files cannot be used.
        OSError: a disk failed.
    """
    refuse_where_there_is_none(places.catalog)
    target = target.resolve()
    for root in (one.resolve() for one in places.roots):
        if target == root or root in target.parents:
            raise LakeError(f"{target} lies within {root}, which is to be copied: give a folder outside")
    if (of := state_of(places.catalog)) is None:
        raise LakeError(f"{without_password(places.catalog)} is no catalog of a lake")
    lake, data = of.lake, places.data
    journal = Journal(target, lake)
    part = target / DATA / f"{MARKER}{PART}"
    private_folder(part.parent)
    part.write_text(Marker(lake).text, "utf-8")
    _put(journal, f"{DATA}/{MARKER}", part)
    snapshot, files = _catalog_copied(places, journal)
    wanted = {f"{DATA}/{path}": path for path in files}
    others = dict(_home_files(places, dagster=dagster))
    say(f"snapshot {snapshot}: {len(wanted):,} files of the lake and {len(others):,} others")
    taken = {CATALOG, f"{DATA}/{MARKER}"}
    for path, name in wanted.items():
        there = _fetched(data, name, journal, path) if data.remote else journal.take(path, Path(data.path) / name)
        if not there:
            raise LakeError(
                f"{data.path}/{name} is gone: the catalog names it. If the lake was maintained meanwhile, run it again"
            )
        taken.add(path)
    for path, source in others.items():
        if source.suffix == ".db" and path.startswith(f"{HOME}/{DAGSTER}/"):
            _database_copied(source, journal, path)
            taken.add(path)
        elif journal.take(path, source):
            taken.add(path)
    return journal.finish(lake, snapshot, datetime.now(UTC).isoformat(timespec="seconds"), taken)


def restore(places: Places, source: Path, *, say: Callable[[str], object] = lambda line: None) -> Manifest:
    """Make the home that a backup holds, in a home without a lake. Interrupted or killed, the same call goes on.

    Raises:
        LakeError: there is no finished backup, it is damaged, or the home holds a lake or other files in its places.
        OSError: a disk failed.
    """
    manifest = manifest_of(source)
    targets = {file.path: places.of(file.path) for file in manifest.files}
    begun = places.home / RESTORING
    of = f"{manifest.lake} {manifest.snapshot} {manifest.created}"
    going_on = begun.is_file() and begun.read_text("utf-8") == of
    there = state_of(places.catalog)
    done = there == State(manifest.lake, manifest.snapshot) or (going_on and there and there.lake == manifest.lake)
    if done:
        # Restored by a call that was killed at its end. A catalog that was opened since has other bytes.
        manifest = replace(manifest, files=tuple(file for file in manifest.files if file.path != CATALOG))
    elif not going_on:
        shown = without_password(places.catalog)
        if there is not None or (places.is_sqlite and places.catalog_file.exists()):
            raise LakeError(
                f"{places.catalog_file if places.is_sqlite else shown} is there: nothing is restored over a lake. Set "
                "WETHINK_HOME to a new folder"
            )
        if places.data.remote and (places.data.marker() or places.data.holds_a_lake()):
            raise LakeError(
                f"{places.data_path} holds the files of a lake: nothing is restored over them. Name another"
            )
        if other := next((path for path in targets.values() if path and path.exists()), None):
            raise LakeError(f"{other} is there: nothing is restored over other files. Set WETHINK_HOME to a new folder")
    private_folder(places.home)
    begun.write_text(of, "utf-8")
    say(f"{len(manifest.files):,} files, {manifest.size:,} bytes, as of {manifest.created}")
    # While the data folder says whose it is, and there is no catalog, nothing opens or makes a lake here.
    if places.data.remote:
        _uploaded(manifest, source, places.data)
    local = tuple(file for file in manifest.files if targets[file.path] is not None)
    restored(replace(manifest, files=local), source, targets.__getitem__, first=f"{DATA}/{MARKER}", last=CATALOG)
    if not places.is_sqlite and not done:
        _catalog_loaded(manifest, source, places)
    for folder in (ASIDE, MAKING):
        shutil.rmtree(places.home / folder, ignore_errors=True)
    begun.unlink()
    return manifest


def _catalog_copied(places: Places, journal: Journal) -> tuple[int, list[str]]:
    """Copy the catalog between two commits; its snapshot, and the data files that it names."""
    part = journal.folder / f"{CATALOG}{PART}"
    private_folder(part.parent)
    part.unlink(missing_ok=True)
    if places.is_sqlite:
        with closing(sqlite3.connect(part)) as copied:
            with (
                commit_lock(places.catalog),
                closing(_opened(places.catalog_file)) as opened,
            ):
                opened.backup(copied)
            copied.execute(_FORGET_REMOVALS)
            copied.commit()
            note_path(part, noted_path(f"sqlite:{journal.folder / CATALOG}", str(journal.folder / DATA)))
            copied.execute("PRAGMA journal_mode = DELETE")
    else:
        with all_in_files(places.catalog, places.data_path):
            copied_catalog(places.catalog, f"sqlite:{part}", str(journal.folder / DATA))
    state, files = state_of(f"sqlite:{part}"), files_of(f"sqlite:{part}")
    if state is None:
        raise LakeError(f"{without_password(places.catalog)} is no catalog of a lake")
    _put(journal, CATALOG, part)
    return state.snapshot, files


def _fetched(data: DataFolder, name: str, journal: Journal, path: str) -> bool:
    """Have a data file of a bucket in the backup; False where it went away."""
    known = journal.files.get(path)
    if known and digest_of(journal.folder / path) == known.sha256:
        return True
    if data.size(name) is None:
        return False
    digest = data.get(name, journal.folder / path)
    journal.add(CopiedFile(path, (journal.folder / path).stat().st_size, digest))
    return True


def _uploaded(manifest: Manifest, source: Path, data: DataFolder) -> None:
    """The data files of a backup into a bucket, each checked, the marker first."""
    files = [file for file in manifest.files if file.path.startswith(f"{DATA}/")]
    for file in sorted(files, key=lambda file: file.path != f"{DATA}/{MARKER}"):
        _checked(source, file)
        name = file.path.removeprefix(f"{DATA}/")
        if data.size(name) != file.size:
            data.put(name, source / file.path)


def _catalog_loaded(manifest: Manifest, source: Path, places: Places) -> None:
    """The catalog of a backup into a database; rows that lie in it go to files before.

    Those files have names of chance. They are made once, aside, and a killed call goes on with them: made anew in the
    data folder, those of before would lie there for ever, and no catalog would know them.
    """
    _checked(source, next(file for file in manifest.files if file.path == CATALOG))
    aside, making = places.home / ASIDE, places.home / MAKING
    if not aside.is_dir():
        shutil.rmtree(making, ignore_errors=True)
        _all_rows_in_files(manifest, source, making)
        making.replace(aside)
    catalog = f"sqlite:{aside / CATALOG}"
    known = {file.path for file in manifest.files}
    for name in files_of(catalog):
        if f"{DATA}/{name}" not in known:
            places.data.put(name, aside / DATA / name)
    copied_catalog(catalog, places.catalog, places.data_path)


def _all_rows_in_files(manifest: Manifest, source: Path, folder: Path) -> None:
    """The lake of a backup in a folder of its own, with links to its files, and then with files for all rows."""
    private_folder(folder / DATA)
    for file in manifest.files:
        if file.path.startswith(f"{DATA}/"):
            private_folder((folder / file.path).parent)
            (folder / file.path).symlink_to((source / file.path).resolve())
    copy(source / CATALOG, folder / CATALOG)
    with all_in_files(f"sqlite:{folder / CATALOG}", str(folder / DATA)):
        pass


def _checked(source: Path, file: CopiedFile) -> None:
    digest = digest_of(source / file.path)
    if digest is None:
        raise LakeError(f"{source / file.path} is missing: the backup is not whole")
    if digest != file.sha256:
        raise LakeError(f"{source / file.path} is damaged: its SHA-256 is not that of {MANIFEST}")


def _database_copied(source: Path, journal: Journal, path: str) -> None:
    """A SQLite database that others may be writing to."""
    part = journal.folder / f"{path}{PART}"
    private_folder(part.parent)
    part.unlink(missing_ok=True)
    with (
        closing(sqlite3.connect(part)) as copied,
        closing(_opened(source)) as opened,
    ):
        opened.backup(copied)
        copied.execute("PRAGMA journal_mode = DELETE")
    _put(journal, path, part)


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)


def _put(journal: Journal, path: str, part: Path) -> None:
    digest, size = digest_of(part), part.stat().st_size
    part.replace(journal.folder / path)
    journal.add(CopiedFile(path, size, str(digest)))


def _home_files(places: Places, *, dagster: bool) -> Iterator[tuple[str, Path]]:
    """What of a home is copied beside the lake. A linked folder is not followed; a linked file is a file."""
    own = {path.resolve() for path in (places.catalog_file, Path(places.data_path))}
    left_out = LEFT_OUT - ({DAGSTER} if dagster else set())
    for folder, folders, names in os.walk(places.home):
        below = Path(folder).relative_to(places.home)
        top = folder == str(places.home)
        folders[:] = sorted(
            name
            for name in folders
            if not (top and name in left_out)
            and not name.endswith(_UNFINISHED)
            and (Path(folder) / name).resolve() not in own
        )
        for name in sorted(names):
            path = Path(folder) / name
            unfinished = name.endswith((*_UNFINISHED, "-wal", "-shm")) or name in (RESTORING, JOURNAL)
            if path.is_file() and not unfinished and path.resolve() not in own:
                yield (f"{HOME}/{below.as_posix()}/{name}" if not top else f"{HOME}/{name}"), path
