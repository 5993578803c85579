"""Forgotten calls: asked again by the next run, never a reply by accident, and still told where rows name them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from resources.calls.budget import Estimate
from resources.calls.forgetting import Which, forget, forgettable
from resources.calls.id_index import IdIndex
from resources.calls.ledger import CallLedger
from resources.calls.messages import CallsError
from resources.lake.sql_files import tables
from resources.lake.store import Commit, LakeStore, Write
from tests.fresh_lakes import fresh_lake
from tests.resources.calls.asking import CALLER, SCHEMA, ask, ledger, ledger_row, run
from tests.resources.calls.stub_endpoint import Act, completion
from wethink_assets.cli.main import main
from wethink_assets.settings import EndpointSettings, Settings

FILTERED = {"error": {"message": "filtered", "code": "content_filter"}}
HOUR = datetime(2026, 5, 1, 12, tzinfo=UTC)


def put(store: LakeStore, *rows: dict) -> None:
    store.write(Commit("test"), [Write("calls", list(rows))])


def failed(n: int, error: str, **values) -> dict:
    return ledger_row(n, status="failed", error=error, reply=None, cost=0.25, endpoint="http://a/v1", **values)


def kept(lake) -> list[str]:
    return [row["call_id"] for row in ledger(lake)]


def test_a_forgotten_call_is_asked_again_under_its_own_id_and_what_it_cost_stays_counted(stub, engine_of, lake):
    stub.behave = lambda call: Act(FILTERED, 400) if call.text == "bad" else Act(completion())
    run(engine_of(stub.base_url, concurrency=1), [ask("good"), ask("bad")])
    before = {row["status"]: row["call_id"] for row in ledger(lake)}
    assert forget(lake.store, Which()) == 1
    assert [row["call_id"] for row in ledger(lake)] == [before["ok"]], "and no reply with it"
    stub.behave = lambda call: Act(completion("better"))
    replies = run(engine_of(stub.base_url), [ask("good"), ask("bad")], "run2")
    assert [(r.text, r.reused) for r in replies] == [("ok", True), ("better", False)]
    assert [c.text for c in stub.calls] == ["good", "bad", "bad"]
    assert {row["call_id"] for row in ledger(lake)} == set(before.values())
    spent = lake.store.rows("calls/sum_spent", run_id="")[0]
    assert spent["calls"] == 3, "asked twice is paid twice"
    assert forget(lake.store, Which()) == 0


@pytest.mark.parametrize(
    ("which", "gone"),
    [
        (Which(), [0, 1, 2, 3]),
        (Which(errors=("http_400", "refusal")), [0, 1, 3]),
        (Which(errors=("http_400",), models=("other",)), [3]),
        (Which(roles=("judge",)), [2]),
        (Which(endpoints=("http://b/v1",)), [1]),
        (Which(since=HOUR, until=HOUR.replace(hour=13)), [1]),
        (Which(roles=("judge",), replies_too=True), [2, 4]),
        (Which(errors=("no such",)), []),
    ],
    ids=["all failed", "errors", "error and model", "role", "endpoint", "an hour", "replies of a role", "none"],
)
def test_what_is_forgotten_is_what_was_shown_and_no_more(lake, which, gone):
    rows = [
        failed(0, "http_400"),
        failed(1, "refusal") | {"endpoint": "http://b/v1", "created_at": HOUR},
        failed(2, "length", role="judge"),
        failed(3, "http_400", model="other"),
        ledger_row(4, role="judge"),
        ledger_row(5),
    ]
    put(lake.store, *rows)
    shown = forgettable(lake.store, which, Settings())
    assert sum(group.calls for group in shown) == len(gone)
    assert forget(lake.store, which) == len(gone)
    assert kept(lake) == [f"id{n:06d}" for n in range(6) if n not in gone]
    there = lake.store.sql("SELECT * EXCLUDE (forgotten_at) FROM forgotten_calls ORDER BY call_id").to_dicts()
    assert [row["call_id"] for row in there] == [f"id{n:06d}" for n in gone]
    assert all(row[name] == rows[n][name] for n, row in zip(gone, there, strict=True) for name in rows[n]), "whole"


@pytest.mark.parametrize("which", [Which(replies_too=True), Which(replies_too=True, errors=("ok",))])
def test_replies_go_only_by_a_choice(lake, which):
    put(lake.store, ledger_row(1))
    for attempt in (lambda: forgettable(lake.store, which, Settings()), lambda: forget(lake.store, which)):
        with pytest.raises(CallsError, match="--replies-too"):
            attempt()
    assert kept(lake) == ["id000001"]


def test_a_commit_that_fails_forgets_nothing(lake, monkeypatch):
    put(lake.store, failed(1, "refusal"))
    monkeypatch.setattr(
        "resources.lake.store.statement",
        lambda name: "SELECT no_such_column FROM calls" if "delete_forgotten" in name else _statement(name),
    )
    from resources.lake.sql_files import statement as _statement

    with pytest.raises(Exception, match="no_such_column"):
        forget(lake.store, Which())
    monkeypatch.undo()
    assert kept(lake) == ["id000001"] and lake.store.sql("SELECT * FROM forgotten_calls").is_empty()


def test_asking_again_costs_at_most_what_the_budget_reserves_for_it(stub, engine_of, lake, tmp_path):
    """Whatever is shown, the engine's own worst case is no more: else a budget would stop what was promised."""
    stub.behave = lambda call: Act(FILTERED, 400)
    endpoint = EndpointSettings(base_url=stub.base_url, model="stub", price_in=1.0, price_out=2.0, thinking=True)
    requests = [
        ask("é" * 900, role="vlm", parameters={"max_tokens": 700}, schema=SCHEMA),
        ask("short", role="reasoner", history=(("user", "before"), ("assistant", "so"))),
    ]
    for request in requests:
        run(engine_of(stub.base_url, thinking=True), [ask("first", role=request.role)])
        stub.behave = lambda call: Act(FILTERED, 400)
    run(engine_of(stub.base_url, thinking=True), requests)
    settings = Settings(home=tmp_path, endpoints={"vlm": endpoint, "reasoner": endpoint})
    (vlm,) = forgettable(lake.store, Which(roles=("vlm",)), settings)
    (reasoner,) = forgettable(lake.store, Which(roles=("reasoner",)), settings)
    for group, request in zip((vlm, reasoner), requests, strict=True):
        worst = [Estimate().worst(r, endpoint).cost for r in (request, ask("first", role=request.role))]
        assert group.calls == 2 and sum(worst) <= (group.again or 0) <= 1.2 * sum(worst)
    put(lake.store, failed(7, "length", role="policy"))
    assert forgettable(lake.store, Which(roles=("policy",)), settings)[0].again is None, "served here, without a price"


