"""Quirks of endpoints in the wild: JSON in the reasoning, refused forms of reply, repair turns, usage that lies."""

from __future__ import annotations

import pytest

from resources.calls.usage import usage_of
from tests.resources.calls.asking import GOOD, SCHEMA, ask, ledger, run
from tests.resources.calls.stub_endpoint import Act, completion

OTHER = {**SCHEMA, "title": "other"}


def forms(stub) -> list[str]:
    return [c.body.get("response_format", {}).get("type", "text") for c in stub.calls]


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
@pytest.mark.parametrize("thought", [GOOD, f"I see it.\n```json\n{GOOD}\n```", f'First {{"answer": "a"}}? No: {GOOD}'])
def test_an_answer_that_a_server_took_for_reasoning_is_an_answer(stub, engine_of, name, thought):
    stub.behave = lambda call: Act(completion(None, **{name: thought}))
    (reply,) = run(engine_of(stub.base_url), [ask(schema=SCHEMA)])
    assert reply.ok and reply.parsed == {"answer": "red", "score": 3} and len(stub.calls) == 1
    assert reply.text == GOOD and reply.reasoning == (None if thought == GOOD else thought)


def test_json_in_the_middle_of_a_thought_is_no_answer(stub, engine_of):
    stub.behave = lambda call: Act(
        completion(None, reasoning_content=f"Perhaps {GOOD}? I am not sure.") if call.nth == 1 else completion(GOOD)
    )
    (reply,) = run(engine_of(stub.base_url), [ask(schema=SCHEMA)])
    assert reply.ok and len(stub.calls) == 2


def test_a_model_that_is_empty_with_response_format_is_asked_without(stub, engine_of):
    stub.behave = lambda call: Act(completion("" if "response_format" in call.body else GOOD))
    engine = engine_of(stub.base_url, concurrency=1, structured_outputs="json_object")
    replies = run(engine, [ask(f"q{i}", schema=SCHEMA) for i in range(6)])
    assert all(r.ok for r in replies)
    assert forms(stub) == ["json_object", "text"] * 3 + ["text"] * 3, "after three it is known"
    assert all(len(c.body["messages"]) == 2 for c in stub.calls), "there is no reply to show"


@pytest.mark.parametrize(
    ("status", "message"),
    [(400, "response_format json_schema is not supported"), (422, "unknown field"), (500, "Failed to parse grammar")],
)
def test_a_refused_schema_is_remembered_and_replaced_by_json_mode(stub, engine_of, status, message):
    stub.behave = lambda call: (
        Act({"error": {"message": message}}, status)
        if call.body.get("response_format", {}).get("type") == "json_schema"
        else Act(completion(GOOD))
    )
    engine = engine_of(stub.base_url, concurrency=1, max_attempts=1)
    replies = run(engine, [ask(f"q{i}", schema=SCHEMA) for i in range(3)])
    assert all(r.ok for r in replies) and forms(stub) == ["json_schema", *["json_object"] * 3]
    run(engine, [ask("later", schema=OTHER)], "run2")
    assert forms(stub)[-1] == "json_object"


def test_json_mode_that_is_refused_too_is_replaced_by_text(stub, engine_of):
    stub.behave = lambda call: (
        Act({"error": {"message": "unknown parameter response_format"}}, 400)
        if "response_format" in call.body
        else Act(completion(f"Here it is: {GOOD}"))
    )
    replies = run(engine_of(stub.base_url, concurrency=1), [ask(f"q{i}", schema=SCHEMA) for i in range(3)])
    assert all(r.ok for r in replies) and forms(stub) == ["json_schema", "json_object", "text", "text", "text"]


def test_one_schema_that_is_refused_costs_the_others_nothing(stub, engine_of):
    stub.behave = lambda call: (
        Act({"error": {"message": "Invalid schema: maxItems is not permitted"}}, 400)
        if "title" in str(call.body.get("response_format"))
        else Act(completion(GOOD))
    )
    engine = engine_of(stub.base_url, concurrency=1)
    asked = [ask("a", schema=SCHEMA), ask("b", schema=OTHER), ask("c", schema=OTHER), ask("d", schema=SCHEMA)]
    assert all(r.ok for r in run(engine, asked))
    assert forms(stub) == ["json_schema", "json_schema", "json_object", "json_object", "json_schema"]


