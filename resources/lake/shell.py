"""The lake for SQL by hand (read-only attachment): DuckDB with the lake attached so that nothing can be written.

Belongs here: attaching, the views of lineage, and the statements that attach it in a DuckDB shell of one's own. Does
not belong here: which statements are taken (reading.py), reading by the project's code (connection.py), what is typed
and printed (wethink_assets/cli/).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb

from resources.lake.catalog import open_catalog, without_password
from resources.lake.connection import in_one_line
from resources.lake.database import LakeError, Memory
from resources.lake.ownership import refuse_where_there_is_none
from resources.lake.reading import only_files_below
from resources.lake.sql_files import statement

if TYPE_CHECKING:
    from wethink_assets.settings import Settings

# Names that are there beside the tables, and the statements that they stand for.
VIEWS = {
    "sample_lineage": "lineage/view_samples",
    "call_lineage": "lineage/view_calls",
    "stop_lineage": "lineage/view_stops",
}


@contextmanager
def read_only(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the lake as its default database, and the views; a lake of an older version may lack some.

    It opens no file but the lake's own. Whether a statement only reads is for `statements_that_read` to say.

    Raises:
        LakeError: there is no lake, or it cannot be opened.
    """
    refuse_where_there_is_none(settings.lake_catalog)
    database, source, options = open_catalog(
        settings.lake_catalog, settings.lake_data_path, Memory.of(settings), quick=True
    )
    con = database.connection
    try:
        con.execute(f"ATTACH {source} AS lake ({_options(options)})")
        con.execute("USE lake")
        for name, view in VIEWS.items():
            try:
                con.execute(f"CREATE TEMP VIEW {name} AS {statement(view)}")
            except duckdb.CatalogException:  # of a table that is not there yet
                continue
        only_files_below(con, settings.lake_data_path)
        yield con
    except duckdb.Error as error:
        raise LakeError(
            f"cannot read the lake catalog {without_password(settings.lake_catalog)}: "
            f"{without_password(in_one_line(error))}"
        ) from None
    finally:
        database.close()


def statements(settings: Settings) -> list[str]:
    """What a DuckDB shell is told to see the same: the lake, read-only, and the views. Without a password."""
    kind, _, target = settings.lake_catalog.partition(":")
    source = without_password(f"ducklake:{kind}:{target}").replace("'", "''")
    path = settings.lake_data_path.replace("'", "''")
    views = [f"CREATE TEMP VIEW {name} AS\n{statement(view).strip()};" for name, view in VIEWS.items()]
    attach = f"ATTACH '{source}' AS lake (DATA_PATH '{path}', OVERRIDE_DATA_PATH true, READ_ONLY);"
    loads = ["INSTALL ducklake; LOAD ducklake;", f"INSTALL {kind}; LOAD {kind};"]
    return [*loads, attach, "USE lake;", *views]


def _options(options: str) -> str:
    """Those of `open_catalog` without what only writers need."""
    kept = [part for part in options.split(", ") if not part.startswith(("DATA_INLINING", "META_JOURNAL_MODE"))]
    return ", ".join([*kept, "OVERRIDE_DATA_PATH true", "READ_ONLY"])
