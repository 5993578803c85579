"""Model calls against a real HTTP server: success, reuse, dedupe, images, repair, and every way to fail."""

from __future__ import annotations

import hashlib
import io
import json
import logging
from typing import Any

import pytest
from PIL import Image

from resources.calls.engine import CallEngine
from resources.calls.images import scaled_down
from resources.calls.messages import CallsError, ModelRequest
from tests.resources.calls.stub_endpoint import Act, StubEndpoint, completion
from wethink_assets.settings import EndpointSettings, Settings

SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "string"}, "score": {"type": "integer"}},
    "required": ["answer", "score"],
    "additionalProperties": False,
}
GOOD = '{"answer": "red", "score": 3}'


class FakeImages:
    """Images by content, as `ImageFiles` gives them."""

    def __init__(self) -> None:
        self.content: dict[str, bytes] = {}
        self.read: list[str] = []

    def add(self, colour: int, form: str = "PNG") -> str:
        buffer = io.BytesIO()
        Image.new("RGB", (8, 8), (colour, 0, 0)).save(buffer, form)
        image_id = hashlib.sha256(buffer.getvalue()).hexdigest()
        self.content[image_id] = buffer.getvalue()
        return image_id

    def bytes(self, image_id: str) -> bytes:
        self.read.append(image_id)
        return self.content[image_id]


def ask(text: str = "hello", role: str = "vlm", **fields: Any) -> ModelRequest:
    return ModelRequest(
        role=role, subject_id="s", prompt="p", prompt_version="v1", system="be brief", text=text, **fields
    )


@pytest.fixture(scope="module")
def one_lake(tmp_path_factory):
    """Creating a lake takes a second; these tests share one and empty it."""
    from resources.lake.resource import Lake

    folder = tmp_path_factory.mktemp("lake")
    lake = Lake(catalog=f"sqlite:{folder}/catalog.sqlite", data_path=f"{folder}/data")
    yield lake
    lake.store.close()


@pytest.fixture
def lake(one_lake):
    with one_lake.store.connection() as connection:
        for table in ("calls", "call_reuse"):
            if connection.execute(f"SELECT count(*) FROM {table}").fetchone() != (0,):
                connection.execute(f"DELETE FROM {table}")
    return one_lake


@pytest.fixture
def stub():
    with StubEndpoint() as server:
        yield server


@pytest.fixture
def images():
    return FakeImages()


@pytest.fixture
def engine_of(lake, tmp_path, images):
    """A function that makes engines on one lake; `settings` go to the vlm role."""
    made = []

    def make(base_url: str, **settings: Any) -> CallEngine:
        values = {"model": "stub", "price_in": 1.0, "price_out": 2.0, "timeout_s": 5.0, **settings}
        endpoint = EndpointSettings(base_url=base_url, **values)
        engine = CallEngine(
            Settings(home=tmp_path, endpoints={"vlm": endpoint, "reasoner": endpoint}), lake, images, backoff_s=0.01
        )
        made.append(engine)
        return engine

    yield make
    for engine in made:
        engine.close()


def run(engine: CallEngine, requests: list[ModelRequest], run_id: str = "run1", **fields: Any):
    return engine.run(requests, asset="descriptions", batch="b1", run_id=run_id, **fields)


def ledger(lake) -> list[dict[str, Any]]:
    return lake.store.sql("SELECT * FROM calls ORDER BY call_id").to_dicts()


# -- success, identity, reuse --------------------------------------------------------------------


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
    assert sorted(images.read) == sorted(ids), "each image is read once a run"
    row = ledger(lake)[0]
    assert json.loads(row["messages"])[1]["content"][0] == {"type": "image", "image_id": row["image_ids"][0]}
    assert "base64" not in row["messages"]


def test_a_missing_image_stops_its_row_only(stub, engine_of, images, lake):
    good = images.add(1)
    replies = run(engine_of(stub.base_url), [ask("x", image_ids=("f" * 64,)), ask("y", image_ids=(good,))])
    assert [(r.ok, r.error) for r in replies] == [(False, "image_missing"), (True, None)]
    assert len(ledger(lake)) == 1


# -- structured replies --------------------------------------------------------------------------


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
        "",
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


