"""Judgements that failed are asked for again, against a real HTTP judge that fails first.

What cannot pass stops training.
"""

from __future__ import annotations

import json

import pytest

from resources.calls.engine import CallEngine
from resources.calls.messages import BudgetSpentError, CallsError, EndpointUnreachableError, ModelReply
from tests.fresh_lakes import fresh_lake_of
from tests.resources.calls.asking import ledger
from tests.resources.calls.stub_endpoint import Act, StubEndpoint, completion
from wethink_assets.rewards import calibration, judge, judge_retries
from wethink_assets.rewards.gates import judges
from wethink_assets.rewards.gold_types import type_answer
from wethink_assets.rewards.hybrid import HybridReward
from wethink_assets.settings import BudgetSettings, EndpointSettings, Settings

QUESTION = "Describe what lies on the grass."
GOLD = type_answer("A red ball lies on the grass.", category="DES")
REPLIES = [f"A red ball, {n} steps away." for n in range(6)]


def tier(score: float) -> Act:
    return Act(completion(json.dumps({"score": score, "reason": "so"})))


@pytest.fixture
def stub():
    with StubEndpoint() as server:
        yield server


NO_LIMIT = BudgetSettings()


@pytest.fixture
def engine_of(ledger_lake, tmp_path):
    engines = []

    def make(stub, budget=NO_LIMIT, **more) -> CallEngine:
        values = {"model": "stub-judge", "timeout_s": 5.0, "max_attempts": 1, **more}
        judge_of = EndpointSettings(base_url=stub.base_url, **values)
        engines.append(
            CallEngine(
                Settings(home=tmp_path, endpoints={"judge": judge_of}, budget=budget), ledger_lake, backoff_s=0.01
            )
        )
        return engines[-1]

    yield make
    for engine in engines:
        engine.close()


def asker(engine: CallEngine, run_id: str = "run1"):
    return lambda requests: engine.run(requests, asset="rl_policy", batch="", run_id=run_id)


def requests() -> list:
    return [judge.build_request(QUESTION, GOLD, reply, subject_id=reply) for reply in REPLIES]


def reward_of(engine: CallEngine) -> HybridReward:
    return HybridReward(judge=asker(engine))


def columns(count: int) -> dict:
    return {"answer_typed": [GOLD.to_json()] * count, "problem": [QUESTION] * count}


def answered(text: str) -> str:
    return f"<think>so</think><answer>{text}</answer>"


@pytest.mark.parametrize(
    "failure", [Act({"error": {}}, 503), Act(reset=True), Act(raw=b"not json")], ids=["503", "cut", "no json"]
)
def test_what_passes_is_asked_again_at_the_end_and_only_that(stub, engine_of, failure):
    def behave(call):
        fails = call.nth == 1 and (REPLIES[1] in call.text or REPLIES[4] in call.text)
        return failure if fails else tier(0.75)

    stub.behave = behave
    replies = judge_retries.ask_until_clear(asker(engine_of(stub)), requests())
    assert [judge.parse(r) for r in replies] == [0.75] * 6 and len(stub.calls) == 8
    assert {c.nth for c in stub.calls[-2:]} == {2}, "the failed ones came last"


def test_a_failed_call_is_no_finished_one_and_the_next_run_asks_it_again(stub, engine_of, ledger_lake):
    stub.behave = lambda call: Act({"error": {}}, 503) if REPLIES[2] in call.text else tier(1)
    replies = judge_retries.ask_until_clear(asker(engine_of(stub)), requests())
    assert [judge.parse(r) for r in replies] == [1, 1, None, 1, 1, 1]
    assert len(stub.calls) == 5 + 1 + judge_retries.PASSES and len(ledger(ledger_lake)) == 5
    stub.behave = lambda call: tier(0.5)
    again = judge_retries.ask_until_clear(asker(engine_of(stub), "run2"), requests())
    assert [judge.parse(r) for r in again] == [1, 1, 0.5, 1, 1, 1] and len(stub.calls) == 9


def test_a_judgement_that_was_refused_in_too_many_runs_ends_without_a_call(stub, engine_of):
    """What the ledger gives back costs no pass, so that asking for it again would have no end."""
    stub.behave = lambda call: Act(raw=b"too large", status=413) if REPLIES[2] in call.text else tier(1)
    engine = engine_of(stub, refused_runs=1)
    for run_id in ("run1", "run2"):
        replies = judge_retries.ask_until_clear(asker(engine, run_id), requests())
        assert [judge.parse(r) for r in replies] == [1, 1, None, 1, 1, 1]
    assert replies[2].error == "refused_repeatedly"
    assert len(stub.calls) == 5 + 1 + judge_retries.PASSES, "the second run asked nothing"


