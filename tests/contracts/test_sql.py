"""Every SQL file: bound against an empty lake, used, given its parameters, and read by columns that it has."""

from __future__ import annotations

import ast
import re
import sqlite3
from types import NoneType, UnionType
from typing import Any, get_args, get_type_hints

import duckdb
import pytest

from resources.lake.sql_files import statement
from resources.lake.store import LakeStore
from tests.contracts import sql_readers
from tests.contracts.statement_parameters import VALUES, given
from tests.fresh_lakes import fresh_lake
from wethink_assets.synthesis import rows as row_types

STATEMENTS = sql_readers.statements()
ARCHIVES = [name for name in STATEMENTS if name.startswith("archives/")]  # SQLite's, the others are the lake's
LAKE = [name for name in STATEMENTS if name not in ARCHIVES]

# Types of columns as Python has them; text and JSON are both str.
PYTHON: dict[str, Any] = {
    "VARCHAR": str,
    "JSON": str,
    "VARCHAR[]": list[str],
    "BIGINT": int,
    "INTEGER": int,
    "DOUBLE": float,
    "BOOLEAN": bool,
}


@pytest.fixture(scope="module")
def empty_lake(tmp_path_factory):
    root = tmp_path_factory.mktemp("lake")
    store = LakeStore(*fresh_lake(root))
    yield store
    store.close()


def _bound(store: LakeStore, name: str, text: str | None = None) -> tuple[frozenset[str], dict[str, str]]:
    """The statement's parameters, and its columns with their types, after running it."""
    (parsed,) = duckdb.extract_statements(text or statement(name))
    parameters = frozenset(parsed.named_parameters)
    with store.connection() as con, given(con, name, filled=False):
        result = con.execute(parsed, {p: VALUES.get(p, "x") for p in parameters} or None)
        columns = {c[0]: str(c[1]) for c in result.description}
    return parameters, columns


@pytest.fixture(scope="module")
def bound(empty_lake) -> dict[str, tuple[frozenset[str], dict[str, str]]]:
    problems, results = [], {}
    for name in LAKE:
        try:
            results[name] = _bound(empty_lake, name)
        except duckdb.Error as error:
            problems.append(f"sql/{name}.sql: {error}")
    assert not problems, "\n".join(problems)
    return results


@pytest.fixture(scope="module")
def bound_archives() -> dict[str, tuple[frozenset[str], dict[str, str]]]:
    con = sqlite3.connect(":memory:")
    results = {}
    for name in sorted(ARCHIVES, key=lambda name: "/create_" not in name):
        text = statement(name)
        parameters = frozenset(re.findall(r"[:$](\w+)", re.sub(r"--.*", "", text)))
        # What changes rows is compiled only.
        changes = re.match(r"(?:--.*\n)*(?:INSERT|UPDATE|DELETE)\b", text)
        result = con.execute(f"EXPLAIN {text}" if changes else text, dict.fromkeys(parameters, 1))
        results[name] = parameters, {} if changes else {c[0]: "" for c in result.description or ()}
    con.close()
    return results


def test_every_statement_binds_and_names_its_columns(bound, bound_archives):
    assert bound.keys() | bound_archives.keys() == set(STATEMENTS)
    for name, (_, columns) in bound.items():
        assert columns, name
        assert not [c for c in columns if not re.fullmatch(r"[a-z_0-9]+|Success|Count", c)], (
            f"sql/{name}.sql: a column has no name"
        )


def test_a_statement_of_a_column_that_is_gone_does_not_bind(empty_lake):
    text = statement("dataset/select_heldout_rows").replace("s.refined_cot", "s.refined_chain")
    with pytest.raises(duckdb.BinderException, match="refined_chain"):
        _bound(empty_lake, "dataset/select_heldout_rows", text)


def test_every_sql_file_is_used():
    unused = [n for n in STATEMENTS if not {n, n.partition("/")[2]} & sql_readers.named()]
    assert not unused, f"no code names {unused}: delete the files, or use them"


def test_every_statement_named_is_a_file():
    rooms = {name.partition("/")[0] for name in STATEMENTS}
    verbs = "select|find|count|sum|summarise|flush|insert|update|delete|create"
    named = {n for n in sql_readers.named() if re.fullmatch(rf"({'|'.join(rooms)})/({verbs})_\w+", n)}
    assert len(named) > 40 and named <= set(STATEMENTS)


def test_callers_give_exactly_the_parameters(bound, bound_archives):
    uses, _ = sql_readers.project()
    parameters = {name: given for name, (given, _) in (bound | bound_archives).items()}
    wrong = [
        f"{use.place} gives {sorted(use.parameters)}, sql/{use.statement}.sql takes {sorted(parameters[use.statement])}"
        for use in uses
        if use.parameters is not None and use.parameters != parameters[use.statement]
    ]
    assert len(uses) > 60 and not wrong, "\n".join(wrong)


def test_readers_take_only_columns_that_are_there(bound, bound_archives):
    _, taken = sql_readers.project()
    columns = {name: set(columns) for name, (_, columns) in (bound | bound_archives).items()}
    wrong = [
        f"{t.place} takes {t.column!r} of sql/{t.statement}.sql" for t in taken if t.column not in columns[t.statement]
    ]
    assert len(taken) > 100 and not wrong, "\n".join(wrong)


def test_the_flow_sees_a_column_that_is_not_there():
    code = """
def read(lake, batch):
    first = lake.rows("images/count_compared")[0]
    total = first["images"] + first["pictures"]
    for place, row in enumerate(lake.rows("images/select_taken", batch=batch, more=1)):
        total += row["position"] + row["nowhere"]
    with scope.windows("images/select_pool_questions", batch=batch) as windows:
        total += [row["lost"] for window in windows for row in window]
    held = lake.windows("images/select_taken", batch, size=9, batch=batch)
    total += [row["missing"] for window in held.only(["missing"]) for row in window]
    return [r.get("gone") for r in lake.rows("images/select_taken", batch=batch)], first
"""
    uses, taken = sql_readers.reading("wethink_assets/images/new.py", ast.parse(code), frozenset(STATEMENTS))
    assert {u.parameters for u in uses} == {frozenset(), frozenset({"batch"}), frozenset({"batch", "more"})}
    assert {t.column for t in taken} == {"images", "pictures", "position", "nowhere", "lost", "missing", "gone"}


@pytest.mark.parametrize("name", sorted(row_types.SELECTED))
def test_row_types_are_the_columns_of_their_statement(bound, name):
    declared = get_type_hints(row_types.SELECTED[name])
    columns = bound[f"synthesis/{name}"][1]
    assert list(declared) == list(columns)
    assert {k: PYTHON[t] for k, t in columns.items()} == {k: _plain(t) for k, t in declared.items()}


def _plain(declared: Any) -> Any:
    """A type without its None: SQL's types do not say what may be NULL, the tables' files do."""
    return next(a for a in get_args(declared) if a is not NoneType) if isinstance(declared, UnionType) else declared


def test_every_statement_a_stage_reads_has_a_row_type():
    assert row_types.SELECTED.keys() == {n.partition("/")[2] for n in STATEMENTS if n.startswith("synthesis/select_")}
