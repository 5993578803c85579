"""Column lineage by ids: which columns of an asset's table are ids that came with its inputs.

Belongs here: that rule. Pure. Does not belong here: lineage of single rows (lineage/).

What is known are ids: every table holds the ids of its rows' parents as they were, under the same name. Of other
columns the code that made them knows more than a name would say, so nothing is claimed of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from resources.lake.sql_files import Table, tables

OTHERS = frozenset({"image_id", "release_id", "policy_id", "benchmark", "item"})  # ids of rows that have no kind


@cache
def id_columns() -> frozenset[str]:
    """Columns whose values identify rows, under one name in every table."""
    return OTHERS | {table.key[0] for table in tables().values() if table.kind}


def column_lineage(own: Table, inputs: Mapping[str, Table]) -> dict[str, list[tuple[str, str]]]:
    """Column of the own table → (input, column) for the ids that inputs have as well. `inputs`: tables by asset.

    An input that writes the same table is left out: its rows are others, with ids of their own.
    """
    sources = {asset: table for asset, table in inputs.items() if table.name != own.name}
    found = {
        name: [(asset, name) for asset, table in sources.items() if name in table.column_names]
        for name in own.column_names
        if name in id_columns()
    }
    return {name: origins for name, origins in found.items() if origins}