def test_a_reply_that_stays_unusable_after_its_repair_is_asked_for_with_another_seed_and_kept(
    stub, engine_of, ledger_lake
):
    """Equal requests get a failed reply of the ledger back for ever, so the second question is another call."""
    stub.behave = lambda call: (
        Act(completion("fine work"))
        if call.body.get("seed", 0) == 0 and "Grade" in str(call.body) and REPLIES[3] in str(call.body)
        else tier(0.25)
    )
    replies = judge_retries.ask_until_clear(asker(engine_of(stub)), requests())
    assert [judge.parse(r) for r in replies] == [0.25] * 6
    paid = len(stub.calls)
    rows = ledger(ledger_lake)
    assert len(rows) == 7 and [r["error"] for r in rows if r["status"] == "failed"] == ["invalid_reply"]
    again = judge_retries.ask_until_clear(asker(engine_of(stub), "run2"), requests())
    assert [r.call_id for r in again] == [r.call_id for r in replies] and len(stub.calls) == paid, (
        "nothing is paid twice"
    )


def test_the_next_run_asks_anew_for_what_the_last_one_paid_for_without_use(stub, engine_of, ledger_lake):
    """Replies without a score stay in the ledger, each under its seed: later runs go on behind them, not for ever."""
    stub.behave = lambda call: Act(completion("no")) if REPLIES[1] in str(call.body) else tier(1)
    clear = [1, None, 1]
    for run in ("run1", "run2"):
        replies = judge_retries.ask_until_clear(asker(engine_of(stub), run), requests()[:3], passes=1)
        assert [judge.parse(r) for r in replies] == clear
    seeds = sorted({c.body["seed"] for c in stub.calls})
    assert seeds == [0, 1, 2, 3], "two new questions in each run, none of them twice"
    stub.behave = lambda call: tier(0.5)
    before = len(stub.calls)
    replies = judge_retries.ask_until_clear(asker(engine_of(stub), "run3"), requests()[:3], passes=1)
    assert [judge.parse(r) for r in replies] == [1, 0.5, 1] and len(stub.calls) == before + 1
    again = judge_retries.ask_until_clear(asker(engine_of(stub), "run4"), requests()[:3], passes=1)
    assert [r.call_id for r in again] == [r.call_id for r in replies] and len(stub.calls) == before + 1, (
        "a clear one is kept"
    )


def test_no_judgement_is_asked_for_without_end():
    """Over many runs on one ledger that remembers every useless reply."""
    kept: dict[int, ModelReply] = {}

    def ask(asked):
        seed = asked[0].parameters.get("seed", 0)
        known = seed in kept
        kept[seed] = ModelReply(f"c{seed}", False, "no", None, None, "invalid_reply", "", "m", known, 0.0, 0, 0)
        return [kept[seed]]

    for _ in range(12):
        judge_retries.ask_until_clear(ask, requests()[:1], passes=4)
    assert set(kept) == set(range(judge_retries.MOST_SEEDS + 1))


def test_what_was_refused_is_asked_again_by_a_later_run_only_where_wanted(stub, engine_of):
    stub.behave = lambda call: (
        Act(completion(None, refusal="I will not grade this.")) if REPLIES[0] in call.text else tier(1)
    )
    first = judge_retries.ask_until_clear(asker(engine_of(stub)), requests()[:3], passes=1)
    assert [judge.parse(r) for r in first] == [None, 1, 1]
    paid = len(stub.calls)
    stub.behave = lambda call: tier(0.5)
    second = judge_retries.ask_until_clear(asker(engine_of(stub), "run2"), requests()[:3], passes=1)
    assert [judge.parse(r) for r in second] == [None, 1, 1] and len(stub.calls) == paid, "for good"
    third = judge_retries.ask_until_clear(asker(engine_of(stub), "run3"), requests()[:3], passes=1, refused_again=True)
    assert [judge.parse(r) for r in third] == [0.5, 1, 1] and len(stub.calls) == paid + 1


@pytest.mark.parametrize(
    "failure",
    [Act({"error": {}}, 429), Act(tier(1).body, delay_s=1.0), Act(reset=True)],
    ids=["429", "time-out", "cut"],
)
def test_what_failed_for_a_passing_cause_is_asked_again_by_the_next_run(stub, engine_of, ledger_lake, failure):
    stub.behave = lambda call: failure if REPLIES[0] in call.text else tier(1)
    first = judge_retries.ask_until_clear(asker(engine_of(stub, timeout_s=0.2)), requests()[:3], passes=0)
    assert [judge.parse(r) for r in first] == [None, 1, 1] and len(ledger(ledger_lake)) == 2
    stub.behave = lambda call: tier(0.5)
    again = judge_retries.ask_until_clear(asker(engine_of(stub), "run2"), requests()[:3], passes=0)
    assert [judge.parse(r) for r in again] == [0.5, 1, 1]


def test_two_rows_with_one_judgement_fail_together_and_are_not_asked_more(stub, engine_of):
    stub.behave = lambda call: Act(completion("no"))
    judge_retries.ask_until_clear(asker(engine_of(stub)), [requests()[0]] * 2, passes=1)
    assert {c.body["seed"] for c in stub.calls} == {0, 1}


