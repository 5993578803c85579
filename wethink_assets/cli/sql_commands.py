"""The command `wethink sql`: the lake in SQL, read-only, one statement after the other.

Belongs here: reading what is typed, printing tables. Does not belong here: the connection (resources/lake/shell.py).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, TextIO

import click

from wethink_assets.cli.errors import settings_or_exit

if TYPE_CHECKING:
    import duckdb

_PROMPT, _MORE = "lake> ", "  ... "


@click.command(
    "sql",
    help="Ask the lake in SQL, read-only: STATEMENT, or what is typed or piped in. Beside its tables it has the views "
    "sample_lineage, call_lineage and stop_lineage. `SHOW TABLES` lists them.",
)
@click.argument("statement", required=False)
@click.option("--csv", "as_csv", is_flag=True, help="Rows as CSV, all of them.")
@click.option("--attach", is_flag=True, help="Print what shows the same in a DuckDB shell of your own.")
def sql_command(statement: str | None, as_csv: bool, attach: bool) -> None:
    from resources.lake.database import LakeError
    from resources.lake.shell import read_only, statements

    settings = settings_or_exit()
    if attach:
        click.echo("\n".join(statements(settings)))
        return
    try:
        with read_only(settings) as con:
            if statement is None and sys.stdin.isatty():
                _converse(con, as_csv)
            elif failed := run(con, statement if statement is not None else sys.stdin.read(), as_csv):
                raise click.ClickException(failed)
    except LakeError as error:
        raise click.ClickException(str(error)) from error


def run(con: duckdb.DuckDBPyConnection, text: str, as_csv: bool, out: TextIO | None = None) -> str:
    """Run statements, print the rows of each; what is wrong with the first that fails, in one line, else empty."""
    import duckdb

    from resources.lake.catalog import without_password
    from resources.lake.reading import statements_that_read

    out = out or sys.stdout
    try:
        for one in statements_that_read(con, text):
            result = con.execute(one)
            if result.description:
                frame = result.pl()
                out.write(frame.write_csv() if as_csv else _table(frame))
    except (duckdb.Error, ValueError) as error:  # a column of a type that CSV has no form for
        return without_password(" ".join(str(error).split()))
    return ""


def _table(frame) -> str:
    import polars as pl

    with pl.Config(
        tbl_rows=100,
        tbl_cols=-1,
        fmt_str_lengths=66,  # an id is whole
        tbl_width_chars=200,
        tbl_hide_dataframe_shape=True,
        tbl_hide_column_data_types=True,
    ):
        return f"{frame}\n{frame.height:,} {'row' if frame.height == 1 else 'rows'}\n"


def _converse(con: duckdb.DuckDBPyConnection, as_csv: bool) -> None:
    """Statements as they are typed, each to its semicolon; an error ends none but its own."""
    click.echo("The lake, read-only. A statement ends with a semicolon; ctrl-d leaves.")
    for text in _typed():
        if failed := run(con, text, as_csv):
            click.echo(failed, err=True)


def _typed() -> Iterator[str]:
    import contextlib

    with contextlib.suppress(ImportError):
        import readline  # noqa: F401  history and editing of `input`
    lines: list[str] = []
    while True:
        try:
            lines.append(input(_MORE if lines else _PROMPT))
        except EOFError:
            click.echo()
            return
        except KeyboardInterrupt:
            lines = []
            click.echo()
            continue
        if lines[-1].rstrip().endswith(";"):
            yield "\n".join(lines)
            lines = []
