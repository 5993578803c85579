"""Thinking models: room beside the visible answer, the vendor's sampling, one more try when thinking was cut off."""

from __future__ import annotations

import json

import pytest

from resources.calls.budget import Estimate
from resources.calls.engine import CallEngine
from resources.calls.messages import BudgetSpentError, call_id
from resources.calls.thinking import identity
from tests.resources.calls.asking import GOOD, SCHEMA, ask, ledger, run
from tests.resources.calls.stub_endpoint import Act, completion
from wethink_assets.settings import BudgetSettings, EndpointSettings, Settings

PROMPT = {"temperature": 0, "max_tokens": 100, "seed": 7}


def thinker(tokens: int, content: str = GOOD, answer: int = 20):
    """A model that thinks for so many tokens and obeys max_tokens, whose visible answer takes `answer` of them."""

    def behave(call):
        limit = call.body["max_tokens"]
        whole = tokens + answer <= limit
        body = completion(
            content if whole else None, finish="stop" if whole else "length", reasoning_content="I look again. " * 20
        )
        used = min(limit, tokens + answer)
        body["usage"] = {"prompt_tokens": 10, "completion_tokens": used, "total_tokens": 10 + used}
        return Act(body)

    return behave


def question(text: str = "hello", **fields):
    return ask(text, schema=SCHEMA, parameters=PROMPT, **fields)


def test_the_room_to_think_comes_on_top_and_the_vendors_sampling_wins(stub, engine_of, lake):
    stub.behave = thinker(3_000)
    parameters = {"temperature": 0.6, "top_p": 0.95, "max_tokens": 5, "seed": 1, "reasoning_effort": "high"}
    engine = engine_of(stub.base_url, thinking=True, thinking_tokens=4_000, parameters=parameters)
    (reply,) = run(engine, [question()])
    body = stub.calls[0].body
    assert reply.ok and body["max_tokens"] == 4_100, "the visible answer's length is the prompt's"
    assert (body["temperature"], body["top_p"], body["reasoning_effort"], body["seed"]) == (0.6, 0.95, "high", 7)
    recorded = json.loads(ledger(lake)[0]["parameters"])
    assert recorded["thinking_room"] == {"tokens": 4_000, "instead_of": {"temperature": 0}}


def test_a_reply_cut_off_while_thinking_is_asked_once_more_with_more_room(stub, engine_of, lake):
    stub.behave = thinker(6_000)
    (reply,) = run(engine_of(stub.base_url, thinking=True, thinking_tokens=4_000), [question()])
    assert reply.ok and [c.body["max_tokens"] for c in stub.calls] == [4_100, 8_100]
    (row,) = ledger(lake)
    assert (row["first_problem"], row["attempts"], row["completion_tokens"]) == ("thinking_length", 2, 4_100 + 6_020)


def test_what_stays_cut_off_is_asked_again_only_with_a_larger_allowance(stub, engine_of, lake):
    stub.behave = thinker(20_000)
    short = {"thinking": True, "thinking_tokens": 4_000}
    (reply,) = run(engine_of(stub.base_url, **short), [question()])
    assert reply.error == "thinking_length" and len(stub.calls) == 2, "bounded"
    engine = engine_of(stub.base_url, **short)
    (again,) = run(engine, [question()], "run2")
    assert again.reused and again.error == "thinking_length" and engine.missing([question()]) == 0
    more = engine_of(stub.base_url, thinking=True, thinking_tokens=24_000)
    assert more.missing([question()]) == 1
    (reply,) = run(more, [question()], "run3")
    assert reply.ok and len(stub.calls) == 3
    (kept,) = run(engine_of(stub.base_url, **short), [question()], "run4")
    assert kept.ok and kept.reused, "an answer is an answer, whatever the allowance is now"


def test_a_long_answer_is_no_long_thought(stub, engine_of):
    body = completion('{"answer": "' + "red " * 400, finish="length", reasoning_content="short")
    body["usage"] = {
        "prompt_tokens": 10,
        "completion_tokens": 500,
        "total_tokens": 510,
        "completion_tokens_details": {"reasoning_tokens": 20},
    }
    stub.behave = lambda call: Act(body)
    (reply,) = run(engine_of(stub.base_url, thinking=True, thinking_tokens=400), [question()])
    assert reply.error == "length" and len(stub.calls) == 1