def test_a_judge_that_never_answers_is_given_up_after_so_many_passes(stub, engine_of):
    stub.behave = lambda call: Act(completion("no"))
    replies = judge_retries.ask_until_clear(asker(engine_of(stub)), requests()[:2])
    assert [judge.parse(r) for r in replies] == [None, None]
    seeds = [c.body["seed"] for c in stub.calls]
    assert sorted(set(seeds)) == [0, 1, 2]


def test_training_asks_once_more_and_then_leaves_the_row_out(stub, engine_of):
    def behave(call):
        if REPLIES[0] in call.text:
            return Act({"error": {}}, 503)  # never
        return Act({"error": {}}, 503) if call.nth == 1 and REPLIES[1] in call.text else tier(1)

    stub.behave = behave
    records = reward_of(engine_of(stub)).score([answered(r) for r in REPLIES[:3]], **columns(3))
    assert [r.reward for r in records] == [None, 1.0, 1.0] and [r.verdict for r in records] == [
        "error",
        "correct",
        "correct",
    ]
    assert stub.seen[next(c.text for c in stub.calls if REPLIES[0] in c.text)] == 2


def test_a_spent_budget_stops_training_with_one_line(stub, engine_of):
    stub.behave = lambda call: tier(1)
    reward = reward_of(engine_of(stub, BudgetSettings(calls=2)))
    assert reward([""], [answered(REPLIES[0])], **columns(1)) == [1.0]
    with pytest.raises(BudgetSpentError) as caught:
        reward([""] * 4, [answered(r) for r in REPLIES[1:5]], **columns(4))
    assert "\n" not in str(caught.value)


def test_a_wrong_key_stops_training(stub, engine_of):
    stub.behave = lambda call: Act({"error": {"message": "no such key"}}, 401)
    with pytest.raises(EndpointUnreachableError):
        reward_of(engine_of(stub))([""], [answered(REPLIES[0])], **columns(1))


def test_a_judge_that_is_not_there_stops_training(engine_of):
    with StubEndpoint() as gone:
        engine = engine_of(gone)
    with pytest.raises(CallsError):
        reward_of(engine)([""], [answered(REPLIES[0])], **columns(1))


def test_a_cancelled_run_stops_training():
    def cancelled(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        HybridReward(judge=cancelled)([""], [answered(REPLIES[0])], **columns(1))


def test_a_worker_ends_with_one_line_where_the_judge_cannot_be_asked(capsys):
    from wethink_assets.training.worker import ERROR_MARK, worker_main

    def action(_):
        raise BudgetSpentError("the budget of this run is spent")

    with pytest.raises(SystemExit) as stopped:
        worker_main(action, ["worker", "job"])
    assert stopped.value.code == 2 and capsys.readouterr().err == f"{ERROR_MARK}the budget of this run is spent\n"


def test_every_configured_judge_is_measured_and_equal_ones_once():
    one, two = EndpointSettings(model="a"), EndpointSettings(model="b", weight=0)
    assert list(judges([one, two, EndpointSettings(model="a", base_url="http://127.0.0.1:9/v1")])) == ["a", "b"]
    warm = EndpointSettings(model="a", parameters={"top_p": 0.5})
    assert list(judges([one, warm])) == ["a {}", "a {'top_p': 0.5}"]


def test_the_calibration_of_a_standby_counts_too(stub, tmp_path):
    """A good judge and a generous standby: each has its check, and the standby's fails."""
    import dagster as dg

    from resources.lake.store import LakeStore
    from wethink_assets.graph import build_resources
    from wethink_assets.rewards.assets import reward_assets

    known = {p.question + p.reply: p.tier for p in calibration.pairs()}
    stub.behave = lambda call: tier(
        1 if call.body["model"] == "generous" else next(t for k, t in known.items() if k == _of(call.text))
    )
    ends = tuple(EndpointSettings(base_url=stub.base_url, model=m, weight=w) for m, w in (("good", 1), ("generous", 0)))
    settings = Settings(home=tmp_path, endpoints={"judge": ends})
    fresh_lake_of(settings)
    result = dg.materialize(
        reward_assets(ends),
        instance=dg.DagsterInstance.ephemeral(),
        resources=build_resources(settings),
        raise_on_error=False,
    )
    checks = {c.check_name: c.passed for c in result.get_asset_check_evaluations()}
    assert checks == {"rows_conserved": True, "judge_agrees_good": True, "judge_agrees_generous": False}
    kappas = (
        LakeStore(settings.lake_catalog, settings.lake_data_path)
        .sql("SELECT model, kappa FROM judge_calibrations ORDER BY model")
        .rows()
    )
    assert [m for m, _ in kappas] == ["generous", "good"] and kappas[1][1] == 1.0


def _of(text: str) -> str:
    """Question and reply of a judge's request."""
    question, _, rest = text.removeprefix("Question:\n").partition("\n\nReference answer:\n")
    body = rest.partition("between the lines ")[2]
    marker = body.partition(":\n")[0]
    return question + body.split(f"{marker}\n")[1].removesuffix("\n") if marker else question
