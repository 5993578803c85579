"""Recorded calls as a file: whole, readable, idempotent, and closed to what is no such file."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from resources.calls import bundle
from resources.calls.bundle import export_calls, import_calls
from resources.calls.ledger import CallLedger
from resources.lake import LakeStore
from resources.requests import CallsError
from tests.resources.test_calls import lake, one_lake  # noqa: F401
from tests.resources.test_ledger import ASKER, row


@pytest.fixture
def filled(lake):
    ledger = CallLedger(lake)
    for n in range(25):
        ledger.add(ASKER, row(n, parsed='{"a": "é"}', image_ids=["x"], batch="b1" if n % 5 else "b2"))
    ledger.flush()
    ledger.close()
    return lake.store


def everything(store):
    return store.sql("SELECT * FROM calls ORDER BY call_id").to_dicts()


def test_a_ledger_moves_whole_and_a_second_import_changes_nothing(filled, tmp_path, monkeypatch):
    monkeypatch.setattr(bundle, "ROWS_AT_ONCE", 10)
    path = tmp_path / "deep" / "calls.parquet"
    assert export_calls(filled, path) == 25 and [p.name for p in path.parent.iterdir()] == ["calls.parquet"]
    other = LakeStore(f"sqlite:{tmp_path}/other/catalog.sqlite", f"{tmp_path}/other/data")
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
    with pytest.raises(CallsError, match="rows from 0.*NOT NULL"):
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
