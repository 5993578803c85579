"""Replies of real endpoints: structured outputs, one repair, reasoning, finish reasons, and odd content."""

from __future__ import annotations

import json

import pytest

from tests.resources.calls.asking import GOOD, SCHEMA, ask, ledger, run
from tests.resources.calls.stub_endpoint import Act, completion


def test_a_schema_goes_along_and_comes_back_parsed(stub, engine_of):
    stub.behave = lambda call: Act(completion(GOOD, reasoning_content="because"))
    (reply,) = run(engine_of(stub.base_url), [ask(schema=SCHEMA, schema_name="the answer")])
    assert reply.parsed == {"answer": "red", "score": 3} and reply.reasoning == "because" and reply.text == GOOD
    sent = stub.calls[0].body["response_format"]["json_schema"]
    assert sent["schema"] == SCHEMA and sent["strict"] is True and sent["name"] == "the_answer"


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"```json\n{GOOD}\n```",
        f"Sure! Here it is: {GOOD} Done.",
        f"<think>{{not}} this</think>\n{GOOD}",
        f"[1] {GOOD}",
    ],
)
def test_without_structured_outputs_json_is_found_in_text(stub, engine_of, text):
    stub.behave = lambda call: Act(completion(text))
    (reply,) = run(engine_of(stub.base_url, structured_outputs=False), [ask(schema=SCHEMA)])
    assert reply.ok and reply.parsed["answer"] == "red" and reply.text == text
    assert "response_format" not in stub.calls[0].body and len(stub.calls) == 1


@pytest.mark.parametrize(
    "bad",
    [
        "no json",
        '{"answer": "red"}',
        '{"answer": 3, "score": 1}',
        '{"answer": "red", "score": NaN}',
        '{"answer": "red", "score": 1e999}',
    ],
)
def test_an_invalid_reply_gets_one_repair_that_shows_the_error(stub, engine_of, lake, bad):
    stub.behave = lambda call: Act(completion(bad if len(stub.calls) == 1 else GOOD))
    (reply,) = run(engine_of(stub.base_url), [ask(schema=SCHEMA)])
    assert reply.ok and reply.parsed["score"] == 3
    assert (reply.prompt_tokens, reply.completion_tokens) == (20, 10)
    assert ledger(lake)[0]["attempts"] == 2
    turns = stub.calls[1].body["messages"][-2:]
    assert turns[0]["role"] == "assistant" and "cannot be used" in turns[1]["content"]


def test_still_invalid_after_repair_is_kept_as_failed_and_never_asked_again(stub, engine_of, lake):
    stub.behave = lambda call: Act(completion("nonsense"))
    (reply,) = run(engine_of(stub.base_url), [ask(schema=SCHEMA)])
    assert (reply.ok, reply.error, reply.text) == (False, "invalid_reply", "nonsense")
    assert "not valid JSON" in reply.detail and reply.cost == pytest.approx(40e-6)
    (again,) = run(engine_of(stub.base_url), [ask(schema=SCHEMA)], "run2")
    assert len(stub.calls) == 2 and again.reused and (again.error, again.detail) == (reply.error, reply.detail)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (completion(None, refusal="I cannot help"), "refusal"),
        (completion("half a", finish="length"), "length"),
        (completion("", finish="content_filter"), "content_filter"),
        (completion("   "), "empty"),
    ],
)
def test_lasting_failures_are_kept(stub, engine_of, body, error):
    stub.behave = lambda call: Act(body)
    (reply,) = run(engine_of(stub.base_url), [ask()])
    assert (reply.ok, reply.error) == (False, error) and reply.detail
    asked = len(stub.calls)
    assert asked == (2 if error == "empty" else 1)
    run(engine_of(stub.base_url), [ask()], "run2")
    assert len(stub.calls) == asked


def test_a_cut_json_is_length_without_repair(stub, engine_of):
    stub.behave = lambda call: Act(completion('{"answer": "re', finish="length"))
    (reply,) = run(engine_of(stub.base_url), [ask(schema=SCHEMA)])
    assert reply.error == "length" and len(stub.calls) == 1


def test_missing_usage_and_odd_content_are_taken(stub, engine_of, lake):
    stub.behave = lambda call: Act(
        completion("plain", usage=False)
        if call.text == "a"
        else completion([{"type": "text", "text": "in"}, {"type": "text", "text": " parts"}])
    )
    first, second = run(engine_of(stub.base_url), [ask("a"), ask("b")])
    assert (first.text, first.prompt_tokens, first.completion_tokens) == ("plain", 2, 2), "four characters per token"
    assert [r["tokens_estimated"] for r in ledger(lake) if r["reply"] == "plain"] == [True]
    assert second.text == "in parts"


