"""What an HTTP failure tells: `Retry-After`, a wrong setup, and an endpoint that nothing answers for."""

from __future__ import annotations

import time

import pytest

from resources.calls.errors import retry_after
from resources.calls.messages import EndpointUnreachableError
from tests.resources.calls.asking import ask, free_port, ledger, run
from tests.resources.calls.stub_endpoint import Act, completion
from wethink_assets.settings import EndpointSettings


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


def test_a_rejected_request_is_not_repeated(stub, engine_of, lake):
    refusal = {"error": {"message": "filtered", "code": "content_filter"}}
    stub.behave = lambda call: Act(refusal, 400) if call.text == "bad" else Act(completion())
    engine = engine_of(stub.base_url, concurrency=1)
    replies = run(engine, [ask("good"), ask("bad")])
    assert [(r.ok, r.error) for r in replies] == [(True, None), (False, "http_400")]
    run(engine_of(stub.base_url), [ask("bad")], "run2")
    assert [c.text for c in stub.calls] == ["good", "bad"]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (413, b"<html>413 Request Entity Too Large</html>"),
        (400, b"<html>400 Bad Request</html>"),
        (400, b'{"error": {"message": "no such deployment", "code": "bad_gateway_config"}}'),
        (422, b"{}"),
    ],
)
def test_what_a_proxy_may_have_refused_is_asked_again_by_the_next_run(stub, engine_of, lake, status, body):
    """It was wrong for an hour: its refusal cost nothing and says nothing of the request."""
    stub.behave = lambda call: Act(raw=body, status=status) if call.text == "bad" else Act(completion())
    replies = run(engine_of(stub.base_url, concurrency=1), [ask("good"), ask("bad")])
    assert [r.error for r in replies] == [None, f"http_{status}"] and len(stub.calls) == 2, "once in a run"
    stub.behave = lambda call: Act(completion())
    (reply,) = run(engine_of(stub.base_url), [ask("bad")], "run2")
    assert reply.ok and len(ledger(lake)) == 2


@pytest.mark.parametrize("code", [402, "402", "insufficient_quota"])
def test_no_credit_within_an_answer_of_status_200_ends_the_run(stub, engine_of, lake, code):
    stub.behave = lambda call: Act({"error": {"code": code, "message": "Insufficient credits"}})
    with pytest.raises(EndpointUnreachableError, match=r"no credit left .*Insufficient credits"):
        run(engine_of(stub.base_url, concurrency=1), [ask(f"q{i}") for i in range(20)])
    assert len(stub.calls) == 1 and ledger(lake) == []


@pytest.mark.parametrize("within", [{"error": {"code": 429, "message": "slow"}}, None])
def test_a_rate_limit_within_an_answer_of_status_200_is_waited_for(stub, engine_of, lake, within):
    """It says "later", so that it is tried more often than what is broken."""
    limited = within or {"choices": [{"finish_reason": "error", "error": {"code": 429, "message": "slow"}}]}
    stub.behave = lambda call: Act(limited) if call.nth <= 3 else Act(completion())
    (reply,) = run(engine_of(stub.base_url, max_attempts=2), [ask()])
    assert reply.ok and len(stub.calls) == 4
    stub.behave = lambda call: Act(limited)
    (reply,) = run(engine_of(stub.base_url, max_attempts=1), [ask("never")])
    assert (reply.error, reply.detail) == ("rate_limited", "slow") and len(ledger(lake)) == 1


def test_a_400_to_everything_is_about_the_setup_and_is_not_kept(stub, engine_of, lake):
    """Else a wrong switch (a schema that the endpoint does not take) would poison the ledger."""
    stub.behave = lambda call: Act({"error": {"message": "unknown parameter"}}, 400)
    (reply,) = run(engine_of(stub.base_url), [ask()])
    assert reply.error == "http_400" and ledger(lake) == []


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


def test_an_unknown_model_is_about_the_setup(stub, engine_of, lake):
    stub.behave = lambda call: Act({"error": {"message": "The model `stub` does not exist"}}, 404)
    with pytest.raises(EndpointUnreachableError, match=r"refuses model 'stub'.*\[endpoints.vlm\]"):
        run(engine_of(stub.base_url), [ask()])


def test_a_redirect_is_about_the_setup(stub, engine_of):
    stub.behave = lambda call: Act({}, 307, {"Location": "http://127.0.0.1:9/v1/chat/completions"})
    with pytest.raises(EndpointUnreachableError, match=r"HTTP 307.*check base_url"):
        run(engine_of(stub.base_url), [ask()])
    assert len(stub.calls) == 1


def test_no_quota_ends_the_run(stub, engine_of):
    stub.behave = lambda call: Act({"error": {"message": "pay first", "code": "insufficient_quota"}}, 429)
    with pytest.raises(EndpointUnreachableError, match="no quota"):
        run(engine_of(stub.base_url), [ask()])
    assert len(stub.calls) == 1


def test_an_endpoint_given_by_the_caller_replaces_the_role(stub, engine_of):
    (reply,) = run(
        engine_of("http://127.0.0.1:9/v1"), [ask()], endpoint=EndpointSettings(base_url=stub.base_url, model="m")
    )
    assert reply.ok