def test_the_index_of_ids_passes_over_what_was_forgotten_in_files_and_catalog(tmp_path, monkeypatch):
    monkeypatch.setattr("resources.calls.id_index.SMALL", 0)
    monkeypatch.setattr("resources.calls.id_index.KEPT_ROWS", 1)
    store = LakeStore(*fresh_lake(tmp_path))
    put(store, *(failed(n, "length") if n % 3 == 0 else ledger_row(n) for n in range(60)))
    store.flush_inlined("calls")
    put(store, failed(60, "length"), ledger_row(61))
    ids = [f"id{n:06d}" for n in range(62)]
    other = IdIndex(store, tmp_path / "index")  # of a process that runs meanwhile
    assert len(other.known(ids)) == 62
    assert forget(store, Which(errors=("length",))) == 21
    left = {i for n, i in enumerate(ids) if n % 3}
    for index in (other, IdIndex(store, tmp_path / "index"), IdIndex(store)):
        assert index.known(ids) == left and set(index.find(ids)) == left
    ledger = CallLedger(store, tmp_path / "index")
    ledger.add(CALLER, ledger_row(0, reply="again"))
    ledger.flush()
    ledger.close()
    for index in (other, IdIndex(store, tmp_path / "index")):
        assert index.find(ids[:1])[ids[0]]["reply"] == "again" and index.known(ids) == left | {ids[0]}
    store.flush_inlined("calls")
    assert IdIndex(store, tmp_path / "index").find(ids[:1])[ids[0]]["reply"] == "again"
    store.close()


def test_a_forgotten_call_keeps_every_column():
    (columns, forgotten) = (tables()[name].columns for name in ("calls", "forgotten_calls"))
    assert [(c.name, c.type) for c in columns] == [(c.name, c.type) for c in forgotten[:-1]]


def test_the_command_shows_first_and_forgets_with_yes(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("WETHINK_HOME", str(tmp_path))
    store = LakeStore.of(Settings(home=tmp_path), create=True)
    put(store, failed(1, "http_413"), failed(2, "refusal"), ledger_row(3))
    forgetting = ["calls", "forget", "--error", "http_413"]
    looked = CliRunner().invoke(main, forgetting)
    assert looked.exit_code == 0 and "1 calls, for which 0.2500 was paid" in looked.output and "--yes" in looked.output
    assert len(store.sql("SELECT 1 FROM calls")) == 3, "a look changes nothing"
    done = CliRunner().invoke(main, [*forgetting, "--yes"])
    assert done.exit_code == 0 and "1 calls are forgotten" in done.output
    assert store.sql("SELECT call_id FROM calls ORDER BY 1")["call_id"].to_list() == ["id000002", "id000003"]
    refused = CliRunner().invoke(main, ["calls", "forget", "--replies-too", "--yes"])
    assert refused.exit_code == 1 and "say which" in refused.output
    nothing = CliRunner().invoke(main, ["calls", "forget", "--since", "2031-01-01 10:00"])
    assert nothing.exit_code == 0 and "no such call" in nothing.output
    store.close()
