"""Rows that wait on disk for their commit, and statements read in windows: nothing lost, reordered or doubled."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resources.lake.rows import LakeWriteError
from resources.lake.spool import Spool
from resources.lake.store import Commit, LakeError, Write

SLICE = {"batch": "b"}


def question(n: int, **other):
    return {
        "question_id": f"q{n:05}",
        "image_id": "i",
        "refined_id": "r",
        "batch": "b",
        "position": n,
        "question": f"What is {n}? ‽",
        "category": "MC",
        "options": ["a", "b"] if n % 2 else [],
        "abilities": ["reasoning"],
        "call_id": "c",
        "run_id": "r",
        **other,
    }


def spooled(folder, *parts) -> Spool:
    spool = Spool("questions", folder)
    for part in parts:
        spool.append(part)
    return spool


def test_spooled_rows_are_written_as_given_rows_are(lake, tmp_path):
    rows = [question(n) for n in range(7)]
    lake.write(Commit("questions"), [Write("questions", rows, replace=SLICE)])
    before = lake.slice("questions", "b")
    spool = spooled(tmp_path, rows[:3], [], rows[3:6], rows[6:])
    assert spool.rows == 7 and spool.column("question_id") == [row["question_id"] for row in rows]
    for _ in range(2):
        assert lake.write(Commit("questions"), [Write("questions", spool, replace=SLICE)]) == 7
        assert lake.slice("questions", "b") == before


@pytest.mark.parametrize("name", ["batch=evil", "a[1]", "run_id=7"])
def test_the_name_of_a_folder_changes_nothing(lake, tmp_path, name):
    spool = spooled(tmp_path / name, [question(1)], [question(2)])
    lake.write(Commit("questions"), [Write("questions", spool, replace=SLICE)])
    rows = lake.store.sql("FROM questions ORDER BY position").to_dicts()
    assert [(r["position"], r["batch"], r["run_id"]) for r in rows] == [(1, "b", "r"), (2, "b", "r")]
    assert [row["batch"] for part in spool.windows() for row in part] == ["b", "b"]
    windows = lake.windows("synthesis/select_written_questions", tmp_path / name / "in", size=1, batch="b")
    assert len(list(windows)) == 2


def test_a_failure_in_mid_stream_is_the_lakes_own(lake, tmp_path):
    """A data file that is lost behind the first rows: the error names the cure, as where rows are read at once."""
    for batch in range(3):
        rows = [question(n, question_id=f"{batch}-{n}", run_id=f"r{batch}") for n in range(9_000)]
        lake.write(Commit("questions"), [Write("questions", rows, replace={"batch": "b", "run_id": f"r{batch}"})])
    files = sorted(Path(lake.data_path).rglob("*.parquet"), key=lambda path: path.stat().st_mtime_ns)
    files[-1].unlink()
    with pytest.raises(LakeError, match="Free space or restore access"):
        lake.windows("synthesis/select_written_questions", tmp_path, size=100, batch="b")


def test_an_empty_spool_empties_its_slice_and_no_other(lake, tmp_path):
    lake.write(Commit("questions"), [Write("questions", [question(1), question(2, batch="other")], replace={})])
    assert lake.write(Commit("questions"), [Write("questions", spooled(tmp_path), replace=SLICE)]) == 0
    assert [row["batch"] for row in lake.store.sql("FROM questions").to_dicts()] == ["other"]


@pytest.mark.parametrize(("mode", "kept"), [("add_missing", "first"), ("upsert", "second")])
def test_spooled_rows_join_those_of_equal_keys(lake, tmp_path, mode, kept):
    lake.write(Commit("questions"), [Write("questions", [question(1, question="first")], replace={})])
    spool = spooled(tmp_path, [question(1, question="second")], [question(2, question="new")])
    lake.write(Commit("questions"), [Write("questions", spool, mode=mode)])
    assert [row["question"] for row in lake.slice("questions", "b")] == [kept, "new"]


def test_a_key_that_two_parts_hold_is_refused_and_nothing_is_written(lake, tmp_path):
    lake.write(Commit("questions"), [Write("questions", [question(5)], replace=SLICE)])
    spool = spooled(tmp_path, [question(1)], [question(2), question(1)])
    with pytest.raises(LakeWriteError, match=r"questions: key \{'question_id': 'q00001'\} is repeated"):
        lake.write(Commit("questions"), [Write("questions", spool, replace=SLICE)])
    assert [row["position"] for row in lake.slice("questions", "b")] == [5]
    with pytest.raises(LakeWriteError, match="no column"):
        spooled(tmp_path / "other", [question(1, colour="red")])


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(size=st.integers(1, 50), count=st.sampled_from([0, 1, 49, 50, 51, 120]))
def test_windows_are_the_statement_in_its_order(lake, tmp_path_factory, size, count):
    rows = [question(n) for n in range(count)]
    lake.write(Commit("questions"), [Write("questions", rows, replace=SLICE)])
    name = "synthesis/select_written_questions"
    windows = lake.windows(name, tmp_path_factory.mktemp("windows"), size=size, batch="b")
    lake.write(Commit("questions"), [Write("questions", [], replace=SLICE)])  # they are as they were
    read = list(windows)
    assert windows.rows == count and all(1 <= len(window) <= size for window in read)
    assert sorted(row["question_id"] for window in read for row in window) == [row["question_id"] for row in rows]


def test_json_and_lists_come_out_of_windows_as_out_of_rows(lake, tmp_path):
    image = {
        "batch": "b",
        "source": "coco",
        "image_uri": "coco/1.png",
        "image_id": "i",
        "licence": "CC-BY",
        "file_bytes": 1,
        "position": 0,
        "context": {"captions": ["Ein Hund"]},
        "run_id": "r",
    }
    lake.write(Commit("source_images"), [Write("source_images", [image], replace={})])
    name = "images/select_taken"
    assert list(lake.windows(name, tmp_path, size=9, batch="b")) == [lake.rows(name, batch="b")]


def test_rows_of_a_slice_by_their_key(lake):
    lake.write(Commit("questions"), [Write("questions", [question(n) for n in range(4)], replace={})])
    among = lake.slice("questions", "b", key="question_id", among=["q00003", "q00001", "absent"])
    assert [row["position"] for row in among] == [1, 3]
    assert lake.slice("questions", "b", key="question_id", among=[]) == []
