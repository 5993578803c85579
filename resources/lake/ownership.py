"""Which catalog a data folder belongs to: a marker file in the folder, and lakes that open wherever their home went.

Belongs here: finding or making the lake of a catalog, tying its data folder to it, what the catalog says of where that
is. Does not belong here: tables
(catalog.py), what a lake may lose and when (maintenance.py).

A catalog that is new and empty because a setting was missing must never look at another catalog's files as its own.
DuckLake writes paths relative to the data folder; the folder itself comes from the settings, so that a lake that was
moved, copied or renamed with its home opens as it is. What a SQLite catalog says of it is relative to the catalog: no
absolute path stays behind, and nothing that opens the lake follows it.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb

from resources.lake.database import LakeError

_log = logging.getLogger("wethink")
MARKER = "wethink-lake.json"
CLOSED = "wethink_closed"  # key in the catalog's own table of settings: why nobody is to open it any more
_SETTING = "(SELECT value FROM __ducklake_metadata_lake.ducklake_metadata WHERE key = '{}')"
_ID = f"""
SELECT schema_uuid, {_SETTING.format(CLOSED)}, {_SETTING.format("data_path")}
FROM __ducklake_metadata_lake.ducklake_schema
WHERE schema_name = 'main' ORDER BY begin_snapshot LIMIT 1
"""


class NoLakeError(LakeError):
    """There is no lake where the settings say, and this command makes none."""


@dataclass(frozen=True)
class Marker:
    """What the file in a data folder says: whose files these are, and why nobody is to open the lake here, if so."""

    lake: str
    closed: str = ""

    @classmethod
    def parse(cls, text: str, path: str) -> Marker:
        """Read it.

        Raises:
            LakeError: it is no marker.
        """
        try:
            said = json.loads(text)
            return cls(str(said["lake"]), str(said.get("closed", "")))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise LakeError(
                f"{path} is damaged: it says which catalog the folder belongs to. Write it again as "
                '{"lake": "<schema_uuid of main in the catalog\'s ducklake_schema>"}, or remove it if you are sure'
            ) from None

    @property
    def text(self) -> str:
        return json.dumps({"lake": self.lake, **({"closed": self.closed} if self.closed else {})}) + "\n"


def refuse_where_there_is_none(catalog: str) -> None:
    """For commands that make no lake.

    Raises:
        NoLakeError: a SQLite catalog is not there.
    """
    if catalog.startswith("sqlite:") and not _file_is_there(catalog):
        raise no_lake(catalog)


def attach(
    con: duckdb.DuckDBPyConnection, source: str, catalog: str, data_path: str, options: str, *, create: bool, mark: bool
):
    """Attach the lake of this catalog as `lake`; make it where there is none and `create` says so.

    With `mark` its data folder gets what is missing there of an older version.

    Raises:
        NoLakeError: there is none, and none is to be made.
        LakeError: the data folder belongs to another catalog, or holds files of a lake that this one does not know; or
            the lake was moved elsewhere.
    """
    fresh = catalog.startswith("sqlite:") and not _file_is_there(catalog)
    if not fresh:
        try:
            con.execute(_statement(source, f"{options}, CREATE_IF_NOT_EXISTS false"))
        except duckdb.InvalidInputException as error:
            if "does not exist" not in str(error):
                raise
            fresh = True
    owner = _owner(con, data_path)
    if fresh:
        if owner is not None and owner.closed:
            raise LakeError(owner.closed)
        if not create:
            raise no_lake(catalog)
        if owner is not None or _has_lake_files(con, data_path):
            raise LakeError(
                f"{data_path} holds the files of a lake, and the catalog {_shown(catalog)} is new: nothing was made. "
                "Set WETHINK_LAKE_CATALOG (or [lake] catalog) to the catalog of that lake, or give this one another "
                "data_path"
            )
        con.execute(_made(source, options, catalog, data_path))
        con.execute("DETACH lake")
        con.execute(_statement(source, options))
    mine, closed, noted = con.execute(_ID).fetchall()[0]
    mine = str(mine)
    if closed or (owner is not None and owner.lake == mine and owner.closed):
        raise LakeError(str(closed or (owner and owner.closed)))
    if mark and noted != noted_path(catalog, data_path) and catalog.startswith("sqlite:"):
        note_path(Path(catalog.removeprefix("sqlite:")), noted_path(catalog, data_path))
    if owner is None and mark:
        try:
            _mark(con, data_path, mine)
        except (OSError, duckdb.Error) as error:
            if fresh:
                raise
            _log.warning("%s cannot be marked as the lake's own: %s", data_path, " ".join(str(error).split())[:200])
    elif owner is not None and owner.lake != mine:
        raise LakeError(
            f"{data_path} belongs to another catalog (lake {owner.lake[:8]}) than {_shown(catalog)} (lake {mine[:8]}): "
            "nothing was read or written. Set [lake] catalog and data_path (WETHINK_LAKE_CATALOG, "
            "WETHINK_LAKE_DATA) to those of one lake"
        )


def noted_path(catalog: str, data_path: str) -> str:
    """The data folder as a catalog names it: beside a SQLite catalog the way to it from there."""
    kind, _, target = catalog.partition(":")
    if kind == "sqlite" and "://" not in data_path:
        data_path = os.path.relpath(Path(data_path).resolve(), Path(target).resolve().parent)
    return data_path if data_path.endswith("/") else f"{data_path}/"


def note_path(catalog: Path, noted: str) -> None:
    """Have a SQLite catalog name its data folder so, and leave nothing of the old name in the file."""
    with closing(sqlite3.connect(catalog, timeout=60)) as con, con:
        con.execute("PRAGMA secure_delete = ON")
        con.execute("UPDATE ducklake_metadata SET value = ? WHERE key = 'data_path'", [noted])


def _made(source: str, options: str, catalog: str, data_path: str) -> str:
    """The statement that makes a lake, which keeps the data folder's name as it is given here."""
    named, noted = (path.replace("'", "''") for path in (data_path, noted_path(catalog, data_path)))
    options = options.replace(f"DATA_PATH '{named}'", f"DATA_PATH '{noted}'", 1)
    return f"ATTACH {source} AS lake ({options})"


