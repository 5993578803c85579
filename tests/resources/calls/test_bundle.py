"""Recorded calls as a file: whole, readable, idempotent, and closed to what is no such file."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from resources.calls import bundle
from resources.calls.bundle import export_calls, import_calls
from resources.calls.ledger import CallLedger
from resources.calls.messages import CallsError
from resources.lake.resource import LakeStore
from tests.fresh_lakes import fresh_lake
from tests.resources.calls.asking import CALLER, ledger_row


@pytest.fixture
def filled(lake):
    ledger = CallLedger(lake)
    for n in range(25):
        ledger.add(CALLER, ledger_row(n, parsed='{"a": "é"}', image_ids=["x"], batch="b1" if n % 5 else "b2"))
    ledger.flush()
    ledger.close()
    return lake.store


def everything(store):
    return store.sql("SELECT * FROM calls ORDER BY call_id").to_dicts()


def test_a_ledger_moves_whole_and_a_second_import_changes_nothing(filled, tmp_path, monkeypatch):
    monkeypatch.setattr(bundle, "ROWS_AT_ONCE", 10)
    path = tmp_path / "deep" / "calls.parquet"
    assert export_calls(filled, path) == 25 and [p.name for p in path.parent.iterdir()] == ["calls.parquet"]
    other = LakeStore(*fresh_lake(tmp_path / "other"))
    assert import_calls(other, path) == bundle.Imported(25, 25, 0)
    assert everything(other) == everything(filled), "every column of every call"
    assert import_calls(other, path) == bundle.Imported(25, 0, 0)
    other.close()


def test_one_batch_can_be_exported_and_a_known_call_keeps_its_reply(filled, tmp_path):
    path = tmp_path / "calls.parquet"
    assert export_calls(filled, path, batch="b2") == 5
    with filled.connection() as connection:
        connection.execute("UPDATE calls SET reply = 'mine' WHERE call_id = 'id000005'")
    assert import_calls(filled, path) == bundle.Imported(5, 0, 1)
    assert [r["reply"] for r in everything(filled) if r["call_id"] == "id000005"] == ["mine"]


def test_what_is_no_bundle_is_one_line(filled, tmp_path):
    plain, other = tmp_path / "plain.parquet", tmp_path / "other.parquet"
    plain.write_bytes(b"PAR1 not at all")
    pq.write_table(pa.table({"call_id": ["a"]}), other)
    for path in (plain, other):
        with pytest.raises(CallsError) as caught:
            import_calls(filled, path)
        assert str(path) in str(caught.value) and "\n" not in str(caught.value)
    lacking = tmp_path / "lacking.parquet"
    pq.write_table(pa.table({"call_id": ["a"]}).replace_schema_metadata({bundle.FORMAT_KEY: bundle.FORMAT}), lacking)
    with pytest.raises(CallsError, match=r"rows from 0.*NOT NULL"):
        import_calls(filled, lacking)
    broken = tmp_path / "broken.parquet"
    export_calls(filled, broken)
    table = pq.read_table(broken)
    parsed = table["parsed"].to_pylist()
    column = pa.array([*parsed[:7], '{"a": ', *parsed[8:]], table.schema.field("parsed").type)
    pq.write_table(table.set_column(table.schema.names.index("parsed"), table.schema.field("parsed"), column), broken)
    with pytest.raises(CallsError, match="row 7: column parsed is no JSON"):
        import_calls(filled, broken)
    (tmp_path / "file").write_text("")
    with pytest.raises(CallsError, match="cannot write"):
        export_calls(filled, tmp_path / "file" / "calls.parquet")
    assert len(everything(filled)) == 25


def changed(path, **columns):
    """The file with other values in some rows: {column: {row: value}}."""
    table = pq.read_table(path)
    for name, rows in columns.items():
        values = table[name].to_pylist()
        for number, value in rows.items():
            values[number] = value
        table = table.set_column(
            table.schema.names.index(name), table.schema.field(name), pa.array(values, table.schema.field(name).type)
        )
    pq.write_table(table, path)


def test_a_call_that_stands_twice_is_taken_once(filled, tmp_path):
    path = tmp_path / "calls.parquet"
    export_calls(filled, path)
    ids = pq.read_table(path)["call_id"].to_pylist()
    changed(path, call_id={1: ids[0], 2: ids[0]}, reply={2: "another"}, parsed={2: '{"a": "b"}'})
    other = LakeStore(*fresh_lake(tmp_path / "other"))
    imported = import_calls(other, path)
    assert imported == bundle.Imported(25, 23, 2), "row 1 has a reply of its own, too"
    assert len({r["call_id"] for r in everything(other)}) == len(everything(other)) == 23
    other.close()


def test_values_that_would_break_a_later_run_are_refused(filled, tmp_path, monkeypatch):
    path = tmp_path / "calls.parquet"
    before = everything(filled)
    export_calls(filled, path)
    changed(path, cost={3: float("nan")})
    with pytest.raises(CallsError, match="row 3: column cost is nan"):
        import_calls(filled, path)
    export_calls(filled, path)
    table = pq.read_table(path)
    rubbish = pa.Array.from_buffers(
        pa.string(),
        25,
        [None, pa.py_buffer(b"".join(n.to_bytes(4, "little") for n in range(26))), pa.py_buffer(b"\xff" * 25)],
    )
    pq.write_table(
        table.set_column(table.schema.names.index("reply"), "reply", rubbish).replace_schema_metadata(
            table.schema.metadata
        ),
        path,
    )
    with pytest.raises(CallsError, match=r"cannot read .*calls.parquet"):
        import_calls(filled, path)
    export_calls(filled, path)
    monkeypatch.setattr(bundle, "MAX_ROW_GROUP", 100)
    with pytest.raises(CallsError, match=r"row group 0 takes .* at most 100"):
        import_calls(filled, path)
    assert everything(filled) == before