def test_a_400_that_no_form_cures_is_told_as_it_was(stub, engine_of):
    stub.behave = lambda call: Act({"error": {"message": "bad image"}}, 400)
    (reply,) = run(engine_of(stub.base_url), [ask(schema=SCHEMA)])
    assert (reply.error, reply.detail) == ("http_400", "bad image") and len(stub.calls) == 3
    stub.behave = lambda call: Act(completion(GOOD))
    assert run(engine_of(stub.base_url), [ask(schema=SCHEMA)])[0].ok and forms(stub)[-1] == "json_schema"


@pytest.mark.parametrize("settings", [{"thinking": True}, {}])
def test_a_thinking_model_gets_its_repair_in_one_turn(stub, engine_of, settings):
    """It answers 400 to an assistant's turn without its reasoning_content; another one to a turn that has it."""

    def behave(call):
        if any(m["role"] == "assistant" for m in call.body["messages"]):
            return Act({"error": {"message": "Missing reasoning_content in the assistant message"}}, 400)
        bad = "An earlier reply" not in call.text
        return Act(completion("no json" if bad else GOOD, reasoning_content="I see"))

    stub.behave = behave
    (reply,) = run(engine_of(stub.base_url, **settings), [ask(schema=SCHEMA)])
    assert reply.ok and len(stub.calls) == 2
    turn = stub.calls[1].body["messages"][-1]["content"]
    assert turn.startswith("hello") and "no json" in turn and "cannot be used" in turn and "I see" not in turn


def test_a_model_that_hides_its_reasoning_is_repaired_in_one_turn_once_it_refused_another(stub, engine_of, images):
    def behave(call):
        if any(m["role"] == "assistant" for m in call.body["messages"]):
            return Act({"error": {"message": "Missing reasoning_content"}}, 400)
        return Act(completion(GOOD if "An earlier reply" in call.text else "no json"))

    stub.behave = behave
    engine = engine_of(stub.base_url, concurrency=1, structured_outputs=False)
    asked = [ask(f"q{i}", schema=SCHEMA, image_ids=(images.add(i),)) for i in range(2)]
    assert all(r.ok for r in run(engine, asked))
    assert len(stub.calls) == 5, "the second is spared the refusal"


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}, (10, 5, None, False)),
        # Gemini counts thoughts in the total alone
        ({"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 915}, (10, 905, 900, False)),
        # xAI counts them beside the completion
        (
            {
                "prompt_tokens": 10,
                "completion_tokens": 5,
                "total_tokens": 15,
                "completion_tokens_details": {"reasoning_tokens": 900},
            },
            (10, 905, 900, False),
        ),
        (
            {
                "prompt_tokens": 10,
                "completion_tokens": 950,
                "total_tokens": 960,
                "completion_tokens_details": {"reasoning_tokens": 900},
            },
            (10, 950, 900, False),
        ),
        ({"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 3}, (10, 5, None, False)),
        ({"prompt_tokens": 10, "total_tokens": 40}, (10, 30, None, False)),
        ({"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}, (3, 26, None, True)),
        ({"prompt_tokens": "10", "completion_tokens": -5, "total_tokens": True}, (3, 26, None, True)),
        (None, (3, 26, None, True)),
    ],
)
def test_usage_that_does_not_add_up_is_counted_at_its_worst(usage, expected):
    got = usage_of({"usage": usage}, ask("hell"), "x" * 60, "y" * 40)
    assert (got.prompt, got.completion, got.reasoning, got.estimated) == expected


def test_the_ledger_pays_for_what_was_thought(stub, engine_of, lake):
    body = completion("ok")
    body["usage"] = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 1_015}
    stub.behave = lambda call: Act(body)
    (reply,) = run(engine_of(stub.base_url), [ask()])
    assert reply.completion_tokens == 1_005 and ledger(lake)[0]["cost"] == pytest.approx((10 + 2 * 1_005) / 1e6)
