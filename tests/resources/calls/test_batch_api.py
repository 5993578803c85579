"""The Batch API as a transport: the same ledger, nothing paid twice, whatever ends in between."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time

import pytest
from aiohttp import web

from resources.calls import batch_api, batch_files
from resources.calls.engine import CallEngine
from resources.calls.messages import BudgetSpentError, EndpointUnreachableError
from tests.conftest import PROJECT_ROOT
from tests.resources.calls.asking import GOOD, SCHEMA, ask, ledger, run
from tests.resources.calls.calls_worker import engine_on, requests_of
from tests.resources.calls.stub_endpoint import Act, StubEndpoint, completion
from wethink_assets.demo.teacher.batches import BatchApi
from wethink_assets.settings import BudgetSettings, EndpointSettings, Settings


@pytest.fixture
def engine(engine_of, stub):
    return engine_of(stub.base_url, transport="batch", batch_poll_s=0.05)


def batches(lake):
    return lake.store.sql("SELECT * FROM call_batches ORDER BY created_at").to_dicts()


def by_batch(stub: StubEndpoint) -> list[bool]:
    return ["batch" in c.headers for c in stub.calls]


def test_replies_come_through_files_and_are_never_asked_again(engine, engine_of, stub, lake, images):
    stub.behave = lambda call: Act(completion(f"re {call.text}"))
    image = images.add(3)
    requests = [ask(f"q{i}", image_ids=(image,)) for i in range(30)]
    replies = run(engine, requests)
    assert (
        [r.text for r in replies] == [f"re q{i}" for i in range(30)] and all(by_batch(stub)) and len(stub.calls) == 30
    )
    assert all(c.images == [image] for c in stub.calls)
    rows = ledger(lake)
    assert all(r["images_sent"] == [image] and r["prompt_tokens"] == 10 and r["attempts"] == 1 for r in rows)
    (batch,) = batches(lake)
    assert batch["state"] == "collected" and len(batch["call_ids"]) == 30
    again = run(engine_of(stub.base_url), requests, "run2")  # by the other transport: the same ledger
    assert all(r.reused for r in again) and len(stub.calls) == 30


def test_a_file_of_replies_may_be_larger_than_one_answer(engine, stub, lake, monkeypatch):
    monkeypatch.setattr("resources.calls.chat_client.MAX_BODY_BYTES", 1000)
    assert all(r.ok for r in run(engine, [ask(f"q{i}") for i in range(20)]))


def test_a_file_of_replies_that_is_cut_on_the_way_is_fetched_anew(engine_of, lake, monkeypatch):
    whole, cut = BatchApi.content, []

    async def content(self, request):
        if cut:
            return await whole(self, request)
        cut.append(request.path)
        response = web.StreamResponse(headers={"Content-Length": "100000"})
        await response.prepare(request)
        await response.write(b'{"custom_id": "')
        request.transport.abort()
        return response

    monkeypatch.setattr(BatchApi, "content", content)
    with StubEndpoint() as server:
        replies = run(
            engine_of(server.base_url, transport="batch", batch_poll_s=0.05), [ask(f"q{i}") for i in range(5)]
        )
        assert all(r.ok for r in replies) and len(cut) == 1 and len(server.calls) == 5


def test_large_runs_are_several_files(engine, stub, lake, monkeypatch):
    monkeypatch.setattr(
        batch_api, "write_file", lambda path, jobs, images: batch_files.write_file(path, jobs, images, max_requests=8)
    )
    assert all(r.ok for r in run(engine, [ask(f"q{i}") for i in range(20)]))
    assert sorted(len(b["call_ids"]) for b in batches(lake)) == [4, 8, 8]


def test_a_file_stays_within_its_bytes(engine, stub, lake, monkeypatch):
    monkeypatch.setattr(
        batch_api, "write_file", lambda path, jobs, images: batch_files.write_file(path, jobs, images, max_bytes=1000)
    )
    assert all(r.ok for r in run(engine, [ask(f"q{i}") for i in range(9)]))
    assert len(batches(lake)) >= 3


def test_bad_lines_fail_alone_passing_ones_go_again_and_invalid_ones_are_repaired(engine, stub, lake):
    def behave(call):
        if call.text == "busy" and call.nth == 1:
            return Act({"error": {"message": "later"}}, 500)
        if call.text == "long":
            return Act({"error": {"message": "too long"}}, 400)
        if call.text == "sloppy" and call.nth == 1:
            return Act(completion("no json"))
        return Act(completion(GOOD))

    stub.behave = behave
    replies = run(engine, [ask(t, schema=SCHEMA) for t in ("fine", "busy", "long", "sloppy")])
    assert [(r.ok, r.error) for r in replies] == [(True, None), (True, None), (False, "http_400"), (True, None)]
    assert by_batch(stub).count(False) == 1, "only the repair went out by itself"
    assert "too long" in replies[2].detail and len(batches(lake)) == 2
    assert [r["first_problem"] for r in ledger(lake) if r["first_problem"]] == ["invalid_reply"]


def test_an_unreadable_image_stops_its_row_only(engine, stub, images):
    good, bad = run(engine, [ask("a", image_ids=(images.add(1),)), ask("b", image_ids=("f" * 64,))])
    assert good.ok and bad.error == "image_missing" and len(stub.calls) == 1


def test_a_line_that_is_delivered_twice_counts_once(engine, stub, lake, monkeypatch):
    real = batch_files.read_lines
    monkeypatch.setattr(batch_api, "read_lines", lambda path: [line for line in real(path) for _ in range(2)])
    replies = run(engine, [ask(f"q{i}") for i in range(5)])
    assert all(r.ok for r in replies) and len(ledger(lake)) == 5
    assert lake.store.sql("SELECT paid FROM call_reuse")["paid"].to_list() == [5]


def test_lines_that_are_no_replies_are_passed_over(tmp_path):
    path = tmp_path / "out.jsonl"
    good = {"custom_id": "a", "response": {"status_code": 200, "body": {}}}
    expired = {"custom_id": "b", "response": None, "error": {"code": "batch_expired", "message": "too late"}}
    path.write_bytes(
        b"\n".join(
            [b"{", b"[]", b'{"custom_id": 3}', b"\xff\xfe", json.dumps(good).encode(), json.dumps(expired).encode()]
        )
    )
    assert [(x.call_id, x.status, x.detail) for x in batch_files.read_lines(path)] == [
        ("a", 200, ""),
        ("b", 0, "too late"),
    ]


def test_a_budget_is_kept_in_batches_too(stub, lake, tmp_path, images):
    endpoint = EndpointSettings(base_url=stub.base_url, model="stub", transport="batch", batch_poll_s=0.05)
    engine = CallEngine(
        Settings(home=tmp_path, endpoints={"vlm": endpoint}, budget=BudgetSettings(calls=7)), lake, images
    )
    with pytest.raises(BudgetSpentError, match="calls 7 of 7"):
        run(engine, [ask(f"q{i}") for i in range(30)])
    assert len(stub.calls) == len(ledger(lake)) == 7
    engine.close()


def test_an_endpoint_without_batches_is_one_clear_line(engine_of, lake):
    def nowhere(call):
        raise AssertionError("no chat completion is asked for")

    with StubEndpoint(nowhere) as server:
        engine = engine_of(server.base_url + "/wrong", transport="batch", batch_poll_s=0.05)
        with pytest.raises(EndpointUnreachableError, match=r'refused a batch \(HTTP 404.*transport = "chat"'):
            run(engine, [ask()])


@pytest.mark.long
def test_a_killed_process_leaves_a_batch_that_the_next_one_collects(tmp_path):
    """kill -9 while the batch is open: nothing is submitted again."""
    with StubEndpoint(lambda call: Act(completion(f"re {call.text}"), delay_s=0.4)) as server:
        worker = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.resources.calls.calls_worker",
                str(tmp_path),
                server.base_url,
                "40",
                "1",
                "batch",
            ],
            cwd=PROJECT_ROOT,
        )
        deadline, woken = time.monotonic() + 180, threading.Event()
        while not server.calls and worker.poll() is None and time.monotonic() < deadline:
            woken.wait(0.05)
        assert worker.poll() is None, "killed in mid-batch"
        worker.kill()
        worker.wait()
        engine = engine_on(tmp_path, server.base_url, transport="batch", batch_poll_s=0.05)
        replies = engine.run(requests_of(40), asset="a", batch="b", run_id="run-2")
        assert [r.text for r in replies] == [f"re request {i}" for i in range(40)]
        assert len(server.calls) == 40
        assert engine.store.sql("SELECT state, run_id FROM call_batches").to_dicts() == [
            {"state": "collected", "run_id": "run-1"}
        ]
        engine.close()


def test_a_batch_whose_creation_was_not_heard_of_is_found_by_its_metadata(engine, engine_of, stub, lake, monkeypatch):
    write = batch_api.BatchTransport._write

    async def forgetful(self, row):
        if row["state"] == "open":
            raise OSError("killed between creating and writing it down")
        await write(self, row)

    monkeypatch.setattr(batch_api.BatchTransport, "_write", forgetful)
    with pytest.raises(OSError, match="killed between"):
        run(engine, [ask(f"q{i}") for i in range(5)])
    monkeypatch.setattr(batch_api.BatchTransport, "_write", write)
    assert [b["remote_id"] for b in batches(lake)] == [None]
    replies = run(
        engine_of(stub.base_url, transport="batch", batch_poll_s=0.05), [ask(f"q{i}") for i in range(5)], "run2"
    )
    assert all(r.ok for r in replies) and len(stub.calls) == 5 and [b["state"] for b in batches(lake)] == ["collected"]
