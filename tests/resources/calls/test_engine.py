"""Model calls against a real HTTP server: success, identity, reuse of what the ledger knows, and images."""

from __future__ import annotations

import json
import logging

import pytest

from resources.calls.messages import CallsError, ModelRequest
from tests.resources.calls.asking import GOOD, SCHEMA, ask, ledger, run
from tests.resources.calls.stub_endpoint import Act, StubEndpoint, completion
from wethink_assets.settings import EndpointSettings


def test_a_reply_with_usage_is_paid_and_kept(stub, engine_of, lake):
    (reply,) = run(engine_of(stub.base_url), [ask(parameters={"temperature": 0.2})])
    assert (reply.ok, reply.text, reply.error, reply.reused) == (True, "ok", None, False)
    assert (reply.prompt_tokens, reply.completion_tokens, reply.model) == (10, 5, "stub-served")
    assert reply.cost == pytest.approx((10 * 1.0 + 5 * 2.0) / 1e6)
    (row,) = ledger(lake)
    assert (row["call_id"], row["status"], row["role"], row["asset"]) == (reply.call_id, "ok", "vlm", "descriptions")
    assert (row["attempts"], row["finish_reason"], row["run_id"]) == (1, "stop", "run1")
    assert json.loads(row["parameters"]) == {"temperature": 0.2}
    assert json.loads(row["messages"])[0] == {"role": "system", "content": "be brief"}
    body = stub.calls[0].body
    assert body["model"] == "stub" and body["temperature"] == 0.2 and "response_format" not in body


def test_equal_requests_are_asked_once_and_replies_stay_aligned(stub, engine_of, lake):
    stub.behave = lambda call: Act(completion(f"re {call.text}"))
    texts = ["a", "b", "a", "c", "b", "a"]
    replies = run(engine_of(stub.base_url), [ask(t) for t in texts])
    assert [r.text for r in replies] == [f"re {t}" for t in texts]
    assert [r.reused for r in replies] == [False, False, True, False, True, True]
    assert sorted(c.text for c in stub.calls) == ["a", "b", "c"]
    (row,) = lake.store.sql("SELECT * FROM call_reuse").to_dicts()
    assert (row["asked"], row["paid"], row["reused"]) == (6, 3, 3)
    assert row["saved"] == pytest.approx(3 * 20e-6)


def test_a_second_run_batch_and_port_pay_nothing(stub, engine_of, lake):
    requests = [ask(f"q{i}") for i in range(20)]
    first = run(engine_of(stub.base_url), requests)
    with StubEndpoint() as other:
        engine = engine_of(other.base_url)
        assert engine.missing(requests) == 0 and engine.missing([*requests, ask("new"), ask("new")]) == 1
        second = engine.run(requests, asset="questions", batch="b2", run_id="run2")
        assert other.calls == []
    assert [r.text for r in second] == [r.text for r in first] and all(r.reused for r in second)
    assert [(r.call_id, r.cost) for r in second] == [(r.call_id, r.cost) for r in first]
    assert {r["run_id"] for r in ledger(lake)} == {"run1"}
    row = lake.store.sql("SELECT * FROM call_reuse WHERE run_id = 'run2'").to_dicts()[0]
    assert (row["asked"], row["paid"], row["reused"], row["saved"]) == (20, 0, 20, pytest.approx(20 * 20e-6))


def test_several_asks_of_one_asset_add_up(stub, engine_of, lake):
    engine = engine_of(stub.base_url)
    run(engine, [ask("a")])
    run(engine, [ask("a"), ask("b")])
    run(engine_of(stub.base_url), [ask("b"), ask("c")])  # a retry of the step in another process
    (row,) = lake.store.sql("SELECT asked, paid, reused FROM call_reuse").to_dicts()
    assert row == {"asked": 5, "paid": 3, "reused": 2}


