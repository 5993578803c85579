"""What reaches DuckLake of the text that a statement looks for: it writes it into SQL of its own."""

from __future__ import annotations

import ast
import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.lake.parameters import bound
from resources.lake.resource import Commit, Write
from tests.conftest import PROJECT_ROOT

NAMES = ["0aaa", "f00d"]  # what is looked for must sort between them: else no file of theirs is worth a look
HOSTILE = ["; DELETE FROM ducklake_snapshot; COMMIT; --", "; CREATE TABLE left_behind(a INT); --"]


@pytest.fixture
def two_batches(lake):
    for name in NAMES:
        row = {"batch": name, "position": 1, "reason": "", "created_at": "2026-11-30T00:00:00+00:00"}
        lake.write(Commit("test", name), [Write("growth_batches", [row], replace={"batch": name})])
    lake.store.alone("CALL ducklake_flush_inlined_data('lake')")
    return lake


def catalog_of(lake) -> tuple[int, list[str]]:
    with closing(sqlite3.connect(lake.catalog.removeprefix("sqlite:"))) as con:
        (snapshots,) = con.execute("SELECT count(*) FROM ducklake_snapshot").fetchone()
        made = con.execute("SELECT name FROM sqlite_master WHERE name NOT LIKE '%ducklake%'").fetchall()
    return snapshots, made


@pytest.mark.parametrize("attack", HOSTILE)
@pytest.mark.parametrize("brackets", range(3, 7))
def test_no_text_that_is_looked_for_is_run_as_sql(two_batches, attack, brackets):
    before = catalog_of(two_batches)
    text = "SELECT * FROM growth_batches WHERE batch = $first AND reason IN (SELECT unnest($more::VARCHAR[]))"
    quoted = {"first": "=chr(97)" + ")" * brackets + attack, "more": ["a\0"]}
    assert two_batches.store.sql(text, **quoted).is_empty()
    assert two_batches.store.sql(text, first="a\0", more=[quoted["first"]]).is_empty()
    both = "SELECT * FROM growth_batches WHERE batch = $one AND reason = $two"
    assert two_batches.store.sql(both, one="a\0", two=quoted["first"]).is_empty()
    assert two_batches.store.sql(both, one=quoted["first"], two="a\0").is_empty()
    assert catalog_of(two_batches) == before


@given(st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.none()))
def test_bound_text_can_be_stored_whatever_holds_it(value):
    said = repr(bound({"value": value}))
    assert "\\x00" not in said and "\\ud8" not in said


def test_text_is_looked_for_as_it_is_written(two_batches):
    row = {"batch": "a\0b", "position": 2, "reason": "odd", "created_at": "2026-11-30T00:00:00+00:00"}
    two_batches.write(Commit("test", "a\0b"), [Write("growth_batches", [row], replace={"batch": "a\0b"})])
    found = two_batches.store.sql("SELECT reason FROM growth_batches WHERE batch = $batch", batch="a\0b")
    assert found["reason"].to_list() == ["odd"] and bound({}) is None and bound(None) is None


# Their values are paths, keys and texts of the project's own, or they ask no DuckLake.
_OF_ITS_OWN = {
    "resources/lake/spool.py",
    "resources/lake/ownership.py",
    "resources/lake/catalog_copy.py",
    "resources/lake/commit_lock.py",
    "resources/lake/reading.py",
    "resources/lake/writes.py",  # the files of spooled rows
    "resources/storage/index.py",
    "wethink_assets/images/contamination_check.py",
    "wethink_assets/lineage/files.py",
    "wethink_assets/lineage/index.py",
}


@pytest.mark.long
def test_every_other_statement_binds_its_parameters():
    unbound = []
    for room in ("resources", "wethink_assets", "jobs"):
        for path in sorted((PROJECT_ROOT / room).rglob("*.py")):
            name = str(path.relative_to(PROJECT_ROOT))
            for call in ast.walk(ast.parse(path.read_text("utf-8"))):
                is_statement = isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
                if not is_statement or call.func.attr not in ("execute", "executemany") or len(call.args) < 2:
                    continue
                if name not in _OF_ITS_OWN and not ast.unparse(call.args[1]).startswith("bound("):
                    unbound.append(f"{name}:{call.lineno}")
    assert not unbound
