"""The parts under the engine that need no network: limit, reading of replies, neutral text, light imports."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resources.calls.limiter import AdaptiveLimit
from resources.calls.messages import ModelRequest, call_id, neutralise
from resources.calls.progress import Progress
from resources.calls.replies import read_completion
from resources.calls.structured import MAX_JSON_CANDIDATES, parse_json, response_format, storable
from tests.conftest import PROJECT_ROOT
from tests.resources.calls.calls_worker import engine_on
from tests.resources.calls.stub_endpoint import completion

OBJECT = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | WORDS,
    lambda inner: st.lists(inner) | st.dictionaries(WORDS, inner),
    max_leaves=12,
)


def test_the_limit_grows_to_its_cap_halves_once_a_round_and_grows_slowly():
    async def go() -> None:
        limit = AdaptiveLimit(64)
        for _ in range(200):
            limit.release(await limit.acquire(), answered=True)
        assert limit.limit == 64
        tickets = [await limit.acquire() for _ in range(64)]
        for ticket in tickets:
            limit.release(ticket, congested=True)
        assert limit.limit == 32, "a burst of 429s is one sign"
        for _ in range(40):
            limit.release(await limit.acquire(), answered=True)
        assert 32.5 < limit.limit < 34.5, "about one more per round"
        assert limit.in_flight == 0

    asyncio.run(go())


def test_a_pause_holds_all_requests_and_cancelled_waiters_lose_no_slot():
    async def go() -> None:
        limit = AdaptiveLimit(1)
        ticket = await limit.acquire()
        waiters = [asyncio.create_task(limit.acquire()) for _ in range(3)]
        await asyncio.sleep(0)
        waiters[0].cancel()
        started = asyncio.get_running_loop().time()
        limit.release(ticket, congested=True, pause_s=0.1)
        for nth, waiter in enumerate(asyncio.as_completed(waiters[1:])):
            got = await waiter
            assert asyncio.get_running_loop().time() - started >= 0.099 and limit.in_flight == 1, nth
            limit.release(got)
        assert limit.in_flight == 0

    asyncio.run(asyncio.wait_for(go(), 10))


@given(st.text() | st.text(alphabet="<>/|imagethnkaswervdo_ \n"))
@settings(deadline=None)
def test_neutral_text_holds_no_marker_and_stays_as_it_is(text):
    calm = neutralise(text)
    assert neutralise(calm) == calm
    folded = calm.lower()
    names = ("image", "video", "audio", "think", "answer")
    assert not any(
        f"<{before}{name}{after}>" in folded for name in names for before in ("", "/") for after in ("", "/")
    )


def test_neutral_text_keeps_its_words():
    assert neutralise("The <image> shows <b>2 < 3</b>.") == "The image shows <b>2 < 3</b>."
    assert neutralise("<think>a</think>\n<answer>b</answer><|im_end|>") == "a\nb"
    assert neutralise("<th<think>ink>nested") == "nested"


@given(st.one_of(st.text(), JSON.map(json.dumps), JSON))
@settings(deadline=None)
def test_no_reply_breaks_the_reader(content):
    body = completion(content)
    request = ModelRequest("vlm", "s", "p", "v", None, "t", schema=OBJECT)
    reading = read_completion(body, request)
    assert (reading.parsed is not None) == (reading.problem is None)
    storable(reading.text).encode()


@given(JSON)
@settings(deadline=None)
def test_json_of_any_kind_is_read_back(value):
    parsed, problem = parse_json(json.dumps(value), {})
    assert problem == "" and parsed == value


def test_the_search_for_json_is_bounded():
    started = time.monotonic()
    value, problem = parse_json("{[" * 500_000, OBJECT)
    assert value is None and problem and time.monotonic() - started < 3
    assert parse_json("x {bad} " * (MAX_JSON_CANDIDATES - 1) + '{"a": 1}', OBJECT)[0] == {"a": 1}


def test_a_wrong_value_names_its_place():
    assert "a: 'x' is not of type 'integer'" in parse_json('{"a": "x"}', OBJECT)[1]


def test_strict_only_where_the_schema_allows_it():
    closed = {**OBJECT, "additionalProperties": False}
    assert response_format("n", OBJECT)["json_schema"]["strict"] is False
    assert response_format("n", closed)["json_schema"]["strict"] is True
    assert response_format("ä b/c", closed)["json_schema"]["name"] == "__b_c"


def test_a_call_has_the_same_id_on_every_machine_and_version():
    request = ModelRequest("vlm", "s", "p", "v", "sys", "text \ud800", ("i",), "n", OBJECT, {"temperature": 0.5})
    same = ModelRequest("vlm", "x", "q", "w", "sys", "text \ud800", ("i",), "m", OBJECT, {"temperature": 0.5})
    assert call_id(request, "m") == call_id(same, "m") == call_id(same, "m", {"temperature": 1})
    assert call_id(request, "m") != call_id(request, "m", {"top_p": 1})
    plain = ModelRequest("vlm", "s", "p", "v", None, "hello")
    assert call_id(plain, "m") == "a13aefe27148ea2e3125cd2bea9607bdeeff3f9fdd80f2ad31a33d0ab5f19ede"


def asked(text, **more):
    return ModelRequest("policy", "s", "p", "v", None, text, ("a", "b"), **more)


def test_images_stand_before_the_text_or_where_it_names_them():
    def shown(text, **more):
        (message,) = asked(text, **more).messages()
        return [p.get("image_id") or p["text"] for p in message["content"]]

    text = "As <image 2> shows, <image 1> is <image 2>?"
    assert shown(text) == ["a", "b", text]
    assert shown(text, interleaved=True) == ["As ", "b", " shows, ", "a", " is ", "b", "?"]
    assert shown("none named", interleaved=True) == ["a", "b", "none named"]
    assert shown("<image 1>", interleaved=True) == ["a"]
    assert shown("<image 0> <image 3> <image 12>", interleaved=True) == ["a", "b", "<image 0> <image 3> <image 12>"]
    (scaled,) = asked(text, interleaved=True).messages(max_image_side=9)
    assert [p.get("max_side") for p in scaled["content"]].count(9) == 3


def test_where_images_stand_is_part_of_a_calls_identity():
    ids = {
        call_id(asked("<image 1>", interleaved=w), "m", max_image_side=side) for w in (True, False) for side in (0, 9)
    }
    assert len(ids) == 4
    assert call_id(ModelRequest("policy", "s", "p", "v", None, "t"), "m") == call_id(
        ModelRequest("policy", "s", "p", "v", None, "t", interleaved=True), "m"
    )


def test_numbers_are_observed_every_thirty_seconds_with_rate_and_time_left():
    clock, seen, lines = [100.0], [], []
    progress = Progress("descriptions", 50, 10, lines.append, seen.append, now=lambda: clock[0])
    row = {"cost": 0.5, "prompt_tokens": 10, "completion_tokens": None, "error": None}
    for second in range(1, 70):
        clock[0] = 100.0 + second
        if second <= 10:
            progress.add(row | {"error": "refusal" if second == 3 else None})
        progress.report()
    assert [n["done"] for n in seen] == [10, 10] and len(lines) == 69
    assert seen[0] == {
        "calls_to_make": 40,
        "reused": 10,
        "done": 10,
        "failed": 1,
        "calls_per_second": 0.33,
        "tokens": 100,
        "cost": 5.0,
        "eta_seconds": 90.0,
    }
    assert (
        lines[29]
        == "descriptions: calls 10 of 40, 10 from the ledger, 1 failed (refusal 1), 0.3/s, cost 5.0000, ETA 90 s"
    )


@pytest.mark.long
def test_ctrl_c_in_mid_run_ends_the_process_soon_and_keeps_what_is_done(tmp_path):
    """A real SIGINT to a real process, whose main thread waits for calls."""
    from tests.resources.calls.stub_endpoint import Act, StubEndpoint

    with StubEndpoint() as server:
        server.behave = lambda call: Act(completion(), delay_s=0.0 if len(server.calls) <= 20 else 60)
        worker = subprocess.Popen(
            [sys.executable, "-m", "tests.resources.calls.calls_worker", str(tmp_path), server.base_url, "100", "1"],
            cwd=PROJECT_ROOT,
            stderr=subprocess.PIPE,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        while len(server.calls) < 28 and worker.poll() is None:
            time.sleep(0.02)
        started = time.monotonic()
        os.kill(worker.pid, signal.SIGINT)
        _, errors = worker.communicate(timeout=20)
        assert time.monotonic() - started < 6 and b"KeyboardInterrupt" in errors
        engine = engine_on(tmp_path, server.base_url)
        assert len(engine.ledger._store.rows("calls/find_calls", ids=_all_ids(tmp_path))) == 20
        engine.close()


def _all_ids(folder) -> list[str]:
    from tests.resources.calls.calls_worker import requests_of

    return [call_id(r, "stub") for r in requests_of(100)]