def test_tags_in_a_reply_stay_and_unstorable_characters_do_not(stub, engine_of, lake):
    text = "<image> see <think>x</think><answer>y</answer>"
    raw = json.dumps(completion("bad \ud800 and \u0000 here")).encode()
    stub.behave = lambda call: (
        Act(completion(text)) if call.text == "a" else Act(raw=raw, headers={"Content-Type": "application/json"})
    )
    first, second = run(engine_of(stub.base_url), [ask("a"), ask("b")])
    assert first.text == text and second.text == "bad \ufffd and \ufffd here"
    assert len(ledger(lake)) == 2


def test_a_hostile_escape_in_json_cannot_break_the_ledger(stub, engine_of, lake):
    stub.behave = lambda call: Act(completion('{"answer": "\\ud800 \\u0000", "score": 1}'))
    (reply,) = run(engine_of(stub.base_url), [ask(schema=SCHEMA)])
    assert reply.ok and reply.parsed["answer"] == "\ufffd \ufffd"
    (again,) = run(engine_of(stub.base_url), [ask(schema=SCHEMA)], "run2")
    assert again.parsed == reply.parsed


def test_a_deeply_nested_reply_fails_its_row_only(stub, engine_of):
    stub.behave = lambda call: Act(completion(GOOD if call.text == "good" else "[" * 200_000))
    bad, good = run(engine_of(stub.base_url), [ask("bad", schema=SCHEMA), ask("good", schema=SCHEMA)])
    assert good.ok and not bad.ok and bad.error == "invalid_reply"


@pytest.mark.parametrize(
    ("message", "reasoning"),
    [
        ({"content": GOOD, "reasoning_content": "because"}, "because"),  # DeepSeek, vLLM with a reasoning parser
        ({"content": GOOD, "reasoning": "because"}, "because"),  # vLLM since 0.12, OpenRouter
        ({"content": f"<think>\nbecause\n</think>\n\n{GOOD}"}, "because"),  # vLLM without a parser
        (
            {"content": f"because {{x}} [1]\n</think>\n\n{GOOD}"},
            "because {x} [1]",
        ),  # DeepSeek-R1's template opens the block
        ({"content": GOOD}, None),
    ],
)
def test_reasoning_is_found_wherever_it_is(stub, engine_of, message, reasoning):
    stub.behave = lambda call: Act(
        completion(message["content"], **{k: v for k, v in message.items() if k != "content"})
    )
    (reply,) = run(engine_of(stub.base_url), [ask(schema=SCHEMA)])
    assert (
        reply.ok
        and reply.reasoning == reasoning
        and reply.parsed["answer"] == "red"
        and reply.text == message["content"]
    )


def test_a_tag_within_json_is_no_think_block(stub, engine_of):
    text = '{"answer": "a </think> tag", "score": 1}'
    stub.behave = lambda call: Act(completion(text))
    (reply,) = run(engine_of(stub.base_url), [ask(schema=SCHEMA)])
    assert reply.parsed["answer"] == "a </think> tag" and reply.reasoning is None


@pytest.mark.parametrize(
    ("finish", "error"),
    [("MAX_TOKENS", "length"), ("SAFETY", "content_filter"), ("RECITATION", "content_filter"), ("STOP", None)],
)
def test_geminis_finish_reasons_mean_what_they_say(stub, engine_of, finish, error):
    stub.behave = lambda call: Act(completion("half", finish=finish))
    (reply,) = run(engine_of(stub.base_url), [ask()])
    assert reply.error == error


@pytest.mark.parametrize("finish", ["insufficient_system_resource", "abort", "error"])
def test_a_reply_that_the_server_cut_off_is_asked_again(stub, engine_of, finish):
    stub.behave = lambda call: Act(completion("half", finish=finish if call.nth == 1 else "stop"))
    (reply,) = run(engine_of(stub.base_url), [ask()])
    assert reply.ok and len(stub.calls) == 2


def test_geminis_errors_and_deepseeks_keep_alive_lines_are_read(stub, engine_of):
    stub.behave = lambda call: (
        Act([{"error": {"code": 400, "message": "API key not valid"}}], 400)
        if call.text == "a"
        else Act(raw=b"\n\n\n" + json.dumps(completion("late")).encode(), headers={"Content-Type": "application/json"})
    )
    first, second = run(engine_of(stub.base_url), [ask("a"), ask("b")])
    assert "API key not valid" in first.detail and second.text == "late"
