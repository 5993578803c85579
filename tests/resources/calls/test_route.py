"""Several endpoints per role: weights, failover, circuit breaker, rate limits, and a budget that is never passed."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resources.calls.breaker import BREAK_ROUNDS, CircuitBreaker
from resources.calls.engine import CallEngine
from resources.calls.failures import FailureLimit
from resources.calls.messages import BudgetSpentError, EndpointUnreachableError, TooManyFailedError
from resources.calls.rate_limits import Bucket, RateLimits
from tests.resources.calls.asking import SCHEMA, ask, ledger, run
from tests.resources.calls.stub_endpoint import Act, StubEndpoint, completion
from wethink_assets.settings import BudgetSettings, EndpointSettings, Settings


@pytest.fixture
def other():
    with StubEndpoint() as server:
        yield server


@pytest.fixture
def engine_of(lake, tmp_path, images):
    """A function that makes engines whose vlm role has several endpoints."""
    engines = []

    def make(*endpoints: EndpointSettings, **budget) -> CallEngine:
        engine = CallEngine(
            Settings(home=tmp_path, endpoints={"vlm": endpoints}, budget=BudgetSettings(**budget)),
            lake,
            images,
            backoff_s=0.01,
        )
        engines.append(engine)
        return engine

    yield make
    for engine in engines:
        engine.close()


def at(server: StubEndpoint, **values) -> EndpointSettings:
    return EndpointSettings(
        **{"base_url": server.base_url, "model": "stub", "timeout_s": 5.0, "price_in": 1.0, "price_out": 2.0, **values}
    )


def many(count: int, **values):
    return [ask(f"q{i}", **values) for i in range(count)]


# -- weights and failover ------------------------------------------------------------------------


def test_weights_share_the_requests_and_a_standby_gets_none(stub, other, engine_of):
    stub.behave = other.behave = lambda call: Act(completion(), delay_s=0.02)
    with StubEndpoint() as standby:
        engine = engine_of(
            at(stub, weight=3, concurrency=16), at(other, weight=1, concurrency=6), at(standby, weight=0)
        )
        assert all(r.ok for r in run(engine, many(200)))
        assert standby.calls == []
    assert len(stub.calls) + len(other.calls) == 200
    assert 0.6 < len(stub.calls) / 200 < 0.9


def test_one_endpoint_that_only_fails_costs_no_row_and_is_soon_left_alone(stub, other, engine_of, lake):
    stub.behave = lambda call: Act({"error": {"message": "boom"}}, 500)
    other.behave = lambda call: Act(completion(), delay_s=0.005)
    started = time.monotonic()
    patient = at(stub, concurrency=8, max_attempts=1_000)  # else a slow machine's run outlasts its probes
    replies = run(engine_of(patient, at(other, concurrency=8)), many(300))
    assert all(r.ok for r in replies) and len(other.calls) == 300
    probes = 8 + (time.monotonic() - started) / 0.64  # pauses double up to 64 times the backoff
    assert len(stub.calls) <= 5 * 8 + probes, "a few rounds and a probe now and then"
    assert {r["endpoint"] for r in ledger(lake)} == {other.base_url}


def test_a_refused_key_at_one_endpoint_is_asked_once_and_the_other_goes_on(stub, other, engine_of):
    stub.behave = lambda call: Act({"error": {"message": "no"}}, 401)
    replies = run(engine_of(at(stub, concurrency=1, weight=5), at(other)), many(50))
    assert all(r.ok for r in replies) and len(stub.calls) == 1
    other.behave = stub.behave
    with pytest.raises(EndpointUnreachableError, match=r"refuses the key.*; .*refuses the key"):
        run(engine_of(at(stub), at(other)), many(3, parameters={"seed": 1}))


def test_the_standby_answers_while_the_first_is_gone_and_the_first_returns(stub, other, engine_of):
    engine = engine_of(at(stub), at(other, weight=0))
    stub.behave = lambda call: Act(reset=True)
    assert all(r.ok for r in run(engine, many(40)))
    asked = len(other.calls)
    assert asked == 40
    stub.behave = lambda call: Act(completion())
    threading.Event().wait(1.0)  # the longest rest with this engine's backoff of 0.01 s is 0.64 s
    assert all(r.ok for r in run(engine, many(40, parameters={"seed": 1})))
    assert len(other.calls) - asked < 40 and len(stub.calls) > 0


def test_what_another_model_of_the_role_answered_is_its_call_and_is_found_again(stub, other, engine_of, lake):
    stub.behave = lambda call: Act({"error": {}}, 503)
    both = (at(stub, model="first", max_attempts=4), at(other, model="second"))
    (reply,) = run(engine_of(*both), [ask()])
    assert reply.ok and ledger(lake)[0]["model"] == "second"
    engine = engine_of(*both)
    assert engine.missing([ask()]) == 0
    (again,) = run(engine, [ask()], "run2")
    assert again.reused and again.call_id == reply.call_id and len(other.calls) == 1
    assert engine_of(both[0]).missing([ask()]) == 1, "the first model alone has not been asked"


def test_an_outage_is_waited_out_without_hammering(stub, engine_of):
    ends = time.monotonic() + 1.0
    stub.behave = lambda call: Act({"error": {}}, 500) if time.monotonic() < ends else Act(completion())
    replies = run(engine_of(at(stub, concurrency=16, max_attempts=12)), many(100))
    assert all(r.ok for r in replies)
    assert len(stub.calls) - 100 < 16 * (BREAK_ROUNDS + 1) + 12, "three rounds, then single probes"


def test_an_endpoint_that_fails_everything_stops_the_run_and_says_why(stub, engine_of, lake):
    stub.behave = lambda call: Act({"error": {"message": "out of memory"}}, 500)
    with pytest.raises(
        EndpointUnreachableError, match=r"failed .* requests in a row.*http_500: out of memory.*what was done is kept"
    ):
        run(engine_of(at(stub, concurrency=8, max_attempts=3)), many(1000))
    assert len(stub.calls) < 200 and ledger(lake) == []


def test_equal_requests_of_two_threads_are_asked_once(stub, engine_of, lake):
    stub.behave = lambda call: Act(completion(), delay_s=0.3)
    engine = engine_of(at(stub))
    replies: dict[int, list] = {}
    threads = [
        threading.Thread(target=lambda n=n: replies.update({n: run(engine, many(20), f"run{n}")})) for n in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(stub.calls) == 20 and all(r.ok for n in range(3) for r in replies[n])
    counted = lake.store.sql(
        "SELECT sum(asked) AS asked, sum(paid) AS paid, sum(reused) AS reused FROM call_reuse"
    ).row(0)
    assert counted == (60, 20, 40)


def test_too_many_failed_rows_stop_paying_and_what_was_done_stays(stub, engine_of, lake):
    stub.behave = lambda call: Act(completion(None, refusal="no") if int(call.text[1:]) % 2 else completion())
    requests = [ask(f"q{i}") for i in range(400)]
    requests = [type(r)(**{**r.__dict__, "subject_id": r.text}) for r in requests]
    engine = engine_of(at(stub, concurrency=4))
    with pytest.raises(
        TooManyFailedError,
        match=r"descriptions: 11 of 400 rows failed so far, at most 10 may \(refusal 11\).*max_failed_share",
    ):
        engine.run(requests, asset="descriptions", batch="b", run_id="r", failures=FailureLimit(0.02, after=10))
    asked = len(stub.calls)
    assert 11 <= asked < 40 and len(ledger(lake)) == asked
    with pytest.raises(TooManyFailedError, match="no further call was made"):
        engine.run(requests, asset="descriptions", batch="b", run_id="r2", failures=FailureLimit(0.02, after=10))
    assert len(stub.calls) == asked, "the same stage once more pays for nothing"


def test_failed_rows_add_up_over_the_turns_of_a_stage_and_count_once(stub, engine_of):
    def turn(name: str, texts: range) -> list:
        asked = [ask(f"{name} {i}") for i in texts]
        return [type(r)(**{**r.__dict__, "subject_id": r.text.split()[1]}) for r in asked]

    stub.behave = lambda call: Act(completion(None, refusal="no") if int(call.text.split()[1]) < 3 else completion())
    engine, failures = engine_of(at(stub)), FailureLimit(0.2, after=2)
    with pytest.raises(TooManyFailedError, match=r"3 of 10 rows .* at most 2 may"):
        run(engine, turn("one", range(10)), failures=failures)
    failures = FailureLimit(0.3, after=0)
    run(engine, turn("one", range(10)), failures=failures)
    run(engine, turn("two", range(10)), failures=failures)
    stub.behave = lambda call: Act(completion(None, refusal="no"))
    with pytest.raises(TooManyFailedError, match=r"4 of 10 rows .* at most 3 may"):
        run(engine, turn("three", range(3, 4)), failures=failures)


# -- rate limits ---------------------------------------------------------------------------------


@given(st.integers(6, 600), st.lists(st.floats(0.0, 20.0), min_size=1, max_size=200))
@settings(max_examples=60, deadline=None)
def test_no_minute_has_more_than_its_limit(per_minute, gaps):
    now = [0.0]
    bucket = Bucket(per_minute, lambda: now[0])
    taken: list[float] = []
    for gap in gaps:
        now[0] += gap
        now[0] += bucket.wait_s(1) + 1e-9
        bucket.take(1)
        taken.append(now[0])
    for first, start in enumerate(taken):
        assert sum(start <= t < start + 60 for t in taken[first:]) <= per_minute + 1


def test_a_request_larger_than_the_bucket_waits_and_leaves_a_debt():
    now = [0.0]
    bucket = Bucket(6000, lambda: now[0])
    assert bucket.wait_s(3000) == 0
    bucket.take(3000)
    assert 20 < bucket.wait_s(1) < 40
    bucket.take(-2400)
    assert bucket.wait_s(1) < 1
    assert Bucket(0, lambda: now[0]).wait_s(10**9) == 0


def test_requests_per_minute_hold_over_real_http(stub, engine_of):
    started = time.monotonic()
    assert all(r.ok for r in run(engine_of(at(stub, requests_per_minute=120)), many(15)))
    assert time.monotonic() - started > 1.4, "twelve at once, three more at 1.8 per second"


def test_tokens_per_minute_are_corrected_by_what_the_endpoint_counts():
    async def go() -> float:
        rates = RateLimits(0, 60_000)
        await rates.take(6_000)
        rates.settle(6_000, 15)
        started = asyncio.get_running_loop().time()
        await rates.take(5_000)
        return asyncio.get_running_loop().time() - started

    assert asyncio.run(go()) < 0.5


# -- the breaker ---------------------------------------------------------------------------------


def test_a_breaker_opens_after_rounds_probes_one_at_a_time_and_closes_on_an_answer():
    breaker = CircuitBreaker(first_s=1.0, longest_s=4.0, patience=3)
    for _ in range(BREAK_ROUNDS):
        assert breaker.allows(0.0)
        for ticket in [breaker.begin() for _ in range(10)]:
            breaker.failed(ticket, 0.0, "http_500", "x")
    assert breaker.is_open and not breaker.allows(0.5) and breaker.wait_s(0.25) == 0.75
    assert breaker.allows(1.0)
    probe = breaker.begin()
    assert not breaker.allows(1.0) and breaker.wait_s(1.0) == float("inf")
    breaker.failed(probe, 1.0, "http_500", "x")
    assert not breaker.allows(2.9) and breaker.allows(3.0)
    breaker.given_up(breaker.begin())
    assert breaker.allows(3.0), "a probe that was cancelled says nothing"
    breaker.answered()
    assert not breaker.is_open and breaker.failed_probes == 0


def test_one_answer_between_failures_keeps_it_closed():
    breaker = CircuitBreaker(1.0, 4.0, 3)
    for _ in range(20):
        breaker.failed(breaker.begin(), 0.0, "connection", "")
        breaker.failed(breaker.begin(), 0.0, "connection", "")
        breaker.begin()
        breaker.answered()
    assert not breaker.is_open


# -- the budget ----------------------------------------------------------------------------------


def test_a_budget_of_calls_is_met_exactly_and_the_rest_follows_with_more(stub, engine_of, lake):
    stub.behave = lambda call: Act(completion(), delay_s=0.01)
    with pytest.raises(BudgetSpentError, match=r"budget of this run is spent: calls 10 of 10.*\[budget\].calls"):
        run(engine_of(at(stub), calls=10), many(50))
    assert len(stub.calls) == len(ledger(lake)) == 10
    with pytest.raises(BudgetSpentError):
        run(engine_of(at(stub), calls=10), many(50), "run1")  # the same run in another process
    assert len(stub.calls) == 10
    replies = run(engine_of(at(stub), calls=40), many(50), "run2")
    assert all(r.ok for r in replies) and len(stub.calls) == 50
    with pytest.raises(BudgetSpentError, match="of all runs"):
        run(engine_of(at(stub), calls=50, per="ever"), many(60), "run3")
    assert len(stub.calls) == 50


@pytest.mark.parametrize("schema", [None, SCHEMA])
def test_cost_never_passes_its_limit_whatever_is_in_flight_and_repaired(stub, engine_of, lake, schema):
    usage = {"prompt_tokens": 60, "completion_tokens": 90, "total_tokens": 150}
    stub.behave = lambda call: Act({**completion("no json" if schema else "ok"), "usage": usage}, delay_s=0.01)
    with pytest.raises(BudgetSpentError, match="cost"):
        run(engine_of(at(stub, concurrency=32), cost=0.02), many(300, schema=schema, parameters={"max_tokens": 100}))
    paid = len(stub.calls) * (60 + 2 * 90) / 1e6
    assert 0.015 < paid <= 0.02, "all that was asked for, and little room left"
    assert sum(r["cost"] for r in ledger(lake)) == pytest.approx(paid)


def test_tokens_of_served_policies_are_free(stub, engine_of):
    engine = engine_of(at(stub), tokens=1, calls=1)
    assert all(r.ok for r in run(engine, many(20, role="policy"), endpoint=at(stub)))


def test_what_other_processes_spend_counts(stub, engine_of):
    first, second = engine_of(at(stub), calls=20, per="ever"), engine_of(at(stub), calls=20, per="ever")
    run(first, many(12))
    run(second, many(5, parameters={"seed": 1}), "run2")
    with pytest.raises(BudgetSpentError):
        run(first, many(12, parameters={"seed": 2}), "run3")
    assert len(stub.calls) == 20
