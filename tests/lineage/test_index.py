"""Indexes of ids: keys in the order of ids, places of rows, and files that are no whole index."""

from __future__ import annotations

import hashlib
from itertools import pairwise

import duckdb
import pytest

from wethink_assets.lineage.index import IdIndex, build, key_of, keys_beginning

IDS = [hashlib.sha256(f"{n}".encode()).hexdigest() for n in range(500)]
ODD = ["", "x", "feedc0de", "FEEDC0DE12345678", "coco/1.png", "0123456789abcdeg", "é" * 20]


@pytest.fixture
def data(tmp_path):
    path = tmp_path / "data.parquet"
    with duckdb.connect() as con:
        con.execute("CREATE TABLE t (id VARCHAR, ids VARCHAR[], other INTEGER, image_uri VARCHAR)")
        rows = [[i, [i, IDS[(n + 1) % 500]], n, ODD[n % len(ODD)] or None] for n, i in enumerate(IDS)]
        con.executemany("INSERT INTO t VALUES (?, ?, ?, ?)", [*rows, [IDS[7], [], 0, None]])
        con.execute(f"COPY t TO '{path}' (FORMAT parquet, ROW_GROUP_SIZE 2048)")
        build(con, str(path), ("id", "ids", "image_uri", "not_there"), tmp_path / "made" / "data.ids")
    return tmp_path / "made" / "data.ids"


def test_the_order_of_ids_is_that_of_their_keys():
    assert all(key_of(a) < key_of(b) for a, b in pairwise(sorted(IDS)))
    for n in (6, 15, 16, 40, 64):
        low, high = keys_beginning(IDS[0][:n])
        assert low <= key_of(IDS[0]) <= high and (high - low == 16 ** max(0, 16 - n) - 1)


def test_rows_of_an_id_are_found_in_columns_and_lists(data):
    index = IdIndex(data)
    assert list(index.rows("id", key_of(IDS[3]))) == [3] and list(index.rows("id", key_of(IDS[7]))) == [7, 500]
    assert list(index.rows("ids", key_of(IDS[3]))) == [2, 3]
    assert list(index.rows("id", key_of("nothing"))) == [] and list(index.rows("not_there", 1)) == []
    assert sorted(index.first_rows("id", *keys_beginning(IDS[7][:8]))) == [7]
    assert sorted(index.first_rows("id", 0, 2**64 - 1)) == list(range(500))


def test_any_text_is_found_whole_and_such_columns_are_told(data):
    index = IdIndex(data)
    for n, text in enumerate(ODD[1:], 1):
        assert list(index.rows("image_uri", key_of(text))) == list(range(n, 500, len(ODD))), text
    assert index.hashed == {"image_uri"}
    assert index.has(["id", "not_there"]) and not index.has(["other"])


@pytest.mark.parametrize("left", [0, 1, 15, 100, -8])
def test_a_file_that_was_cut_off_is_no_index(data, left):
    data.write_bytes(data.read_bytes()[:left])
    with pytest.raises(ValueError, match=r".+"):
        IdIndex(data)


def test_building_leaves_nothing_but_the_index(data):
    assert [path.name for path in data.parent.iterdir()] == ["data.ids"]
