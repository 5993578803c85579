"""Faults between the engine and an endpoint, with real HTTP: what passes is retried and loses nothing."""

from __future__ import annotations

import gzip
import json
import threading
import time

import pytest

from resources.calls.chat_client import MAX_BODY_BYTES
from resources.calls.messages import EndpointUnreachableError
from tests.resources.calls.asking import GOOD, SCHEMA, ask, ledger, run
from tests.resources.calls.stub_endpoint import Act, StubEndpoint, completion


def test_a_429_storm_slows_down_and_loses_nothing(stub, engine_of, lake):
    """The server takes four at once and answers 429 to the rest."""
    stub.behave = lambda call: (
        Act({"error": {}}, 429, {"retry-after-ms": "20"}) if stub.in_flight > 4 else Act(completion(), delay_s=0.01)
    )
    replies = run(engine_of(stub.base_url, concurrency=32), [ask(f"q{i}") for i in range(150)])
    assert all(r.ok for r in replies) and len(ledger(lake)) == 150
    refused = len(stub.calls) - 150
    assert refused < 300, "the limit must fall, not hammer on"


def test_concurrency_stays_within_the_setting(stub, engine_of):
    stub.behave = lambda call: Act(completion(), delay_s=0.2)
    run(engine_of(stub.base_url, concurrency=24), [ask(f"q{i}") for i in range(100)])
    assert 16 < stub.most_in_flight <= 24, "it grows from 16 to the cap and no further"


def test_a_500_storm_passes(stub, engine_of):
    stub.behave = lambda call: Act({"error": {"message": "boom"}}, 500) if call.nth <= 2 else Act(completion())
    replies = run(engine_of(stub.base_url), [ask(f"q{i}") for i in range(40)])
    assert all(r.ok for r in replies) and len(stub.calls) == 120


@pytest.mark.parametrize("status", [500, 503, 429, 408])
def test_what_may_pass_is_not_kept_and_is_asked_again(stub, engine_of, lake, status):
    stub.behave = lambda call: Act({"error": {"message": "not now"}}, status)
    (reply,) = run(engine_of(stub.base_url, max_attempts=2), [ask()])
    assert (reply.ok, reply.error) == (False, "rate_limited" if status == 429 else f"http_{status}")
    assert "not now" in reply.detail and ledger(lake) == []
    stub.behave = lambda call: Act(completion())
    (reply,) = run(engine_of(stub.base_url), [ask()], "run2")
    assert reply.ok and not reply.reused


@pytest.mark.parametrize(
    "act",
    [Act(reset=True), Act(cut_body=True), Act(raw=b"<html>oops"), Act({"choices": []}), Act({"error": "x"}), Act([1])],
)
def test_broken_answers_are_retried(stub, engine_of, act):
    stub.behave = lambda call: act if call.nth <= 2 else Act(completion())
    (reply,) = run(engine_of(stub.base_url), [ask()])
    assert reply.ok and len(stub.calls) == 3


def test_one_request_that_always_cuts_the_connection_fails_alone(stub, engine_of, lake):
    stub.behave = lambda call: Act(reset=True) if call.text == "poison" else Act(completion())
    replies = run(engine_of(stub.base_url, max_attempts=3), [ask("poison"), *[ask(f"q{i}") for i in range(10)]])
    assert (replies[0].ok, replies[0].error) == (False, "connection")
    assert all(r.ok for r in replies[1:]) and len(ledger(lake)) == 10


def test_a_reply_that_never_ends_times_out(stub, engine_of, lake):
    stub.behave = lambda call: Act(completion(), delay_s=30) if call.nth == 1 else Act(completion())
    started = time.monotonic()
    (reply,) = run(engine_of(stub.base_url, timeout_s=0.3), [ask()])
    assert reply.ok and time.monotonic() - started < 5
    stub.behave = lambda call: Act(completion(), delay_s=30)
    (reply,) = run(engine_of(stub.base_url, timeout_s=0.2, max_attempts=2), [ask("b")])
    assert (reply.ok, reply.error) == (False, "timeout") and len(ledger(lake)) == 1


def test_a_body_that_never_ends_times_out(stub, engine_of):
    """A byte now and then: no two of them are far apart, and the answer is never whole."""
    stub.behave = lambda call: Act(drip=b" ") if call.nth <= 2 else Act(completion())
    replies = run(engine_of(stub.base_url, timeout_s=0.3), [ask(f"q{i}") for i in range(4)])
    assert all(r.ok for r in replies) and len(stub.calls) == 12


