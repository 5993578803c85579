"""Segments of the id index: what is searched is what was put in, and no broken file is trusted."""

from __future__ import annotations

import fcntl
import os
import random

import duckdb
import numpy as np
import pytest

from resources.calls.id_segments import DataFile, Segment, digests, keeping, load, load_all, merged, save

A, B, C = (DataFile(f"{name}.parquet", 10) for name in "abc")


def segment_of(*files: tuple[DataFile, list[str]]) -> Segment:
    high, low = digests([i for _, ids in files for i in ids])
    file = np.repeat(np.arange(len(files)), [len(ids) for _, ids in files])
    row = np.concatenate([np.arange(len(ids)) for _, ids in files])
    return Segment.of([f for f, _ in files], {"high": high, "low": low, "file": file, "row": row})


def found(segment: Segment, ids: list[str]) -> set[tuple[str, str, int]]:
    high, low = digests(ids)
    order = np.argsort(high)
    keys, places = segment.search(high[order], low[order])
    return {
        (ids[order[k]], segment.files[segment.file[p]].name[0], int(segment.row[p]))
        for k, p in zip(keys, places, strict=True)
    }


def test_ids_are_hashed_as_duckdb_hashes_them():
    ids = ["", "a", "f" * 64, "Grüße, 世界"]
    halves = duckdb.sql(
        "SELECT md5_number_upper(i), md5_number_lower(i) FROM (SELECT unnest($ids) AS i)", params={"ids": ids}
    )
    high, low = digests(ids)
    assert list(zip(high.tolist(), low.tolist(), strict=True)) == halves.fetchall()


def test_every_place_of_an_id_is_found_and_nothing_else():
    ids = [f"id{n}" for n in range(1000)]
    segment = segment_of((A, ids[:600]), (B, ids[500:]))
    asked = [*ids, *(f"other{n}" for n in range(1000))]
    random.Random(1).shuffle(asked)
    expected = {(i, "a", n) for n, i in enumerate(ids[:600])} | {(i, "b", n) for n, i in enumerate(ids[500:])}
    assert found(segment, asked) == expected
    assert segment.counts == (600, 500)
    assert not found(segment_of((A, [])), ids)


def test_both_halves_count():
    high, low = np.array([7, 7, 7, 9], "u8"), np.array([1, 2, 3, 1], "u8")
    zero = np.zeros(4, "u4")
    segment = Segment.of([A], {"high": high, "low": low, "file": zero, "row": np.arange(4)})
    keys, places = segment.search(np.array([7, 7, 8, 9, 10], "u8"), np.array([2, 4, 1, 1, 1], "u8"))
    assert sorted(zip(keys.tolist(), segment.row[places].tolist(), strict=True)) == [(0, 1), (3, 3)]


def test_merged_segments_hold_live_files_once():
    one, other = segment_of((A, ["1", "2"]), (B, ["3"])), segment_of((B, ["3"]), (C, ["1"]))
    both = merged([one, other], {B, C})
    assert set(both.files) == {B, C} and len(both) == 2
    assert found(both, ["1", "2", "3"]) == {("1", "c", 0), ("3", "b", 0)}
    assert len(merged([one], frozenset())) == 0


def test_a_saved_segment_is_the_same(tmp_path):
    ids = [f"id{n}" for n in range(100)]
    kept = save(segment_of((A, ids), (B, [])), tmp_path)
    (loaded,) = load_all(tmp_path)
    assert loaded.path == kept.path and loaded.files == (A, B) and loaded.counts == (100, 0)
    assert found(loaded, ids) == {(i, "a", n) for n, i in enumerate(ids)}
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize(
    "break_it",
    [
        lambda content: content[:-1],
        lambda content: content + b"\0",
        lambda content: content[:40],
        lambda content: b"",
        lambda content: b"WTCALLS0" + content[8:],
        lambda content: content.replace(b"a.parquet", b"b.parquet"),
        lambda content: content[:8] + b"\xff" * 8 + content[16:],
    ],
)
def test_a_file_that_is_not_what_was_written_is_passed_over(tmp_path, break_it):
    kept = save(segment_of((A, ["1", "2"])), tmp_path)
    content = break_it(kept.path.read_bytes())
    kept.path.write_bytes(content)
    assert load(kept.path) is None and load_all(tmp_path) == []
    assert load(tmp_path / "gone.ids") is None


def test_one_process_at_a_time_keeps_segments_and_clears_what_a_killed_one_left(tmp_path):
    (tmp_path / "half.part").write_bytes(b"WTCALLS1")
    with keeping(tmp_path) as mine, keeping(tmp_path) as second:
        assert (mine, second) == (True, False)
    assert not list(tmp_path.glob("*.part"))
    handle = os.open(tmp_path / ".lock", os.O_RDWR)
    fcntl.flock(handle, fcntl.LOCK_EX)
    (tmp_path / "half.part").write_bytes(b"")
    with keeping(tmp_path) as mine:
        assert not mine and (tmp_path / "half.part").exists()
    os.close(handle)
