"""A catalog in another database (catalog migration): SQLite to PostgreSQL and back, whole or not at all.

Belongs here: which lake a catalog is of, the files that it names, copying it. Does not belong here: the data files
(data_folder.py), when one copies (backup.py, move.py).

DuckLake makes the tables of the copy itself, with the types that this kind of database has, and one transaction fills
them. Rows that still lie in a catalog have other forms in each kind: they are flushed to files before.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb

from resources.lake.catalog import roll_back, with_extensions, without_password
from resources.lake.commit_lock import commit_lock
from resources.lake.database import LakeError, Memory
from resources.lake.ownership import CLOSED, noted_path
from resources.lake.store import LakeStore
from resources.private import private_folder

PART = ".wethink-part"
_INLINED = "ducklake_inlined_d"  # rows and deletes in the catalog; one table for each table and version
_REGISTER = "ducklake_inlined_data_tables"
_REMOVALS = "ducklake_files_scheduled_for_deletion"
_SCANNERS = {"sqlite": "sqlite_scanner", "postgres": "postgres_scanner"}
_LAKE = "SELECT schema_uuid FROM {db}ducklake_schema WHERE schema_name = 'main' ORDER BY begin_snapshot LIMIT 1"
_TIME = "epoch_us(CAST(snapshot_time AS TIMESTAMPTZ))"
_SNAPSHOT = f"SELECT snapshot_id, {_TIME} FROM {{db}}ducklake_snapshot ORDER BY snapshot_id DESC LIMIT 1"
_SNAPSHOT_TIME = f"SELECT {_TIME} FROM own.ducklake_snapshot WHERE snapshot_id = $id"
# Also of snapshots that are kept by name: whatever the catalog may still be asked for.
_FILES = """
SELECT DISTINCT s.path || t.path || f.path,
  CAST(f.path_is_relative AS INT) + CAST(t.path_is_relative AS INT) + CAST(s.path_is_relative AS INT) = 3