@pytest.mark.parametrize(
    "message",
    [
        {"content": '{"answer": "re', "reasoning_content": "x"},  # thoughts left the answer no room
        {"content": "<think>so I look at"},  # no parser
        {"content": "so I look at"},  # nor an opening tag
        {"content": "", "reasoning": "so I look"},
        {"content": ""},
        {"content": None},
    ],
)
def test_a_cut_off_thought_is_known_in_all_its_forms(stub, engine_of, message):
    cut = completion(message.pop("content"), finish="length", **message)
    cut["usage"] = {"prompt_tokens": 10, "completion_tokens": 500, "total_tokens": 510}
    stub.behave = lambda call: Act(cut if call.nth == 1 else completion(GOOD))
    (reply,) = run(engine_of(stub.base_url, thinking=True, thinking_tokens=400), [question()])
    assert reply.ok and [c.body["max_tokens"] for c in stub.calls] == [500, 900]


def test_gemini_sends_no_message_at_all_when_it_thought_too_long(stub, engine_of):
    cut = {"choices": [{"index": 0, "finish_reason": "length"}], "usage": {"prompt_tokens": 5, "total_tokens": 505}}
    stub.behave = lambda call: Act(cut if call.nth == 1 else completion(GOOD))
    (reply,) = run(engine_of(stub.base_url, thinking=True, thinking_tokens=400), [question()])
    assert reply.ok and reply.completion_tokens == 505


def test_an_endpoint_that_allows_no_more_room_leaves_the_first_end(stub, engine_of):
    stub.behave = lambda call: (
        Act({"error": {"message": "max_tokens is too large"}}, 400)
        if call.body["max_tokens"] > 600
        else thinker(9_000)(call)
    )
    (reply,) = run(engine_of(stub.base_url, thinking=True, thinking_tokens=400), [question()])
    assert reply.error == "thinking_length" and "thinking_tokens" in reply.detail


def test_an_endpoint_that_does_not_say_that_it_thinks_is_told_of_it(stub, engine_of):
    stub.behave = thinker(3_000)
    (reply,) = run(engine_of(stub.base_url), [question()])
    assert reply.error == "thinking_length" and "set thinking = true" in reply.detail and len(stub.calls) == 1
    (reply,) = run(engine_of(stub.base_url, thinking=True), [question()], "run2")
    assert reply.ok, "what was cut off is no obstacle once the setting is right"


def test_without_thinking_every_key_is_as_before():
    plain = EndpointSettings(base_url="http://h/v1", model="m", parameters={"top_p": 0.9, "temperature": 0.6})
    assert identity(question(), plain) == call_id(question(), "m", plain.parameters)
    pinned = ask(parameters={"temperature": 0, "max_tokens": 100}, image_ids=("ab",))
    plainer = plain.model_copy(update={"parameters": {"top_p": 0.9}})
    assert identity(pinned, plainer) == "1acacbc86d75405a0a20f7b4304bbca442c8b41d2be8318256ed51bd638abf53"
    thinking = plain.model_copy(update={"thinking": True})
    larger = thinking.model_copy(update={"thinking_tokens": 99})
    assert identity(question(), thinking) == identity(question(), larger) != identity(question(), plain)
    policy = ask(role="policy", parameters=PROMPT)
    assert identity(policy, thinking) == identity(policy, plain), "a policy is measured with its profile's parameters"


def test_the_budget_and_the_rates_reserve_for_thinking(stub, lake, tmp_path):
    plain = EndpointSettings(base_url=stub.base_url, model="m", price_out=1.0, price_in=1.0)
    thinking = plain.model_copy(update={"thinking": True, "thinking_tokens": 10_000})
    estimate = Estimate()
    assert estimate.likely(question(), thinking) - estimate.likely(question(), plain) == 5_000
    prompt, visible = estimate.tokens(question(), plain)
    worst = estimate.worst(question(), thinking).tokens
    asked = [(prompt, visible + 10_000), (prompt, visible + 20_000), (prompt + visible, visible + 20_000)]
    assert worst == sum(map(sum, asked))
    settings = Settings(home=tmp_path, endpoints={"vlm": thinking}, budget=BudgetSettings(tokens=40_000))
    engine = CallEngine(settings, lake)
    with pytest.raises(BudgetSpentError):
        run(engine, [question()])
    engine.close()
    assert stub.calls == []


def test_a_thinking_endpoint_has_time(tmp_path):
    assert EndpointSettings(base_url="http://h/v1", model="m", thinking=True).timeout_s == 900
    assert EndpointSettings(base_url="http://h/v1", model="m", thinking=True, timeout_s=5).timeout_s == 5
    assert EndpointSettings(base_url="http://h/v1", model="m").timeout_s == 120
