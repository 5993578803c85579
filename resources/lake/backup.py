"""Backup and restore of an embedded lake with its home (consistent copies): one snapshot of the catalog, and its files.

Belongs here: which files make a home, in what order they are copied, what is refused. Does not belong here: copying
(copied_files.py), words for a terminal.

The catalog comes first, in the turn of a commit, and then the data files that it names, which never change: runs may go
on. What a run writes meanwhile is not in the copy. PostgreSQL and buckets have tools of their own and are refused.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from resources.lake.commit_lock import commit_lock
from resources.lake.copied_files import (
    JOURNAL,
    PART,
    CopiedFile,
    Journal,
    Manifest,
    digest_of,
    manifest_of,
    restored,
)
from resources.lake.database import LakeError
from resources.lake.ownership import MARKER, marker_of, refuse_where_there_is_none
from resources.private import private_folder

CATALOG, DATA, HOME = "lake/catalog.sqlite", "lake/data", "home"
DAGSTER = "dagster"
# Of a home: the lake, which is copied in its own way, what is made again from the rest, and logs.
LEFT_OUT = frozenset({"lake", "cache", ".work", "logs", "pictures", DAGSTER})
_UNFINISHED = (".work", ".part", ".lock", PART)
RESTORING = "wethink-restore.part"

_LAKE = "SELECT schema_uuid FROM ducklake_schema WHERE schema_name = 'main' ORDER BY begin_snapshot LIMIT 1"
_SNAPSHOT = "SELECT max(snapshot_id) FROM ducklake_snapshot"
# Also of snapshots that are kept by name: whatever the catalog may still be asked for.
_FILES = """
SELECT DISTINCT s.path || t.path || f.path, f.path_is_relative AND t.path_is_relative AND s.path_is_relative
FROM (
  SELECT table_id, path, path_is_relative FROM ducklake_data_file
  UNION ALL
  SELECT table_id, path, path_is_relative FROM ducklake_delete_file
) f
JOIN ducklake_table t ON t.table_id = f.table_id
JOIN ducklake_schema s ON s.schema_id = t.schema_id
"""
# Files that the copy does not have are not to be removed by its maintenance.
_FORGET_REMOVALS = "DELETE FROM ducklake_files_scheduled_for_deletion"


@dataclass(frozen=True)
class Places:
    """Where an installation keeps what a backup holds.

    Raises:
        LakeError: its catalog or its data are not files of this machine.
    """

    home: Path
    catalog: str
    data_path: str

    def __post_init__(self) -> None:
        if not self.catalog.startswith("sqlite:") or "://" in self.data_path:
            raise LakeError(
                "only a lake with a SQLite catalog and data in a folder is copied. On PostgreSQL or a bucket use their "
                "own tools while nothing runs: pg_dump of the catalog first, then a copy of data_path; releases/ and "
                f"policies/ lie below {self.home}"
            )

    @property
    def catalog_file(self) -> Path:
        return Path(self.catalog.removeprefix("sqlite:"))

    def of(self, path: str) -> Path:
        """Where a file of a backup belongs.

        Raises:
            LakeError: nowhere.
        """
        if path == CATALOG:
            return self.catalog_file
        for root, folder in ((DATA, Path(self.data_path)), (HOME, self.home)):
            if path.startswith(f"{root}/"):
                return folder / path.removeprefix(f"{root}/")
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
    target, home = target.resolve(), places.home.resolve()
    for root in (home, Path(places.data_path).resolve()):
        if target == root or root in target.parents:
            raise LakeError(f"{target} lies within {root}, which is to be copied: give a folder outside")
    if (of := _identity(places.catalog_file)) is None:
        raise LakeError(f"{places.catalog_file} is no catalog of a lake")
    lake = of[0]
    journal = Journal(target, lake)
    part = target / DATA / f"{MARKER}{PART}"
    private_folder(part.parent)
    part.write_text(marker_of(lake), "utf-8")
    _put(journal, f"{DATA}/{MARKER}", part)
    snapshot, files = _catalog_copied(places, journal)
    wanted = {f"{DATA}/{path}": Path(places.data_path) / path for path in files}
    others = dict(_home_files(places, dagster=dagster))
    say(f"snapshot {snapshot}: {len(wanted):,} files of the lake and {len(others):,} others")
    taken = {CATALOG, f"{DATA}/{MARKER}"}
    for path, source in wanted.items():
        if not journal.take(path, source):
            raise LakeError(
                f"{source} is gone: the catalog names it. If the lake was maintained meanwhile, run it again"
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
    if places.catalog_file.exists() and _identity(places.catalog_file) == (manifest.lake, manifest.snapshot):
        # Restored by a call that was killed at its end. A catalog that was opened since has other bytes.
        manifest = replace(manifest, files=tuple(file for file in manifest.files if file.path != CATALOG))
    elif not going_on:
        if places.catalog_file.exists():
            raise LakeError(
                f"{places.catalog_file} is there: nothing is restored over a lake. Set WETHINK_HOME to a new folder"
            )
        if there := next((path for path in targets.values() if path.exists()), None):
            raise LakeError(f"{there} is there: nothing is restored over other files. Set WETHINK_HOME to a new folder")
    private_folder(places.home)
    begun.write_text(of, "utf-8")
    say(f"{len(manifest.files):,} files, {manifest.size:,} bytes, as of {manifest.created}")
    # While the data folder says whose it is, and there is no catalog, nothing opens or makes a lake here.
    restored(manifest, source, places.of, first=f"{DATA}/{MARKER}", last=CATALOG)
    begun.unlink()
    return manifest


def _catalog_copied(places: Places, journal: Journal) -> tuple[int, list[str]]:
    """Copy the catalog between two commits; its snapshot, and the data files that it names."""
    part = journal.folder / f"{CATALOG}{PART}"
    private_folder(part.parent)
    part.unlink(missing_ok=True)
    with closing(sqlite3.connect(part)) as copied:
        with (
            commit_lock(places.catalog),
            closing(_opened(places.catalog_file)) as opened,
        ):
            opened.backup(copied)
        snapshot = int(copied.execute(_SNAPSHOT).fetchone()[0])
        rows = copied.execute(_FILES).fetchall()
        copied.execute(_FORGET_REMOVALS)
        copied.commit()
        copied.execute("PRAGMA journal_mode = DELETE")
    if foreign := next((path for path, below in rows if not below), None):
        raise LakeError(f"the catalog names a file outside its data folder, which is not copied: {foreign[:200]}")
    _put(journal, CATALOG, part)
    return snapshot, sorted(path for path, _ in rows)


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


def _identity(catalog: Path) -> tuple[str, int] | None:
    """Which lake a catalog is of, and its latest snapshot; None where the file is none."""
    with closing(_opened(catalog)) as opened:
        try:
            return str(opened.execute(_LAKE).fetchone()[0]), int(opened.execute(_SNAPSHOT).fetchone()[0])
        except (sqlite3.DatabaseError, TypeError):
            return None


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)


def _put(journal: Journal, path: str, part: Path) -> None:
    digest, size = digest_of(part), part.stat().st_size
    part.replace(journal.folder / path)
    journal.add(CopiedFile(path, size, str(digest)))


def _home_files(places: Places, *, dagster: bool) -> Iterator[tuple[str, Path]]:
    """What of a home is copied beside the lake. A linked folder is not followed; a linked file is a file."""
    own = {places.catalog_file.resolve(), Path(places.data_path).resolve()}
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
