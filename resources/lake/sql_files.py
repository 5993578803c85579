"""The files under sql/: reading statements, and the table definitions as typed objects.

Belongs here: finding and parsing SQL files. Does not belong here: running them (connection.py, store.py).

A table file is one CREATE TABLE statement. The comment lines above it describe the table, one of
them `-- key: a, b` names the columns that identify a row, `-- kind: name` says what a row is called
where its rows have ids of their own (the first column of the key), and the comment after a column
describes that column. These comments become the lake's own comments and Dagster's column schemas.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

SQL_DIR = Path(__file__).resolve().parents[2] / "sql"
_folders: list[Path] = [SQL_DIR]  # the project's own, then those of extensions

_COLUMN = re.compile(r"^\s{2}(\w+) ([A-Z]+(?:\[\])?)( NOT NULL)?,?\s*-- (.+)$")


@dataclass(frozen=True)
class Column:
    name: str
    type: str
    nullable: bool
    comment: str


@dataclass(frozen=True)
class Table:
    """A table of the lake. `ddl` holds CREATE TABLE IF NOT EXISTS without comments.

    `kind` is what a row is called, where rows have ids of their own; `added` says that an extension brought the table.
    """

    name: str
    comment: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    kind: str | None = None
    added: bool = False

    @property
    def ddl(self) -> str:
        body = ", ".join(f"{c.name} {c.type}{'' if c.nullable else ' NOT NULL'}" for c in self.columns)
        return f"CREATE TABLE IF NOT EXISTS {self.name} ({body})"

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.columns)

    @property
    def owner(self) -> str | None:
        """The column of the question, else the image, that a row belongs to; None where it names neither."""
        return next((name for name in ("question_id", "image_id") if name in self.column_names), None)


def parse_table(text: str) -> Table:
    """Parse one table file.

    Raises:
        ValueError: a line is neither a comment, nor a column with a comment, nor the statement's frame.
    """
    comment: list[str] = []
    key: tuple[str, ...] = ()
    kind: str | None = None
    name = ""
    columns: list[Column] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("-- key:"):
            key = tuple(part.strip() for part in line.removeprefix("-- key:").split(","))
        elif match := re.fullmatch(r"-- kind: ([a-z][a-z ]*)", line):
            kind = match[1]
        elif line.startswith("-- kind:"):
            raise ValueError(f"line {number}: a kind is lower-case words, as '-- kind: reasoning path'; got {line!r}")
        elif line.startswith("-- "):
            comment.append(line.removeprefix("-- "))
        elif match := re.fullmatch(r"CREATE TABLE (\w+) \(", line):
            name = match[1]
        elif match := _COLUMN.match(line):
            columns.append(Column(match[1], match[2], match[3] is None, match[4].strip()))
        elif line.strip() not in ("", ");"):
            raise ValueError(f"line {number} is no column with a comment: {line!r}")
    if not (name and key and columns and comment):
        raise ValueError("a table file needs a description, a '-- key:' line, CREATE TABLE and columns")
    if missing := set(key) - {c.name for c in columns}:
        raise ValueError(f"table {name}: key columns {sorted(missing)} do not exist")
    if kind and "image_id" not in {c.name for c in columns}:
        raise ValueError(f"table {name}: rows with a kind are found by their image, and there is no column image_id")
    return Table(name, " ".join(comment), key, tuple(columns), kind)


def add_folder(folder: Path) -> None:
    """Read statements and tables from one more folder, laid out as sql/ is; files of folders added before it win."""
    folder = folder.resolve()
    if folder not in _folders:
        _folders.append(folder)
        forget()


def remove_folder(folder: Path) -> None:
    """Forget a folder that `add_folder` added."""
    if folder.resolve() in _folders[1:]:
        _folders.remove(folder.resolve())
        forget()


def forget() -> None:
    """Read every file anew when it is asked for."""
    tables.cache_clear()
    statement.cache_clear()


@lru_cache(maxsize=1)
def tables() -> dict[str, Table]:
    """All tables by name, from tables/ of every folder.

    Raises:
        ValueError: a file is no table, is not named as its table, or two files are named alike.
    """
    by_name: dict[str, Table] = {}
    for folder in _folders:
        for path in sorted((folder / "tables").glob("*.sql")):
            where = f"{folder.name}/tables/{path.name}"
            try:
                table = parse_table(path.read_text("utf-8"))
            except ValueError as error:
                raise ValueError(f"{where}: {error}") from None
            if table.name != path.stem:
                raise ValueError(f"{where} creates table {table.name}: name file and table alike")
            if table.name in by_name:
                raise ValueError(f"{where}: there is a table {table.name} already")
            by_name[table.name] = replace(table, added=folder != SQL_DIR)
    return by_name


@cache
def statement(name: str) -> str:
    """The text of <name>.sql, below sql/ or below a folder that an extension added.

    Raises:
        FileNotFoundError: there is no such file, or the name leaves the folder.
    """
    for folder in _folders:
        path = (folder / f"{name}.sql").resolve()
        if path.is_relative_to(folder) and path.is_file():
            return path.read_text("utf-8")
    raise FileNotFoundError(f"no statement sql/{name}.sql")
