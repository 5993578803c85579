"""Refusals that may pass: counted by run, shown, and set aside after so many runs as the setting allows."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from resources.calls.failures import FailureLimit
from resources.calls.forgetting import Which, forget, refused_calls
from resources.calls.messages import TooManyFailedError
from resources.calls.refusals import REPEATED
from resources.lake.store import Commit, LakeStore, Write
from tests.resources.calls.asking import ask, ledger, run
from tests.resources.calls.stub_endpoint import Act, completion
from wethink_assets.cli.main import main
from wethink_assets.settings import EndpointSettings, Settings

TOO_LARGE = b"<html>413 Request Entity Too Large</html>"


@pytest.fixture
def too_large(stub):
    """A stub behind a proxy to which requests that say "bad" are too large, until it is cured."""
    stub.cured = False
    stub.behave = lambda call: (
        Act(raw=TOO_LARGE, status=413) if "bad" in call.text and not stub.cured else Act(completion())
    )
    return stub


def asked(stub, text: str) -> int:
    return sum(call.text == text for call in stub.calls)


def test_a_call_that_every_run_is_refused_is_set_aside_with_that_reason(too_large, engine_of, lake):
    engine = engine_of(too_large.base_url, concurrency=1, refused_runs=2)
    for n in range(3):
        good, bad = run(engine, [ask("good"), ask("bad")], f"run{n}")
        assert good.ok and bad.error == (REPEATED if n == 2 else "http_413")
        assert engine.missing([ask("bad")]) == (n == 0)
    assert asked(too_large, "bad") == 2 and "refused in 2 runs" in bad.detail and "http_413" in bad.detail
    (group,) = refused_calls(lake.store, engine.settings)
    assert (group.error, group.runs, group.calls, group.aside) == ("http_413", 2, 1, True)
    assert len(ledger(lake)) == 1, "a refusal is no end of a call"


def test_one_run_counts_once_however_often_it_asks(too_large, engine_of, lake):
    engine = engine_of(too_large.base_url, concurrency=1, refused_runs=2)
    for _ in range(3):
        run(engine, [ask("good"), ask("bad")])
    assert asked(too_large, "bad") == 3 and [g.runs for g in refused_calls(lake.store, engine.settings)] == [1]


def test_what_is_left_alone_in_a_run_counts_and_what_is_refused_altogether_does_not(too_large, engine_of, lake):
    """A server that refuses all that is new says nothing of single calls; one that was refused before is no news."""
    everything = [ask("bad"), ask("as bad")]
    run(engine_of(too_large.base_url), everything, "run0")
    assert not lake.store.sql("FROM refused_calls").rows()
    run(engine_of(too_large.base_url, concurrency=1), [ask("good"), *everything], "run1")
    run(engine_of(too_large.base_url), everything, "run2")
    run(engine_of(too_large.base_url), [*everything, ask("bad and new")], "run3")
    counted = lake.store.sql("SELECT run_id, count(*) AS n FROM refused_calls GROUP BY run_id ORDER BY run_id").rows()
    assert counted == [("run1", 2), ("run2", 2)]


def test_an_answer_ends_the_count(too_large, engine_of, lake):
    engine = engine_of(too_large.base_url, concurrency=1, refused_runs=2)
    run(engine, [ask("good"), ask("bad")])
    too_large.cured = True
    (reply,) = run(engine, [ask("bad")], "run2")
    assert reply.ok and refused_calls(lake.store, engine.settings) == []


@pytest.mark.parametrize(
    ("which", "asked_again"),
    [
        (Which(errors=(REPEATED,)), True),
        (Which(errors=("http_413",), roles=("vlm",)), True),
        (Which(errors=("http_400",)), False),
        (Which(models=("other",)), False),
    ],
)
def test_what_was_set_aside_is_asked_again_once_it_is_forgotten(too_large, engine_of, lake, which, asked_again):
    engine = engine_of(too_large.base_url, concurrency=1, refused_runs=1)
    run(engine, [ask("good"), ask("bad")])
    too_large.cured = True
    assert run(engine, [ask("bad")], "run2")[0].error == REPEATED
    shown = refused_calls(lake.store, engine.settings, which)
    assert forget(lake.store, which) == 0 and len(shown) == asked_again
    assert run(engine, [ask("bad")], "run3")[0].ok == asked_again


def test_rows_that_were_set_aside_count_as_failed_and_the_message_says_the_cure(too_large, engine_of):
    engine = engine_of(too_large.base_url, concurrency=1, refused_runs=1)
    run(engine, [ask("good"), ask("bad")])
    with pytest.raises(TooManyFailedError, match=r"refused_repeatedly 1.*no further call.*wethink calls refused"):
        run(engine, [ask("bad"), ask("new")], "run2", failures=FailureLimit(0.0))
    assert asked(too_large, "bad") == 1 and not asked(too_large, "new")


def test_a_stage_shows_what_was_refused_in_its_run_and_in_how_many(too_large, engine_of, lake):
    engine = engine_of(too_large.base_url, concurrency=1)
    for n in range(2):
        run(engine, [ask("good"), ask("bad")], f"run{n}")
    run(engine, [ask("another")], "run2")

    def shown(run_id: str) -> tuple[int, int]:
        (row,) = lake.store.rows("synthesis/summarise_calls", run_id=run_id, asset="descriptions", batch="b1")
        return row["refused"], row["refused_runs"]

    assert [shown("run1"), shown("run2")] == [(1, 2), (0, 0)]


def test_the_command_lists_them(tmp_path, monkeypatch):
    monkeypatch.setenv("WETHINK_HOME", str(tmp_path))
    store = LakeStore.of(Settings(home=tmp_path), create=True)
    store.sql("FROM refused_calls")  # the lake is made with the first look
    assert "No call waits" in CliRunner().invoke(main, ["calls", "refused"]).output
    allowed = EndpointSettings.model_fields["refused_runs"].default
    rows = [refused("often", n) for n in range(allowed)] + [refused("once", 0), refused("once more", 0)]
    store.write(Commit("test"), [Write("refused_calls", rows)])
    listed = CliRunner().invoke(main, ["calls", "refused"], env={"COLUMNS": "240"})
    assert listed.exit_code == 0 and "3 calls were refused" in listed.output and "ask 2 of them again" in listed.output
    assert "1 are asked no more" in listed.output and "no more" in listed.output and "too large" in listed.output
    looked = CliRunner().invoke(main, ["calls", "forget", "--error", "http_413"])
    assert "cost at most 1.5000" in looked.output and len(store.sql("FROM refused_calls")) == allowed + 2
    done = CliRunner().invoke(main, ["calls", "forget", "--error", "http_413", "--yes"])
    assert "3 refused calls are asked again" in done.output and not len(store.sql("FROM refused_calls"))
    store.close()


def refused(call_id: str, n: int) -> dict:
    return {
        "call_id": call_id,
        "run_id": f"run{n}",
        "role": "vlm",
        "model": "m",
        "endpoint": "http://a/v1",
        "prompt": "p",
        "error": "http_413",
        "detail": "too large",
        "at_most": 0.5,
        "asset": "descriptions",
        "batch": "b1",
        "refused_at": f"2026-05-0{n + 1}T12:00:00Z",
    }
