"""The archive member index (SQLite): where each member of a source's archives lies, remembered between runs.

Belongs here: the SQLite file and its upkeep: an archive is read once, and again only after it changed. Does not
belong here: archive formats (archives.py). A look-up costs the same for a thousand members and ten million.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from resources.lake.sql_files import statement
from resources.private import private_folder
from resources.storage.archives import BadArchiveError, Member, members
from resources.storage.folder import Folder
from resources.storage.names import join

CHUNK = 2_000  # paths of one query
LOCK_S = 3_600.0  # another process may be reading a large archive for the first time
LAST = "\U0010ffff"


class ArchiveProblem(NamedTuple):
    """What is wrong with an archive. `count` members are concerned."""

    archive: str
    reason: str
    detail: str
    count: int = 1


class MemberIndex:
    """The member index of all archives of one source, as if they were unpacked where the archives lie.

    `file` is kept and shared by processes; None keeps it only for this object. Safe to share between threads.
    """

    def __init__(self, file: Path | None) -> None:
        self._lock = threading.RLock()
        if file is not None:
            private_folder(file.parent)
        try:
            self._db = _connect(file)
        except sqlite3.DatabaseError as error:
            if file is None or isinstance(error, sqlite3.OperationalError):
                raise
            file.unlink(missing_ok=True)  # damaged: it only remembers what the archives say, so it begins anew
            self._db = _connect(file)

    def refresh(self, folder: Folder, archives: Sequence[str]) -> None:
        """Read archives that are new or changed, forget those that are gone."""
        with self._lock:
            known = {row["path"]: row["stamp"] for row in self._rows("select_archives")}
            for path in archives:
                try:
                    stamp = " ".join(map(str, folder.stamp(path)))
                except (OSError, ValueError) as error:
                    self._replace(path, f"unreadable {error}"[:200], _Reading(error=error))
                    continue
                if known.get(path) != stamp:
                    self._replace(path, stamp, _Reading(folder, path))
            for path in known.keys() - set(archives):
                self._replace(path, None, _Reading())

    def _replace(self, path: str, stamp: str | None, reading: _Reading) -> None:
        """In one transaction, so that no process sees half an archive, and two that come at once read it once."""
        mount = path.rpartition("/")[0]
        self._db.execute("BEGIN IMMEDIATE")
        try:
            for row in self._rows("find_archive", path=path):
                if row["stamp"] == stamp:
                    self._db.execute("ROLLBACK")
                    return
                self._run("delete_members", archive=row["id"])
                self._run("delete_archive", archive=row["id"])
            if stamp is not None:
                key = self._run("insert_archive", path=path, stamp=stamp).lastrowid
                self._db.executemany(statement("archives/insert_member"), (_row(mount, key, m) for m in reading))
                self._run("update_problem", archive=key, problem=reading.problem)
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def get(self, path: str) -> tuple[str, Member] | None:
        """The archive and the member of this path; of several archives, the first by name."""
        for row in self._rows("find_member", path=path):
            refused = (row["reason"], row["detail"]) if row["reason"] else None
            where = (row["start"], row["size"], row["packed"], row["method"], row["crc"])
            return row["archive"], Member(path, *where, refused)
        return None

    def files(self, below: str = "") -> Iterator[str]:
        """Paths below a folder, in order, some at a time; refused members too, so that they are accounted for."""
        after, before = (f"{below}/", f"{below}0") if below else ("", LAST)  # '0' follows '/'
        while rows := self._rows("select_paths", after=after, before=before, many=CHUNK):
            yield from (row["path"] for row in rows)
            after = rows[-1]["path"]

    def is_folder(self, path: str) -> bool:
        return bool(self._rows("select_paths", after=f"{path}/", before=f"{path}0", many=1))

    def problems(self) -> list[ArchiveProblem]:
        problems = []
        for row in self._rows("select_problems"):
            if row["problem"]:
                reason, _, detail = row["problem"].partition(": ")
                problems.append(ArchiveProblem(row["path"], reason, detail))
            else:
                problems.append(ArchiveProblem(row["path"], "members_refused", row["detail"], row["refused"]))
        return problems

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def _run(self, name: str, **values: Any) -> sqlite3.Cursor:
        with self._lock:
            return self._db.execute(statement(f"archives/{name}"), values)

    def _rows(self, name: str, **values: Any) -> list[sqlite3.Row]:
        with self._lock:
            return self._run(name, **values).fetchall()


class _Reading:
    """Members of one archive as they are read; afterwards `problem` says what stopped the reading, if anything did."""

    def __init__(self, folder: Folder | None = None, path: str = "", error: Exception | None = None) -> None:
        self._folder, self._path = folder, path
        self.problem = f"unreadable: {error}; make the file readable and run again" if error else ""

    def __iter__(self) -> Iterator[Member]:
        if self._folder is None:
            return
        try:
            with self._folder.open(self._path, expect=64 * 1024) as handle:
                yield from members(handle, self._path)
        except BadArchiveError as error:
            self.problem = f"broken: {error}; what stands before is used. Fetch the file again"
        except OSError as error:
            self.problem = f"unreadable: {error.strerror or error}; make the file readable and run again"


def _row(mount: str, key: int | None, member: Member) -> dict[str, Any]:
    reason, detail = member.refused or (None, None)
    return {
        "path": join(mount, member.path),
        "archive": key,
        "start": member.start,
        "size": member.size,
        "packed": member.packed,
        "method": member.method,
        "crc": member.crc,
        "reason": reason,
        "detail": detail,
    }


def _connect(file: Path | None) -> sqlite3.Connection:
    connection = sqlite3.connect(file or "", timeout=LOCK_S, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    try:
        connection.execute("PRAGMA synchronous = NORMAL")
        for name in ("create_archives", "create_members", "create_refused"):
            connection.execute(statement(f"archives/{name}"))
    except BaseException:
        connection.close()
        raise
    return connection