def _statement(source: str, options: str) -> str:
    return f"ATTACH IF NOT EXISTS {source} AS lake ({options}, OVERRIDE_DATA_PATH true)"


def _file_is_there(catalog: str) -> bool:
    path = Path(catalog.removeprefix("sqlite:"))
    return path.is_file() and path.stat().st_size > 0


def no_lake(catalog: str) -> NoLakeError:
    """The error of whoever makes none, with the cure."""
    return NoLakeError(
        f"there is no lake at {_shown(catalog)}. `wethink setup` makes one, and so do `wethink demo` and `run`; "
        "if there should be one, look at WETHINK_HOME, WETHINK_CONFIG and WETHINK_LAKE_CATALOG"
    )


def _shown(catalog: str) -> str:
    from resources.lake.catalog import without_password

    return without_password(catalog)


def _owner(con: duckdb.DuckDBPyConnection, data_path: str) -> Marker | None:
    """The lake that the data folder belongs to; None where nothing says so.

    Raises:
        LakeError: the marker is there and cannot be read.
    """
    path = f"{data_path.rstrip('/')}/{MARKER}"
    if "://" not in data_path:
        try:
            return Marker.parse(Path(path).read_text("utf-8"), path)
        except FileNotFoundError:
            return None
    # With a wildcard, since a bucket is not asked about a path without one.
    if not con.execute("SELECT count(*) FROM glob($path)", {"path": f"{path}*"}).fetchall()[0][0]:
        return None
    text = con.execute("SELECT content FROM read_text($path)", {"path": path}).fetchall()[0][0]
    return Marker.parse(str(text), path)


def _mark(con: duckdb.DuckDBPyConnection, data_path: str, lake: str) -> None:
    path = f"{data_path.rstrip('/')}/{MARKER}"
    if "://" not in data_path:
        part = Path(f"{path}.part")
        part.write_text(Marker(lake).text, "utf-8")
        part.replace(path)
        return
    quoted = path.replace("'", "''")
    con.execute(f"COPY (SELECT $lake AS lake) TO '{quoted}' (FORMAT json)", {"lake": lake})


def has_lake_files(folder: str) -> bool:
    """Whether DuckLake wrote files into a folder of this machine, as it did before there were markers."""
    return next(Path(folder).glob("main/**/ducklake-*.parquet"), None) is not None


def _has_lake_files(con: duckdb.DuckDBPyConnection, data_path: str) -> bool:
    if "://" not in data_path:
        return has_lake_files(data_path)
    pattern = f"{data_path.rstrip('/')}/main/**/ducklake-*.parquet"
    return bool(con.execute("SELECT 1 FROM glob($pattern) LIMIT 1", {"pattern": pattern}).fetchall())
