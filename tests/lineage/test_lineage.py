"""Walks by places over a lake at size: the same trees as by scans, after every kind of change, and within bounds."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb
import pytest

from resources.lake.maintenance import maintain
from resources.lake.store import Commit, LakeStore, Write
from tests.fresh_lakes import fresh_lake
from tests.lake_at_size import fill
from tests.lineage.every_kind import IMAGE, ROWS, call, key
from tests.lineage.test_walk import lines
from wethink_assets.lineage.lineage import Lineage, walk
from wethink_assets.lineage.rows import MOST, ScannedRows
from wethink_assets.lineage.walk import QUESTIONS

ID_COLUMNS = {
    "images": "image_id",
    "source_images": "image_uri",
    "refined_descriptions": "refined_id",
    "reasoning_paths": "path_id",
    "samples": "sample_id",
    "scored_replies": "reply_id",
    "calls": "call_id",
    "benchmark_images": "image_id",
}


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """Some 250 images in two files of a batch and table."""
    home = tmp_path_factory.mktemp("large")
    store = LakeStore(*fresh_lake(home))
    fill(store, 250, files=2)
    yield store, home / "indexes"
    store.close()


def ids(store: LakeStore, *, release: bool = True) -> list[str]:
    """One of every kind."""
    some = [
        store.sql(f"SELECT {column} AS id FROM {table} ORDER BY hash({column}) LIMIT 1")["id"].to_list()
        for table, column in ID_COLUMNS.items()
    ]
    return [*(i for one in some for i in one), "set1:7", *(["release-1"] if release else [])]


def scanned(store: LakeStore, names: list[str]) -> dict[str, list[str]]:
    return {name: lines(walk(store, name)) for name in names}


def placed(places: Lineage, names: Iterable[str]) -> dict[str, list[str]]:
    return {name: lines(places.walk(name)) for name in names}


@pytest.mark.long
def test_trees_are_those_of_scans_whatever_was_done_to_the_lake(large):
    """Rows deleted from data files and from the catalog, files merged, rows added, a column that older files lack.

    Scans cost five times as much: of every kind of row they are asked once, after all that changes what a tree shows.
    """
    store, folder = large
    places = Lineage(store, folder)
    some = ids(store)[:2]
    assert placed(places, some) == scanned(store, some)
    store.sql("DELETE FROM answers WHERE answerer = 'vlm' AND hash(question_id) % 3 = 0")
    store.sql("DELETE FROM samples WHERE sample_id = (SELECT min(sample_id) FROM samples)")
    store.sql("DELETE FROM verdicts WHERE hash(subject_id) % 2 = 0")
    store.sql("ALTER TABLE samples DROP COLUMN rule_type")
    store.sql("ALTER TABLE routed_answers DROP COLUMN rule_type")
    store.sql("ALTER TABLE routed_answers ADD COLUMN rule_type VARCHAR")
    store.sql("ALTER TABLE samples ADD COLUMN rule_type VARCHAR")
    store.write(Commit("x"), [Write("calls", [call("a later call")])])
    trees = scanned(store, ids(store, release=False))  # its counts are those of its rows, which stay what they were
    assert placed(places, trees) == trees
    assert places.walk(key("a later call")).mark
    before = {path.name for path in folder.rglob("*.ids")}
    maintain(store, keep_days=0, cleanup_after_s=0)
    assert placed(places, trees) == trees
    places.refresh()
    assert before - {path.name for path in folder.rglob("*.ids")}, "the index of a merged file goes with it"
    assert placed(Lineage(store, folder), trees) == trees


def test_a_walk_scans_no_table_that_grows(large, monkeypatch):
    store, folder = large
    by_places, scanned, statements = Lineage(store, folder), set(), []
    by_places.refresh()
    original, read = ScannedRows._fetch, ScannedRows._all
    monkeypatch.setattr(
        ScannedRows, "_fetch", lambda self, table, *a: scanned.add(table.name) or original(self, table, *a)
    )
    monkeypatch.setattr(
        ScannedRows, "_all", lambda self, t, c, text, p: statements.append(text) or read(self, t, c, text, p)
    )
    monkeypatch.setattr(ScannedRows, "beginning", lambda self, table, *_: scanned.add(table) or [])
    for name in [*ids(store), "f" * 64, "0" * 8, "no such file"]:
        try:
            by_places.walk(name)
        except LookupError:
            continue
    assert statements and scanned <= {"policies", "releases", "scores"}
    assert max(text.count("read_parquet") for text in statements) <= 3, "each file once"
    reads = [part for text in statements for part in text.split("file_row_number = true)")[1:]]
    assert reads and all(
        part.startswith((" WHERE file_row_number BETWEEN", " WHERE file_row_number IN")) for part in reads
    )


def test_row_groups_of_data_files_are_small(tmp_path):
    """Whoever reads one row decodes its row group."""
    store = LakeStore(*fresh_lake(tmp_path))
    one = ROWS["source_images"][0]
    store.write(Commit("test"), [Write("source_images", [one | {"image_uri": f"coco/{n}.png"} for n in range(12_000)])])
    files = f"{store.data_path}/main/source_images/*.parquet"
    store.close()
    with duckdb.connect() as con:
        most = con.execute("SELECT max(row_group_num_rows) FROM parquet_metadata($f)", {"f": files})
        (rows,) = most.fetchall()[0]
    assert 2_048 <= rows < 10_000


def test_a_folder_that_cannot_be_written_costs_only_speed(large, tmp_path):
    store, _ = large
    (tmp_path / "file").write_text("no folder")
    name = ids(store)[0]
    assert lines(Lineage(store, tmp_path / "file").walk(name)) == lines(walk(store, name))


def test_a_broken_index_is_made_again(large):
    store, folder = large
    name = ids(store)[0]
    Lineage(store, folder).refresh()
    for path in folder.rglob("*.ids"):
        path.write_bytes(path.read_bytes()[:40])
    assert lines(Lineage(store, folder).walk(name)) == lines(walk(store, name))


@pytest.fixture(scope="module")
def crowded(tmp_path_factory):
    """An image with 10,000 questions of one call, in 3,000 files of the same bytes."""
    home = tmp_path_factory.mktemp("crowded")
    store = LakeStore(*fresh_lake(home))
    question, file = ROWS["questions"][0], ROWS["source_images"][0]
    rows = {
        "questions": [question | {"question_id": key(f"many {n}"), "position": n} for n in range(10_000)],
        "source_images": [file | {"image_uri": f"coco/{n}.png"} for n in range(3_000)],
        "calls": ROWS["calls"],
    }
    store.write(Commit("test"), [Write(table, many) for table, many in rows.items()])
    yield store, home / "indexes"
    store.close()


def test_a_tree_shows_the_first_of_many_and_counts_the_rest(crowded):
    store, folder = crowded
    by_places = Lineage(store, folder)
    text = lines(by_places.walk(IMAGE))
    assert sum(line.startswith("question ") for line in text) == QUESTIONS
    assert f"and {10_000 - QUESTIONS:,} more questions" in "\n".join(text)
    assert sum(line.startswith("file ") for line in text) == MOST and f"and {3_000 - MOST:,} more files" in text
    last = by_places.walk(key("many 9999"))
    assert [line for line in lines(last) if line.startswith("question ")] == [
        next(line for line in lines(last) if key("many 9999")[:12] in line)
    ]
    used = lines(by_places.walk(key("call of question")))
    assert len(used) < MOST + 10 and f"and {10_000 - MOST:,} more rows that rest on it" in used
