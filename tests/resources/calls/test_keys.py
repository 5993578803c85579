"""API keys: told by the name of their variable, shown nowhere, and kept out of the ledger."""

from __future__ import annotations

import pytest

from resources.calls.keys import redact
from resources.calls.messages import CallsError, EndpointUnreachableError
from tests.resources.calls.asking import ask, ledger, run
from tests.resources.calls.stub_endpoint import Act, completion


@pytest.mark.parametrize("key", ["sk-one\nX-Evil: 1", "export KEY=sk-one two", "ключ"])
def test_a_key_that_no_header_takes_is_told_without_showing_it(stub, engine_of, monkeypatch, key):
    monkeypatch.setenv("STUB_KEY", key)
    with pytest.raises(CallsError, match="STUB_KEY holds spaces") as caught:
        run(engine_of(stub.base_url, api_key_env="STUB_KEY"), [ask()])
    assert key not in str(caught.value) and stub.calls == []


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


def test_redaction():
    assert redact("key abcdef123 Bearer abcdefghijk", "abcdef123") == "key *** Bearer ***"