def test_what_is_said_is_the_identity_and_nothing_else(stub, engine_of):
    engine = engine_of(stub.base_url)
    run(engine, [ask("a")])
    same = ModelRequest("vlm", "other subject", "renamed", "v9", "be brief", "a")
    assert engine.missing([same]) == 0
    for other in [
        ask("b"),
        ask("a", role="reasoner"),
        ask("a", parameters={"temperature": 1}),
        ask("a", schema=SCHEMA),
        ask("a", history=(("user", "x"), ("assistant", "y"))),
        ask("a", image_ids=("0" * 64,)),
    ]:
        assert engine.missing([other]) == 1
    assert engine.missing([ask("a")], EndpointSettings(base_url=stub.base_url, model="another")) == 1


def test_history_and_images_arrive_in_order(stub, engine_of, images):
    ids = [images.add(10), images.add(20, "JPEG")]
    run(
        engine_of(stub.base_url), [ask("now", image_ids=tuple(ids), history=(("user", "first"), ("assistant", "said")))]
    )
    messages = stub.calls[0].body["messages"]
    assert [m["role"] for m in messages] == ["system", "user", "assistant", "user"]
    assert [p["type"] for p in messages[1]["content"]] == ["image_url", "image_url", "text"]
    assert messages[2]["content"] == "said" and messages[3]["content"] == "now"
    assert stub.calls[0].images == ids


def test_every_vision_call_brings_its_image_bytes(stub, engine_of, images, lake):
    ids = [images.add(i) for i in range(12)]
    run(engine_of(stub.base_url), [ask(f"{i} {q}", image_ids=(i,)) for i in ids for q in range(3)])
    assert len(stub.calls) == 36
    assert all(c.images == [c.text.split()[0]] for c in stub.calls)
    assert sorted(images.read) == sorted(ids), "each image is read once per run"
    row = ledger(lake)[0]
    assert json.loads(row["messages"])[1]["content"][0] == {"type": "image", "image_id": row["image_ids"][0]}
    assert "base64" not in row["messages"]


def test_a_missing_image_stops_its_row_only(stub, engine_of, images, lake):
    good = images.add(1)
    replies = run(engine_of(stub.base_url), [ask("x", image_ids=("f" * 64,)), ask("y", image_ids=(good,))])
    assert [(r.ok, r.error) for r in replies] == [(False, "image_missing"), (True, None)]
    assert len(ledger(lake)) == 1


def test_a_policy_is_measured_as_it_is(stub, engine_of, lake):
    stub.behave = lambda call: Act(completion("<think>on and", finish="length") if call.text == "a" else completion(""))
    endpoint = EndpointSettings(base_url=stub.base_url, model="policy-1")
    engine = engine_of(stub.base_url)
    replies = run(engine, [ask("a", role="policy"), ask("b", role="policy")], endpoint=endpoint)
    assert [(r.ok, r.text, r.finish_reason) for r in replies] == [(True, "<think>on and", "length"), (True, "", "stop")]
    assert engine.missing([ask("a", role="policy")], endpoint) == 0
    with pytest.raises(CallsError, match="policy"):
        run(engine, [ask("a", role="policy")])


def test_progress_lines_go_to_the_log(stub, engine_of, caplog):
    with caplog.at_level(logging.INFO):
        run(engine_of(stub.base_url), [ask("a"), ask("b"), ask("a")], log=logging.getLogger("t"))
    line = caplog.messages[-1]
    assert "descriptions: calls 2 of 2" in line and "cost 0.0000" in line
    lines: list[str] = []
    stub.behave = lambda call: Act(completion(), delay_s=2.3)
    run(engine_of(stub.base_url), [ask("slow")], log=lines.append)
    assert len(lines) == 2 and "calls 0 of 1" in lines[0]


def test_parameters_are_fitted_to_the_endpoint_and_the_call_stays_the_same(stub, engine_of):
    request = ask(schema=SCHEMA, parameters={"max_tokens": 50, "temperature": 0, "seed": 1})
    stub.behave = lambda call: Act(completion(GOOD))
    run(
        engine_of(
            stub.base_url,
            max_tokens_name="max_completion_tokens",
            omit=("temperature", "seed"),
            structured_outputs="json_object",
        ),
        [request],
    )
    body = stub.calls[0].body
    assert body["max_completion_tokens"] == 50 and not {"max_tokens", "temperature", "seed"} & set(body)
    assert body["response_format"] == {"type": "json_object"}
    assert engine_of(stub.base_url).missing([request]) == 0
