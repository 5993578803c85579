"""Reading without data frames: the same rows, one snapshot for several statements, and no pandas for a parameter."""

from __future__ import annotations

import subprocess
import sys

import pytest

from resources.lake.connection import LakeConnection, without_pandas
from resources.lake.store import Commit, Write
from tests.conftest import PROJECT_ROOT
from tests.resources.calls.asking import ledger_row


@pytest.fixture
def reader(lake):
    lake.write(Commit("calls"), [Write("calls", [ledger_row(n, image_ids=["é", "y"]) for n in range(3)])])
    connection = LakeConnection(lake.catalog, lake.data_path)
    yield connection
    connection.close()


def test_rows_are_those_of_the_store(lake, reader):
    ids = [ledger_row(n)["call_id"] for n in range(2)]
    rows = reader.in_snapshot(lambda snapshot: snapshot.rows("calls/find_calls", ids=ids))
    expected = lake.rows("calls/find_calls", ids=ids)
    assert sorted(rows, key=lambda r: r["call_id"]) == sorted(expected, key=lambda r: r["call_id"])
    assert len(rows) == 2


def test_what_is_committed_meanwhile_is_seen_by_the_next_snapshot(lake, reader):
    late = ledger_row(9)

    def read(snapshot):
        before = snapshot.rows("calls/find_calls", ids=[late["call_id"]])
        lake.write(Commit("calls"), [Write("calls", [late], mode="add_missing")])
        return before, snapshot.rows("calls/find_calls", ids=[late["call_id"]])

    assert reader.in_snapshot(read) == ([], [])
    assert len(reader.in_snapshot(lambda s: s.rows("calls/find_calls", ids=[late["call_id"]]))) == 1


def test_an_error_of_the_reader_leaves_and_the_connection_is_usable(reader):
    with pytest.raises(ZeroDivisionError):
        reader.in_snapshot(lambda snapshot: 1 / 0)
    assert reader.in_snapshot(lambda snapshot: snapshot.rows("calls/find_calls", ids=["x"])) == []


def test_pandas_is_away_only_within():
    code = (
        "import importlib.util, sys\n"
        "from resources.lake.connection import without_pandas\n"
        "import duckdb\n"
        "with without_pandas():\n"
        "    assert duckdb.connect().execute('SELECT $a', {'a': 'x'}).fetchall() == [('x',)]\n"
        "assert 'pandas' not in sys.modules and importlib.util.find_spec('pandas')\n"
        "import pandas\n"
        "with without_pandas():\n"
        "    assert sys.modules['pandas'] is pandas\n"
        "assert sys.modules['pandas'] is pandas\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT_ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-1000:]


def test_an_error_within_brings_pandas_back(monkeypatch):
    monkeypatch.delitem(sys.modules, "pandas", raising=False)
    with pytest.raises(ValueError, match="within"), without_pandas():
        raise ValueError("within")
    assert "pandas" not in sys.modules
