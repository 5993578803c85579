"""Faults between us and an endpoint, with real HTTP: what passes is retried, what does not is told once."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time

import pytest

from resources.calls.errors import MAX_BODY_BYTES, retry_after
from resources.calls.keys import redact
from resources.calls.messages import CallsError, EndpointUnreachableError
from tests.resources.calls.stub_endpoint import Act, StubEndpoint, completion
from tests.resources.calls.test_engine import GOOD, SCHEMA, ask, engine_of, images, lake, ledger, one_lake, run, stub  # noqa: F401
from wethink_assets.settings import EndpointSettings


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def test_retry_after_is_honoured(stub, engine_of, lake):
    times = []

    def behave(call):
        times.append(time.monotonic())
        return (
            Act({"error": {"message": "slow down"}}, 429, {"Retry-After": "1"})
            if len(times) == 1
            else Act(completion())
        )

    stub.behave = behave
    (reply,) = run(engine_of(stub.base_url), [ask()])
    assert reply.ok and times[1] - times[0] >= 1.0
    assert ledger(lake)[0]["attempts"] == 2


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


def test_a_rejected_request_is_not_repeated(stub, engine_of, lake):
    stub.behave = lambda call: Act({"error": {"message": "too long"}}, 400) if call.text == "bad" else Act(completion())
    engine = engine_of(stub.base_url, concurrency=1)
    replies = run(engine, [ask("good"), ask("bad")])
    assert [(r.ok, r.error) for r in replies] == [(True, None), (False, "http_400")]
    run(engine_of(stub.base_url), [ask("bad")], "run2")
    assert [c.text for c in stub.calls] == ["good", "bad"]


def test_a_400_to_everything_is_about_the_setup_and_is_not_kept(stub, engine_of, lake):
    """Else a wrong switch (a schema that the endpoint does not take) would poison the ledger."""
    stub.behave = lambda call: Act({"error": {"message": "unknown parameter"}}, 400)
    (reply,) = run(engine_of(stub.base_url), [ask()])
    assert reply.error == "http_400" and ledger(lake) == []


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


@pytest.mark.parametrize("key", ["sk-one\nX-Evil: 1", "export KEY=sk-one two", "ключ"])
def test_a_key_that_no_header_takes_is_told_without_showing_it(stub, engine_of, monkeypatch, key):
    monkeypatch.setenv("STUB_KEY", key)
    with pytest.raises(CallsError, match="STUB_KEY holds spaces") as caught:
        run(engine_of(stub.base_url, api_key_env="STUB_KEY"), [ask()])
    assert key not in str(caught.value) and stub.calls == []


@pytest.mark.parametrize("url", ["localhost:8000/v1", "ftp://host/v1", "", "http://", "/v1"])
def test_what_is_no_url_is_told_by_the_settings(url):
    with pytest.raises(ValueError, match="http://localhost:8000/v1"):
        EndpointSettings(base_url=url, model="m")
    assert EndpointSettings(base_url=" http://h:1/v1 ", model="m").base_url == "http://h:1/v1"


def test_nothing_listens_is_one_clear_line(engine_of, lake):
    port = free_port()
    with pytest.raises(EndpointUnreachableError) as caught:
        run(engine_of(f"http://127.0.0.1:{port}/v1", max_attempts=3), [ask(f"q{i}") for i in range(50)])
    message = str(caught.value)
    assert message.startswith(f"role vlm: http://127.0.0.1:{port}/v1 does not answer (")
    assert "[endpoints.vlm].base_url in the file that WETHINK_CONFIG names" in message and "\n" not in message
    assert ledger(lake) == []


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


@pytest.mark.parametrize("status", [401, 403])
def test_a_wrong_key_names_its_variable_and_never_shows(stub, engine_of, lake, monkeypatch, capfd, status):
    monkeypatch.setenv("STUB_KEY", "sk-very-secret-key")
    stub.behave = lambda call: Act({"error": {"message": "Incorrect API key provided: sk-very-secret-key"}}, status)
    lines: list[str] = []
    with pytest.raises(EndpointUnreachableError) as caught:
        run(engine_of(stub.base_url, api_key_env="STUB_KEY"), [ask(f"q{i}") for i in range(20)], log=lines.append)
    message = str(caught.value)
    assert "STUB_KEY" in message and f"HTTP {status}" in message and "\n" not in message
    assert stub.calls[0].headers["Authorization"] == "Bearer sk-very-secret-key"
    out, err = capfd.readouterr()
    assert "sk-very-secret-key" not in message + out + err + "".join(lines)


def test_a_key_that_is_not_set_is_told_before_any_request(stub, engine_of, monkeypatch):
    monkeypatch.delenv("STUB_KEY", raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-another-vendor")
    with pytest.raises(CallsError, match="STUB_KEY"):
        run(engine_of(stub.base_url, api_key_env="STUB_KEY"), [ask()])
    assert stub.calls == []
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-another-vendor")
    run(engine_of(stub.base_url), [ask()])
    assert not any("of-another-vendor" in v for v in stub.calls[0].headers.values())


def test_a_key_that_the_endpoint_echoes_stays_out_of_the_ledger(stub, engine_of, lake, monkeypatch):
    monkeypatch.setenv("STUB_KEY", "sk-very-secret-key")
    stub.behave = lambda call: Act(
        completion(f"you sent {call.headers['Authorization']}", reasoning_content="sk-very-secret-key")
    )
    (reply,) = run(engine_of(stub.base_url, api_key_env="STUB_KEY"), [ask()])
    assert "sk-very" not in reply.text + str(reply.reasoning) + str(ledger(lake))


def test_an_unknown_model_is_about_the_setup(stub, engine_of, lake):
    stub.behave = lambda call: Act({"error": {"message": "The model `stub` does not exist"}}, 404)
    with pytest.raises(EndpointUnreachableError, match=r"refuses model 'stub'.*\[endpoints.vlm\]"):
        run(engine_of(stub.base_url), [ask()])


def test_a_redirect_is_about_the_setup(stub, engine_of):
    stub.behave = lambda call: Act({}, 307, {"Location": "http://127.0.0.1:9/v1/chat/completions"})
    with pytest.raises(EndpointUnreachableError, match="HTTP 307.*check base_url"):
        run(engine_of(stub.base_url), [ask()])
    assert len(stub.calls) == 1


def test_no_quota_ends_the_run(stub, engine_of):
    stub.behave = lambda call: Act({"error": {"message": "pay first", "code": "insufficient_quota"}}, 429)
    with pytest.raises(EndpointUnreachableError, match="no quota"):
        run(engine_of(stub.base_url), [ask()])
    assert len(stub.calls) == 1


class Interrupted(BaseException):
    """As Dagster's own interruption: not an Exception."""


