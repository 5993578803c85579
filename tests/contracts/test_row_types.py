"""Types of written rows: the tables' own columns, and in use where rows are made."""

from __future__ import annotations

import re

import pytest

from resources.lake.sql_files import tables
from tests.conftest import PROJECT_ROOT
from tests.contracts import row_types
from wethink_assets import written_rows


def test_the_types_are_those_of_the_tables_files():
    refresh = "refresh with `.venv/bin/python -m tests.contracts.row_types`"
    assert row_types.MODULE.read_text("utf-8") == row_types.text(), refresh


@pytest.mark.parametrize("name", row_types.CLASSES)
def test_a_rows_keys_are_its_tables_columns(name):
    table, row = tables()[name], getattr(written_rows, row_types.CLASSES[name])
    assert set(row.__annotations__) == set(table.column_names) - {"run_id"}
    assert row.__required_keys__ == {c.name for c in table.columns if not c.nullable and c.name != "run_id"}


def test_every_type_is_that_of_rows_that_a_stage_makes():
    modules = [p.read_text("utf-8") for p in (PROJECT_ROOT / "wethink_assets").rglob("*.py") if p != row_types.MODULE]
    used = {name for module in modules for name in re.findall(r"(?:list\[|-> )(\w+Row)\b", module)}
    assert used >= set(row_types.CLASSES.values())