FROM (
  SELECT table_id, path, path_is_relative FROM {db}ducklake_data_file
  UNION ALL
  SELECT table_id, path, path_is_relative FROM {db}ducklake_delete_file
) f
JOIN {db}ducklake_table t ON t.table_id = f.table_id
JOIN {db}ducklake_schema s ON s.schema_id = t.schema_id
"""


@dataclass(frozen=True)
class State:
    """Which lake a catalog is of, and how far it has come."""

    lake: str
    snapshot: int


def state_of(catalog: str) -> State | None:
    """None where there is no lake: no file or database, or nothing of a lake in it.

    Raises:
        LakeError: the database cannot be reached.
    """
    kind, _, target = catalog.partition(":")
    if kind == "sqlite" and not Path(target).is_file():
        return None
    with _attached(catalog) as con:
        return _state(con)


def _state(con: duckdb.DuckDBPyConnection, db: str = "own") -> State | None:
    try:
        lake = con.execute(_LAKE.format(db=f"{db}.")).fetchone()
        snapshot = con.execute(_SNAPSHOT.format(db=f"{db}.")).fetchone()
    except duckdb.Error:
        return None
    return State(str(lake[0]), int(snapshot[0])) if lake and snapshot else None


def files_of(catalog: str) -> list[str]:
    """Paths below the data folder of all files that the catalog may still be asked for.

    Raises:
        LakeError: one lies elsewhere, and is not copied with the folder.
    """
    with _attached(catalog) as con:
        rows = con.execute(_FILES.format(db="own.")).fetchall()
    if foreign := next((path for path, below in rows if not below), None):
        raise LakeError(f"the catalog names a file outside its data folder, which is not copied: {foreign[:200]}")
    return sorted(path for path, _ in rows)


@contextmanager
def all_in_files(catalog: str, data_path: str) -> Iterator[LakeStore]:
    """A block within which no row of the lake lies in the catalog and nobody commits.

    Raises:
        LakeError: the lake cannot be opened or written.
    """
    with closing(LakeStore(catalog, data_path, create=False)) as store:
        store.snapshot_id()
        with commit_lock(catalog):
            store.flush_all_locked()
            yield store


def copied_catalog(source: str, target: str, data_path: str) -> State:
    """Have the catalog `source`, all of whose rows lie in files, as `target`, for a lake with its files in `data_path`.

    A copy of the same lake that is older is made anew. Killed at any moment, the next call goes on.

    Raises:
        LakeError: the target holds another lake, or one that has gone on; nothing was changed.
    """
    wanted = state_of(source)
    if wanted is None:
        raise LakeError(f"{without_password(source)} is no catalog of a lake")
    there = state_of(target)
    if there is not None and there.lake != wanted.lake and not _is_empty(target):
        raise LakeError(f"{without_password(target)} holds another lake: nothing was written. Name an empty database")
    if there is not None and there.lake == wanted.lake and not _is_earlier(target, source):
        raise LakeError(
            f"{without_password(target)} holds this lake and has gone on by itself (snapshot {there.snapshot}): "
            "nothing was written"
        )
    kind, _, path = target.partition(":")
    if kind == "sqlite":
        private_folder(Path(path).parent)
        part = Path(path + PART)
        for name in ("", "-wal", "-shm", "-journal"):
            Path(f"{part}{name}").unlink(missing_ok=True)
        _filled(source, f"sqlite:{part}", data_path)
        with closing(sqlite3.connect(part)) as made:
            made.execute("PRAGMA journal_mode = DELETE")
        for name in ("-wal", "-shm"):
            Path(f"{path}{name}").unlink(missing_ok=True)  # of the older copy: SQLite would take them for the new one's
        part.replace(path)
    else:
        _filled(source, target, data_path)
    return wanted


def reason_closed(catalog: str) -> str:
    """Why nobody is to open this catalog; empty where it is open."""
    with _attached(catalog) as con:
        found = con.execute("SELECT value FROM own.ducklake_metadata WHERE key = $key", {"key": CLOSED}).fetchone()
    return str(found[0]) if found else ""


def closed(catalog: str, why: str | None) -> None:
    """Let nobody open this catalog any more, who is told why; None opens it again."""
    with _attached(catalog, write=True) as con:
        con.begin()
        con.execute("DELETE FROM own.ducklake_metadata WHERE key = $key", {"key": CLOSED})
        if why is not None:
            con.execute(
                "INSERT INTO own.ducklake_metadata (key, value) VALUES ($key, $why)", {"key": CLOSED, "why": why}
            )
        con.commit()


def _filled(source: str, target: str, data_path: str) -> None:
    with _attached(target, source, write=True) as con:
        kind, _, place = target.partition(":")
        made = f"{kind}:{place}".replace("'", "''")
        with tempfile.TemporaryDirectory(prefix="wethink-catalog-") as folder:  # of no lake: its real one is set below
            con.execute(f"ATTACH 'ducklake:{made}' AS made (DATA_PATH '{folder}/', OVERRIDE_DATA_PATH true)")
            con.execute("DETACH made")
        have, want = _columns(con, "own"), _columns(con, "source")
        con.begin()
        for table in have:
            if table.startswith(_INLINED) and table != _REGISTER:
                con.execute(f"DROP TABLE own.{table}")
            else:
                con.execute(f"DELETE FROM own.{table}")
        for table, columns in want.items():
            if table.startswith(_INLINED):
                if table != _REGISTER and con.execute(f"SELECT 1 FROM source.{table} LIMIT 1").fetchone():
                    raise LakeError(f"rows of {table} still lie in the catalog {without_password(source)}")
                continue
            if table == _REMOVALS:
                continue  # files that are not copied
            types = have.get(table, {})
            if types.keys() != columns.keys():
                raise LakeError(f"{table} has other columns in {without_password(source)}: open it once, then copy it")
            given = ", ".join(f'CAST("{name}" AS {type_})' for name, type_ in types.items())
            names = ", ".join(f'"{name}"' for name in types)
            con.execute(f"INSERT INTO own.{table} ({names}) SELECT {given} FROM source.{table}")
        con.execute("DELETE FROM own.ducklake_metadata WHERE key = $key", {"key": CLOSED})
        folder = noted_path(target, data_path)
        con.execute("UPDATE own.ducklake_metadata SET value = $folder WHERE key = 'data_path'", {"folder": folder})
        con.commit()


def _columns(con: duckdb.DuckDBPyConnection, db: str) -> dict[str, dict[str, str]]:
    """Tables of DuckLake's own with the types of their columns."""
    found: dict[str, dict[str, str]] = {}
    rows = con.execute(
        "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE database_name = $db "
        "AND table_name LIKE 'ducklake\\_%' ESCAPE '\\' ORDER BY table_name, column_index",
        {"db": db},
    ).fetchall()
    for table, column, type_ in rows:
        found.setdefault(table, {})[column] = type_
    return found


def _is_empty(catalog: str) -> bool:
    """Whether a lake has no table: it was about to be filled."""
    with _attached(catalog) as con:
        return not con.execute("SELECT 1 FROM own.ducklake_table LIMIT 1").fetchone()


def _is_earlier(catalog: str, than: str) -> bool:
    """Whether the latest snapshot of a catalog is one that another has, or had before it let old ones go."""
    with _attached(catalog) as con:
        mine = con.execute(_SNAPSHOT.format(db="own.")).fetchone()
    if mine is None:
        return False
    with _attached(than) as con:
        same = con.execute(_SNAPSHOT_TIME, {"id": mine[0]}).fetchone()
        latest = con.execute(_SNAPSHOT.format(db="own.")).fetchone()
    return same[0] == mine[1] if same else bool(latest and mine[0] < latest[0])


@contextmanager
def _attached(catalog: str, source: str = "", *, write: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with the catalog's own tables as `own`, and those of another as `source`, to read."""
    kinds = {one.partition(":")[0] for one in (catalog, source) if one}
    opened = with_extensions([*(_SCANNERS[kind] for kind in sorted(kinds)), "ducklake"], Memory())
    try:
        con = opened.connection
        con.execute("SET TimeZone = 'UTC'")
        for one, name, mode in ((catalog, "own", "" if write else ", READ_ONLY"), (source, "source", ", READ_ONLY")):
            kind, _, target = one.partition(":")
            if not one:
                continue
            quoted = target.replace("'", "''")
            con.execute(f"ATTACH '{quoted}' AS {name} (TYPE {kind}{mode})")
        yield con
    except duckdb.Error as error:
        told = without_password(" ".join(str(error).split())[:300])
        raise LakeError(f"the catalog {without_password(catalog)} cannot be used: {told}") from None
    finally:
        roll_back(opened.connection)
        with suppress(duckdb.Error):
            opened.close()
