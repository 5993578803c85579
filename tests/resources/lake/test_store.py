"""The lake: validation, atomicity, idempotence, errors that name thing and cure."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resources.lake.maintenance import maintain
from resources.lake.rows import LakeWriteError, validated
from resources.lake.sql_files import parse_table, statement, tables
from resources.lake.store import Commit, LakeError, LakeStore, Write
from wethink_assets.stage_writes import merged


def verdict(subject: str, reason: str = "why", **other):
    return {
        "asset": "a",
        "batch": "b",
        "subject_id": subject,
        "verdict": "dropped",
        "reason": reason,
        "run_id": "r",
        **other,
    }


SLICE = {"asset": "a", "batch": "b"}


def test_every_table_file_parses_and_is_described():
    by_name = tables()
    assert len(by_name) >= 26
    for table in by_name.values():
        assert table.comment and table.key
        assert all(len(c.comment) > 3 for c in table.columns)


def test_comments_of_the_files_are_in_the_lake(lake):
    for table in tables().values():
        stored = lake.store.sql(
            "SELECT column_name, data_type, is_nullable, comment FROM duckdb_columns() "
            "WHERE database_name = 'lake' AND table_name = $t ORDER BY column_index",
            t=table.name,
        ).to_dicts()
        assert [(c["column_name"], c["comment"], c["is_nullable"]) for c in stored] == [
            (c.name, c.comment, c.nullable) for c in table.columns
        ]


def test_replacing_a_slice_twice_leaves_it_once(lake):
    other = [verdict("z", batch="other")]
    lake.write(Commit("a"), [Write("verdicts", other, replace={"asset": "a", "batch": "other"})])
    for _ in range(3):
        lake.write(Commit("a", "b", "r"), [Write("verdicts", [verdict("x"), verdict("y")], replace=SLICE)])
    assert sorted(lake.store.sql("SELECT subject_id FROM verdicts")["subject_id"]) == ["x", "y", "z"]


def test_many_small_slices_go_in_one_statement_and_nothing_else_is_touched(lake):
    def stage(asset, *subjects):
        own = {"asset": asset, "batch": ""}
        return Write("verdicts", [verdict(s, **own) for s in subjects], replace=own)

    lake.write(Commit("a"), [stage("s1", "old"), stage("s2", "old"), stage("s3", "kept"), stage("s4", "old")])
    writes = merged(
        [
            stage("s1", "x"),
            stage("s2"),
            stage("s4", "x", "y"),
            Write("verdicts", [verdict("z", asset="s5")], mode="upsert"),
        ]
    )
    assert [len(w.rows) for w in writes] == [3, 1]
    for _ in range(2):
        lake.write(Commit("a"), writes)
        verdicts = lake.store.sql("SELECT asset, subject_id FROM verdicts ORDER BY 1, 2").rows()
        assert verdicts == [("s1", "x"), ("s3", "kept"), ("s4", "x"), ("s4", "y"), ("s5", "z")]
    for bad in ([SLICE, {"asset": "a"}], [SLICE, {"asset": "a", "nope": 1}]):
        with pytest.raises(LakeWriteError, match=r"nope|differ"):
            lake.write(Commit("a"), [Write("verdicts", [], replace=bad)])
    assert len(verdicts) == len(lake.store.sql("SELECT 1 FROM verdicts"))


def test_add_missing_keeps_and_upsert_replaces(lake):
    lake.write(Commit("a"), [Write("verdicts", [verdict("x", "first")], replace=SLICE)])
    added = lake.write(Commit("a"), [Write("verdicts", [verdict("x", "second"), verdict("y")], mode="add_missing")])
    assert added == 1
    lake.write(Commit("a"), [Write("verdicts", [verdict("y", "third")], mode="upsert")])
    verdicts = lake.store.sql("SELECT subject_id, reason FROM verdicts ORDER BY subject_id").rows()
    assert verdicts == [("x", "first"), ("y", "third")]


def test_a_failing_table_undoes_the_whole_commit(lake):
    before = lake.snapshot_id()
    with pytest.raises(LakeWriteError, match=r"reason.. is NOT NULL"):
        lake.write(
            Commit("a"),
            [
                Write("verdicts", [verdict("x")], replace=SLICE),
                Write("verdicts", [{**SLICE, "subject_id": "y", "verdict": "d", "run_id": "r"}]),
            ],
        )
    with pytest.raises(LakeWriteError, match="no column"):
        lake.write(
            Commit("a"), [Write("verdicts", [verdict("x")], replace=SLICE), Write("verdicts", [], replace={"nope": 1})]
        )
    assert lake.snapshot_id() == before


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([verdict("x", nope=1)], "no column"),
        ([verdict(None)], "NULL in NOT NULL column subject_id, first in row 0"),
        ([verdict("x"), verdict("x")], "is repeated"),
        ([verdict(3)], "column subject_id is VARCHAR"),
    ],
)
def test_rows_that_do_not_fit_are_refused_by_name(rows, message):
    with pytest.raises(LakeWriteError, match=message):
        validated(tables()["verdicts"], rows)


def test_the_commit_names_asset_partition_and_run(lake):
    lake.write(Commit("image_pool", "batch-1", "run-7"), [Write("verdicts", [verdict("x")], replace=SLICE)])
    last = lake.store.sql("FROM lake.snapshots() ORDER BY snapshot_id DESC LIMIT 1").to_dicts()[0]
    assert last["author"] == "image_pool"
    assert last["commit_message"] == "image_pool [batch-1] run run-7"


def test_no_nul_reaches_the_lake_in_text_lists_json_or_ids(lake):
    question = {"refined_id": "r", "image_id": "i", "batch": "b", "position": 0, "category": "MC", "call_id": "c"}
    nul = {"question_id": "q\0", "question": "a\0?", "options": ["x\0", "y", None], "abilities": [], "run_id": "r"}
    clean = {"question_id": "q\ufffd", "question": "a\ufffd?", "options": ["x\ufffd", "y", None]}
    for replace in ({"question_id": "q\0"}, [{"question_id": "q\0"}, {"question_id": "other\0"}]):
        assert lake.write(Commit("questions"), [Write("questions", [{**question, **nul}], replace=replace)]) == 1
        (row,) = lake.store.sql(
            "FROM questions JOIN (SELECT question_id FROM questions) USING (question_id)"
        ).to_dicts()
        assert {name: row[name] for name in clean} == clean
    given = validated(tables()["verdicts"], [verdict("s", detail="\0")])
    assert given["detail"].to_list() == ["\ufffd"] and given["subject_id"].to_list() == ["s"]
    image = {"image_uri": "u", "source": "s", "image_id": "i", "file_bytes": 1, "position": 0, "split": None}
    texts = [{"batch": "b", "licence": "x", "context": text, "run_id": "r"} for text in ('{"a": "\0"}', {"a": "\0"})]
    told = [validated(tables()["source_images"], [{**image, **text}])["context"][0] for text in texts]
    assert told == ['{"a": "\ufffd"}', '{"a": "\\u0000"}']
    with pytest.raises(LakeWriteError, match="is repeated"):
        validated(tables()["verdicts"], [verdict("s\0"), verdict("s\ufffd")])


def test_an_old_snapshot_can_be_read_again(lake):
    lake.write(Commit("a"), [Write("verdicts", [verdict("x")], replace=SLICE)])
    old = lake.snapshot_id()
    lake.write(Commit("a"), [Write("verdicts", [verdict("y")], replace=SLICE)])
    then = lake.store.sql(f"SELECT subject_id FROM verdicts AT (VERSION => {old})")
    assert then["subject_id"].to_list() == ["x"]


def test_rows_survive_maintenance(lake):
    lake.write(Commit("a"), [Write("verdicts", [verdict(str(i)) for i in range(50)], replace=SLICE)])
    maintain(lake.store, keep_days=0, cleanup_after_s=0)
    assert lake.store.sql("SELECT count(*) AS n FROM verdicts")["n"][0] == 50


def test_a_new_nullable_column_reaches_an_old_lake(tmp_path, monkeypatch):
    store = LakeStore(f"sqlite:{tmp_path}/c.sqlite", f"{tmp_path}/d")
    store.write(Commit("a"), [Write("verdicts", [verdict("x")], replace=SLICE)])
    with store.connection() as con:
        con.execute("ALTER TABLE verdicts DROP COLUMN detail")
    store.close()
    assert store.sql("SELECT subject_id, detail FROM verdicts").rows() == [("x", None)]


def test_an_unreachable_catalog_names_itself_without_its_password(tmp_path):
    store = LakeStore("postgres:host=127.0.0.1 port=1 dbname=x password=hunter2", str(tmp_path))
    with pytest.raises(LakeError) as error:
        store.snapshot_id()
    assert "WETHINK_LAKE_CATALOG" in str(error.value) and "port=1" in str(error.value)
    assert "hunter2" not in str(error.value)


def test_an_unwritable_home_names_the_cure(tmp_path):
    (tmp_path / "file").write_text("in the way")
    store = LakeStore(f"sqlite:{tmp_path}/file/catalog.sqlite", f"{tmp_path}/file/data")
    with pytest.raises(LakeError, match="Set WETHINK_HOME"):
        store.snapshot_id()


def test_a_statement_outside_the_folder_is_refused():
    with pytest.raises(FileNotFoundError):
        statement("../pyproject")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from([*tables()["verdicts"].column_names, "x"]), st.none() | st.text() | st.integers()
        ),
        max_size=4,
    )
)
def test_validation_never_fails_in_another_way(rows):
    try:
        frame = validated(tables()["verdicts"], rows)
    except LakeWriteError:
        return
    assert isinstance(frame, pl.DataFrame) and frame.columns == list(tables()["verdicts"].column_names)


def test_a_table_file_without_column_comment_is_refused():
    with pytest.raises(ValueError, match="line 4"):
        parse_table("-- About\n-- key: a\nCREATE TABLE t (\n  a VARCHAR\n);")
    with pytest.raises(ValueError, match="lower-case words"):
        parse_table("-- About\n-- key: a\n-- kind: Row-1\nCREATE TABLE t (\n  a VARCHAR -- the id\n);")
