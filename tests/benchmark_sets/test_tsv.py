"""VLMEvalKit's TSV format, with everything that real and broken files hold."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.benchmark_sets.tsv_files import Kept, b64, png, row, write
from wethink_assets.benchmark_sets.tsv import read_set


def test_columns_become_an_item(tmp_path):
    given_ = row(
        7, hint="Look.", A="a cat", B="None", C="", D="nan", answer="B", category="x", split="dev", skills="['s']"
    )
    parsed = read_set(write(tmp_path / "S.tsv", [given_]), "S", Kept())
    (item,) = parsed.items
    assert item == {
        "benchmark": "S",
        "item": "7",
        "position": 0,
        "image_ids": ["0" * 64],
        "question": "What?",
        "hint": "Look.",
        "options": ["a cat", "None", "", "nan"],
        "answer": "B",
        "category": "x",
        "split": "dev",
        "extra": {"skills": "['s']"},
    }
    assert len(parsed.md5) == 32 and parsed.rows_in == 1


def test_a_short_cell_is_the_index_of_the_row_that_holds_the_image(tmp_path):
    rows = [row(1, image="3"), row(2, image=b64(png("blue"))), row(3), row(4, image="99"), row(5, image="1")]
    kept = Kept()
    parsed = read_set(write(tmp_path / "S.tsv", rows), "S", kept)
    ids = {i["item"]: i["image_ids"] for i in parsed.items}
    assert ids["1"] == ids["3"] != ids["2"]
    assert [(s.subject_id, s.reason) for s in parsed.failed] == [("S:4", "image_reference"), ("S:5", "image_reference")]
    assert [i["item"] for i in parsed.items] == ["1", "2", "3"]
    assert len(kept) == 2


@pytest.mark.parametrize("form", [json.dumps, repr, lambda v: "['" + "',\n '".join(v) + "']"])
def test_several_images_stand_as_json_or_as_a_literal(tmp_path, form):
    cell = form([b64(png("red")), b64(png("blue"))])
    parsed = read_set(write(tmp_path / "S.tsv", [row(1, image=cell), row(2, image="1")]), "S", Kept())
    assert [len(i["image_ids"]) for i in parsed.items] == [2, 2]
    assert parsed.items[0]["image_ids"] == parsed.items[1]["image_ids"]


def test_rows_that_are_no_items_are_named_and_the_rest_goes_on(tmp_path):
    rows = [row(1), row(1), row(2, image=""), row(3, image="*" * 100), row("", question="?"), row(5)]
    parsed = read_set(write(tmp_path / "S.tsv", rows), "S", Kept())
    assert [i["item"] for i in parsed.items] == ["1", "5"]
    assert [s.reason for s in parsed.dropped] == ["no_image"]
    assert sorted(s.reason for s in parsed.failed) == ["duplicate_index", "image_not_base64", "truncated_row"]
    assert parsed.rows_in == len(rows) == len(parsed.items) + len(parsed.dropped) + len(parsed.failed)


def test_a_file_that_was_cut_off_keeps_its_whole_rows(tmp_path):
    path = write(tmp_path / "S.tsv", [row(i, A="yes", answer="A") for i in range(5)])
    path.write_bytes(path.read_bytes()[:-60])
    parsed = read_set(path, "S", Kept())
    assert [i["item"] for i in parsed.items] == ["0", "1", "2", "3"]
    assert [s.reason for s in parsed.failed] == ["truncated_row"]


def test_missing_or_foreign_files_are_one_failed_row(tmp_path):
    assert [s.reason for s in read_set(tmp_path / "S.tsv", "S", Kept()).failed] == ["missing_file"]
    (tmp_path / "S.tsv").write_text("<html>not found</html>")
    assert [s.reason for s in read_set(tmp_path / "S.tsv", "S", Kept()).failed] == ["no_header"]
    (tmp_path / "S.tsv").write_bytes(b"")
    assert [s.reason for s in read_set(tmp_path / "S.tsv", "S", Kept()).failed] == ["no_header"]
    (tmp_path / "D.tsv").mkdir()
    assert [s.reason for s in read_set(tmp_path / "D.tsv", "D", Kept()).failed] == ["unreadable_file"]


def test_quotes_line_breaks_and_other_scripts_survive(tmp_path):
    text = 'He said "no".\nThen\tshe said 是的。'
    parsed = read_set(write(tmp_path / "S.tsv", [row(1, A=text, answer="A")]), "S", Kept())
    assert parsed.items[0]["options"] == [text]


@given(st.binary(max_size=400))
def test_any_bytes_are_a_file_with_every_row_accounted_for(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("any") / "S.tsv"
    path.write_bytes(b"index\timage\tquestion\n" + data)
    parsed = read_set(path, "S", Kept())
    assert parsed.rows_in == len(parsed.items) + len(parsed.dropped) + len(parsed.failed)


def test_every_set_of_the_sample_pack_is_read_whole(tiny_pack):
    from wethink_assets.benchmark_sets.registry import BENCHMARKS

    for benchmark in BENCHMARKS:
        parsed = read_set(tiny_pack / "benchmarks" / benchmark.file_name, benchmark.name, Kept())
        assert parsed.items and not parsed.failed, benchmark.name


def test_a_file_with_another_sets_columns_is_named_and_not_read(tmp_path):
    path = write(tmp_path / "DynaMath.tsv", [row("VD_figure_0_1_0_0", answer="Yes")])
    parsed = read_set(path, "DynaMath", Kept(), columns=("qid", "answer_type"))
    assert not parsed.items and [(s.subject_id, s.reason) for s in parsed.failed] == [("DynaMath.tsv", "other_columns")]
    assert "qid, answer_type are not there" in parsed.failed[0].detail and parsed.rows_in == 1