@pytest.mark.parametrize("status", [200, 500])
def test_an_endless_flood_or_a_bomb_is_given_up_before_it_fills_the_memory(stub, engine_of, status):
    bomb = gzip.compress(b'"' + b"a" * (3 * MAX_BODY_BYTES) + b'"', 1)
    packed = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    stub.behave = lambda call: (
        Act(completion())
        if call.nth > 1
        else Act(drip=b"a" * 4_000_000, status=status)
        if call.text == "flood"
        else Act(raw=bomb, status=status, headers=packed)
    )
    engine = engine_of(stub.base_url, timeout_s=60, max_attempts=1)
    assert [(r.error, r.detail) for r in run(engine, [ask("flood"), ask("bomb")])] == [
        ("bad_response", "the answer has more than 32 MiB")
    ] * 2
    assert all(r.ok for r in run(engine, [ask("flood"), ask("bomb")], "run2")), "the connections are not spoilt"


def test_names_out_of_a_reply_cannot_break_or_swell_the_ledger(stub, engine_of, lake):
    raw = json.dumps(completion("x", finish="\ud800\x00") | {"model": "m" * 1_000_000}).encode()
    stub.behave = lambda call: Act(raw=raw, headers={"Content-Type": "application/json"})
    (reply,) = run(engine_of(stub.base_url), [ask()])
    (row,) = ledger(lake)
    assert reply.ok and reply.model == row["served_model"] == "m" * 200 and row["finish_reason"] == "\ufffd\ufffd"


def test_a_text_that_no_utf_8_holds_is_sent_as_it_is_kept(stub, engine_of, lake, images):
    """Annotations may hold half of a surrogate pair; a repair shows a reply's value, which may hold one too."""
    stub.behave = lambda call: Act(
        completion(GOOD if len(call.body["messages"]) > 2 else '{"answer": "a", "score": "\\ud800"}')
    )
    texts = [ask("a \ud800 b", image_ids=(images.add(1),), schema=SCHEMA), ask("c \ud800", schema=SCHEMA)]
    assert all(r.ok for r in run(engine_of(stub.base_url), texts)) and len(stub.calls) == 4
    sent = {
        c.body["messages"][1]["content"] if isinstance(c.body["messages"][1]["content"], str) else "a \ufffd b"
        for c in stub.calls
    }
    assert sent == {"a \ufffd b", "c \ufffd"} and all("\ufffd" in r["messages"] for r in ledger(lake))


def test_an_endpoint_that_dies_keeps_what_was_done_and_resumes(lake, engine_of):
    requests = [ask(f"q{i}") for i in range(60)]
    with StubEndpoint() as server:

        def behave(call):
            if len(server.calls) == 30:
                threading.Thread(
                    target=lambda: server._loop.call_soon_threadsafe(server._loop.create_task, server.stop())
                ).start()
            return Act(completion(), delay_s=0.01)

        server.behave = behave
        with pytest.raises(EndpointUnreachableError):
            run(engine_of(server.base_url, concurrency=4, max_attempts=2), requests)
    kept = len(ledger(lake))
    assert 20 <= kept < 60
    with StubEndpoint() as server:
        replies = run(engine_of(server.base_url), requests, "run2")
        assert all(r.ok for r in replies) and len(server.calls) == 60 - kept


def test_an_endpoint_that_comes_back_is_waited_for(stub, engine_of):
    stub.behave = lambda call: Act(completion(), delay_s=0.01)
    engine = engine_of(stub.base_url, concurrency=4, max_attempts=12)
    restarted = threading.Thread(target=stub.restart)
    first = run(engine, [ask("before")])
    restarted.start()
    replies = run(engine, [ask(f"q{i}") for i in range(40)])
    restarted.join()
    assert first[0].ok and all(r.ok for r in replies)


def test_repair_that_cannot_be_sent_is_asked_again_next_time(stub, engine_of, lake):
    stub.behave = lambda call: Act(completion("bad")) if len(stub.calls) == 1 else Act({"error": {}}, 503)
    (reply,) = run(engine_of(stub.base_url, max_attempts=2), [ask(schema=SCHEMA)])
    assert (reply.error, reply.text) == ("http_503", "bad") and ledger(lake) == []