def test_a_policy_is_measured_as_it_is(stub, engine_of, lake):
    stub.behave = lambda call: Act(completion("<think>on and", finish="length") if call.text == "a" else completion(""))
    endpoint = EndpointSettings(base_url=stub.base_url, model="policy-1")
    engine = engine_of(stub.base_url)
    replies = run(engine, [ask("a", role="policy"), ask("b", role="policy")], endpoint=endpoint)
    assert [(r.ok, r.text, r.finish_reason) for r in replies] == [(True, "<think>on and", "length"), (True, "", "stop")]
    assert engine.missing([ask("a", role="policy")], endpoint) == 0
    with pytest.raises(CallsError, match="policy"):
        run(engine, [ask("a", role="policy")])


def test_missing_usage_and_odd_content_are_taken(stub, engine_of, lake):
    stub.behave = lambda call: Act(
        completion("plain", usage=False)
        if call.text == "a"
        else completion([{"type": "text", "text": "in"}, {"type": "text", "text": " parts"}])
    )
    first, second = run(engine_of(stub.base_url), [ask("a"), ask("b")])
    assert (first.text, first.prompt_tokens, first.completion_tokens) == ("plain", 2, 2), "four characters a token"
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


def test_progress_lines_go_to_the_log(stub, engine_of, caplog):
    with caplog.at_level(logging.INFO):
        run(engine_of(stub.base_url), [ask("a"), ask("b"), ask("a")], log=logging.getLogger("t"))
    line = caplog.messages[-1]
    assert "descriptions: calls 2 of 2" in line and "cost 0.0000" in line
    lines: list[str] = []
    stub.behave = lambda call: Act(completion(), delay_s=2.3)
    run(engine_of(stub.base_url), [ask("slow")], log=lines.append)
    assert len(lines) == 2 and "calls 0 of 1" in lines[0]


# -- images as they are sent ---------------------------------------------------------------------


def picture(images, size, mode="RGB", form="PNG", **save) -> str:
    made = Image.effect_noise(size, 90).convert(mode)
    buffer = io.BytesIO()
    made.save(buffer, form, **save)
    image_id = hashlib.sha256(buffer.getvalue()).hexdigest()
    images.content[image_id] = buffer.getvalue()
    return image_id


def test_large_images_are_scaled_down_the_same_way_each_time_and_it_is_recorded(stub, engine_of, images, lake):
    large, small = picture(images, (300, 120)), picture(images, (90, 100))
    run(engine_of(stub.base_url, max_image_side=100), [ask("both", image_ids=(large, small))])
    arrived = stub.calls[0].images
    assert (
        arrived[1] == small
        and arrived[0] == hashlib.sha256(scaled_down(images.content[large], 100)).hexdigest() != large
    )
    with Image.open(io.BytesIO(scaled_down(images.content[large], 100))) as seen:
        assert (seen.format, seen.size) == ("JPEG", (100, 40))
    (row,) = ledger(lake)
    assert row["images_sent"] == arrived and row["image_ids"] == [large, small]
    assert json.loads(row["messages"])[1]["content"][0] == {"type": "image", "image_id": large, "max_side": 100}


def test_the_side_is_part_of_the_call_only_where_it_is_set(stub, engine_of, images):
    image = picture(images, (20, 20))
    run(engine_of(stub.base_url), [ask("a", image_ids=(image,)), ask("b")])
    assert engine_of(stub.base_url, max_image_side=100).missing([ask("a", image_ids=(image,))]) == 1
    assert engine_of(stub.base_url, max_image_side=100).missing([ask("b")]) == 0, "a text call has no image to scale"


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "CMYK"])
def test_every_kind_of_image_can_be_scaled(mode, images):
    content = images.content[picture(images, (64, 32), mode, "TIFF" if mode == "CMYK" else "PNG")]
    with Image.open(io.BytesIO(scaled_down(content, 16))) as small:
        assert small.size == (16, 8) and small.mode == "RGB"


def test_an_image_lying_on_its_side_is_sent_upright(images):
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: rotate by 90 degrees to see it
    content = images.content[picture(images, (64, 32), form="JPEG", exif=exif)]
    with Image.open(io.BytesIO(scaled_down(content, 16))) as small:
        assert small.size == (8, 16)


def test_what_cannot_be_decoded_stops_its_row_only(stub, engine_of, images):
    images.content["e" * 64] = b"\x89PNG no more"
    good = picture(images, (300, 300))
    replies = run(
        engine_of(stub.base_url, max_image_side=50), [ask("x", image_ids=("e" * 64,)), ask("y", image_ids=(good,))]
    )
    assert [(r.ok, r.error) for r in replies] == [(False, "image_missing"), (True, None)]


# -- what endpoints do otherwise -----------------------------------------------------------------


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
    said = '{"answer": "a </think> tag", "score": 1}'
    stub.behave = lambda call: Act(completion(said))
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