@pytest.mark.parametrize("kind", [Interrupted, KeyboardInterrupt])
def test_an_interrupted_caller_keeps_what_is_done_and_stops_soon(stub, engine_of, lake, kind):
    stub.behave = lambda call: Act(completion(), delay_s=0.0 if len(stub.calls) <= 25 else 60)
    raised = []

    def log(line: str) -> None:
        raised.append(time.monotonic())
        raise kind

    engine = engine_of(stub.base_url, timeout_s=100)
    with pytest.raises(kind):
        run(engine, [ask(f"q{i}") for i in range(100)], log=log)
    assert time.monotonic() - raised[0] < 5
    kept = len(ledger(lake))
    assert kept == 25
    (row,) = lake.store.sql("SELECT asked, paid, reused FROM call_reuse").to_dicts()
    assert row == {"asked": 25, "paid": 25, "reused": 0}
    stub.behave = lambda call: Act(completion())
    before = len(stub.calls)
    replies = run(engine, [ask(f"q{i}") for i in range(100)], "run2")
    assert all(r.ok for r in replies) and len(stub.calls) - before == 75


def test_an_image_that_never_comes_holds_no_interrupted_caller_and_no_exit(stub, engine_of, images):
    """A bucket that hangs: the thread that reads it is left alone, and the interpreter does not wait for it."""
    reading, release = threading.Event(), threading.Event()

    def hang(image_id: str) -> bytes:
        reading.set()
        release.wait(60)
        raise OSError("gone")

    def log(line: str) -> None:
        if reading.is_set():
            raise Interrupted

    images.bytes = hang
    with pytest.raises(Interrupted):
        run(engine_of(stub.base_url), [ask(f"q{i}", image_ids=("0" * 64,)) for i in range(4)], log=log)
    left = [t for t in threading.enumerate() if t.name == "sent-images"]
    assert left and all(t.daemon for t in left) and stub.calls == []
    release.set()
    for thread in left:
        thread.join(10)
    assert not any(t.is_alive() for t in left), "they end once they can"


def test_calls_from_several_threads_share_one_engine(stub, engine_of, lake):
    engine = engine_of(stub.base_url)
    results: dict[int, list] = {}

    def work(n: int) -> None:
        results[n] = engine.run([ask(f"t{n} {i}") for i in range(20)], asset=f"a{n}", batch="", run_id="r")

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert all(r.ok for n in range(4) for r in results[n]) and len(ledger(lake)) == 80
    assert lake.store.sql("SELECT sum(asked) AS n FROM call_reuse")["n"][0] == 80


def test_a_full_disk_stops_paying_and_the_next_run_goes_on(stub, engine_of, lake, monkeypatch):
    engine = engine_of(stub.base_url, concurrency=2)
    stub.behave = lambda call: Act(completion(), delay_s=0.05)
    real = engine.ledger._store

    class Full:
        rows = real.rows

        def write(self, *_):
            raise OSError(28, "No space left on device")

    engine.ledger._store = Full()
    with pytest.raises(CallsError, match="ledger cannot be written.*No space left"):
        run(engine, [ask(f"q{i}") for i in range(500)])
    assert len(stub.calls) < 200, "no call is paid for that cannot be kept"
    engine.ledger._store = real
    asked = len(stub.calls)
    stub.behave = lambda call: Act(completion())
    replies = run(engine, [ask(f"q{i}") for i in range(500)], "run2")
    assert all(r.ok for r in replies) and len(ledger(lake)) == 500
    assert len(stub.calls) - asked <= 500


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:10 GMT", "date": "Wed, 21 Oct 2026 07:28:00 GMT"}, 10.0),
        ({"retry-after": "99999999"}, 600.0),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after-ms": "nan"}, None),
        ({}, None),
    ],
)
def test_retry_after_in_all_its_forms(headers, seconds):
    assert retry_after(headers) == seconds


def test_redaction():
    assert redact("key abcdef123 Bearer abcdefghijk", "abcdef123") == "key *** Bearer ***"


def test_repair_that_cannot_be_sent_is_asked_again_next_time(stub, engine_of, lake):
    stub.behave = lambda call: Act(completion("bad")) if len(stub.calls) == 1 else Act({"error": {}}, 503)
    (reply,) = run(engine_of(stub.base_url, max_attempts=2), [ask(schema=SCHEMA)])
    assert (reply.error, reply.text) == ("http_503", "bad") and ledger(lake) == []


def test_an_endpoint_given_by_the_caller_replaces_the_role(stub, engine_of):
    (reply,) = run(
        engine_of("http://127.0.0.1:9/v1"), [ask()], endpoint=EndpointSettings(base_url=stub.base_url, model="m")
    )
    assert reply.ok
