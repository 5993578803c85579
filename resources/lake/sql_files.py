"""The files under sql/: reading statements, and the table definitions as typed objects.

Belongs here: finding and parsing SQL files. Does not belong here: running them (see lake.py).

A table file is one CREATE TABLE statement. The comment lines above it describe the table, one of
them `-- key: a, b` names the columns that identify a row, and the comment after a column describes
that column. These comments become the lake's own comments and Dagster's column schemas.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

SQL_DIR = Path(__file__).resolve().parents[2] / "sql"

_COLUMN = re.compile(r"^\s{2}(\w+) ([A-Z]+(?:\[\])?)( NOT NULL)?,?\s*-- (.+)$")


@dataclass(frozen=True)
class Column:
    name: str
    type: str
    nullable: bool
    comment: str


@dataclass(frozen=True)
class Table:
    """A table of the lake. `ddl` holds CREATE TABLE IF NOT EXISTS without comments."""

    name: str
    comment: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def ddl(self) -> str:
        body = ", ".join(f"{c.name} {c.type}{'' if c.nullable else ' NOT NULL'}" for c in self.columns)
        return f"CREATE TABLE IF NOT EXISTS {self.name} ({body})"

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.columns)


def parse_table(text: str) -> Table:
    """Parse one table file.

    Raises:
        ValueError: a line is neither a comment, nor a column with a comment, nor the statement's frame.
    """
    comment: list[str] = []
    key: tuple[str, ...] = ()
    name = ""
    columns: list[Column] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("-- key:"):
            key = tuple(part.strip() for part in line.removeprefix("-- key:").split(","))
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
    return Table(name, " ".join(comment), key, tuple(columns))


@lru_cache(maxsize=1)
def tables() -> dict[str, Table]:
    """All tables by name, from sql/tables/."""
    found: dict[str, Table] = {}
    for path in sorted((SQL_DIR / "tables").glob("*.sql")):
        try:
            table = parse_table(path.read_text("utf-8"))
        except ValueError as error:
            raise ValueError(f"sql/tables/{path.name}: {error}") from None
        if table.name != path.stem:
            raise ValueError(f"sql/tables/{path.name} creates table {table.name}: name file and table alike")
        found[table.name] = table
    return found


@cache
def statement(name: str) -> str:
    """The text of sql/<name>.sql.

    Raises:
        FileNotFoundError: there is no such file, or the name leaves the folder.
    """
    path = (SQL_DIR / f"{name}.sql").resolve()
    if not path.is_relative_to(SQL_DIR) or not path.is_file():
        raise FileNotFoundError(f"no statement sql/{name}.sql")
    return path.read_text("utf-8")
