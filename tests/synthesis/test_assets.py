"""The synthesis assets through Dagster, with the real sample teacher over HTTP and a real lake."""

from __future__ import annotations

import io
import json
import re
from itertools import pairwise

import pytest

from resources.calls.bundle import export_calls, import_calls
from resources.lake.resource import Commit
from tests.benchmark_sets.known_rows import known
from tests.demo.teacher.recording import prompt_text
from tests.synthesis.finished import finished_house
from tests.synthesis.house import House
from wethink_assets.dataset.assets import release_asset
from wethink_assets.demo.teacher.faults import PLANTED_FILE
from wethink_assets.gates import Scope, gates_of
from wethink_assets.images.contamination import Questions
from wethink_assets.memoisation import DETAIL
from wethink_assets.rewards import judge
from wethink_assets.settings import BudgetSettings, Settings
from wethink_assets.synthesis import calls_metadata
from wethink_assets.synthesis.assets import synthesis_assets
from wethink_assets.synthesis.registry import stages, tables_written
from wethink_assets.synthesis.schemas import SCHEMAS

ASSETS = synthesis_assets()


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    house = House(tmp_path_factory.mktemp("house"), recorded=True)
    house.first = house.run()
    finished_house(tmp_path_factory, house)
    house.released = house.run(selection=[release_asset()], batch=None)  # while there is one batch
    yield house
    house.lake.store.close()
    house.teacher.close()


def test_all_stages_pass_their_checks_and_most_questions_survive(house):
    assert house.first.success
    checks = house.first.get_asset_check_evaluations()
    gates = {stage: (*stage.gates, *(calls_metadata.CALL_GATES if stage.asks else ())) for stage in stages()}
    assert [(c.asset_key.path[0], c.check_name) for c in checks] == [
        (stage.name, gate.name) for stage, own in gates.items() for gate in gates_of(stage.name, own)
    ]
    assert all(c.passed for c in checks)
    for stage in stages():
        (made,) = house.first.asset_materializations_for_node(stage.name)
        assert made.metadata["dagster/row_count"].value == len(house.rows(stage.table)), stage.name
    samples, questions = house.rows("samples"), house.rows("questions")
    assert 0.5 <= len(samples) / len(questions) <= 1
    assert {s["category"] for s in samples} == {"MC", "FIB", "DES"}
    colours = sum(s["problem"].startswith("What colour") and s["category"] == "FIB" for s in samples)
    assert colours / len(samples) > 0.3, "a tiny policy needs many questions on the main colour"
    assert all(len(s["refined_cot"].split()) <= 14 for s in samples)
    assert all(s["licence"] == "CC-BY" and s["image_path"].startswith("coco/") for s in samples)
    assert not any("plate" in json.dumps([s["problem"], s["answer"], s["refined_cot"]]) for s in samples)


def test_every_stage_accounts_for_the_rows_that_the_one_before_wrote(house):
    accounting = {r["asset"]: r for r in house.sql("SELECT * FROM materializations WHERE batch = 'g1'")}
    order = [stage.name for stage in stages()]
    assert set(accounting) == set(order)
    assert accounting["descriptions"]["rows_in"] == house.images
    for before, after in pairwise(order):
        row = accounting[after]  # the questions stage counts proposals; its images are in the details
        rows_in = json.loads(row["details"])["images"] if after == "questions" else row["rows_in"]
        assert rows_in == accounting[before]["continued"], after


def test_every_row_names_its_parents_and_its_calls(house):
    known = {c["call_id"] for c in house.sql("SELECT call_id FROM calls WHERE status = 'ok'")}
    for table in ("descriptions", "questions", "answers", "reasoning_paths"):
        assert {r["call_id"] for r in house.rows(table)} <= known, table
    for row in house.rows("refined_descriptions"):
        assert set(row["call_ids"]) <= known and "(plate " in row["text"]
    assert {c["model"] for c in house.sql("SELECT model FROM calls")} <= {
        f"sample-teacher-{r}" for r in ("vlm", "reasoner", "adjudicator", "rewriter", "judge")
    }
    versions = house.sql("SELECT count(DISTINCT prompt_version) AS n, count(DISTINCT prompt) AS prompts FROM calls")[0]
    assert versions["n"] == versions["prompts"] >= 10


def test_rule_and_judge_are_compared_and_rows_that_stay_with_their_rule_have_evidence(house):
    """The sample teacher's judge knows right from wrong short answers, so routing finds no rule at fault."""
    replies = house.rows("scored_replies")
    routes = {r["question_id"]: r for r in house.rows("routed_answers")}
    assert {r["category"] for r in replies} == {"MC", "FIB"} and {r["verdict"] for r in replies} >= {"correct", "wrong"}
    assert not [r for r in replies if r["agrees"] is False], "rule and judge agree on every reply"
    assert {r["reason"] for r in routes.values()} >= {"descriptive", "few_replies", "agreement"}
    assert all(r["rule_type"] is None for r in routes.values())
    table = house.rows("reward_agreements")
    assert sum(t["replies"] for t in table) == len(replies) and all(t["agreement"] == 1 for t in table if t["decided"])
    known = {c["call_id"] for c in house.sql("SELECT call_id FROM calls")}
    assert {r["call_id"] for r in replies} | {r["judge_call_id"] for r in replies if r["judge_call_id"]} <= known
    (event,) = house.first.asset_materializations_for_node("routed_answers")
    shown = {k: v.value for k, v in event.metadata.items()}
    assert "| FIB | coco |" in shown["agreement"] and "data:image/png;base64," in shown["agreement_plot"]


def test_lineage_shows_who_rewards_a_sample_and_why(house):
    from wethink_assets.lineage.lineage import walk

    def lines(node):
        yield node.text
        for child in node.children:
            yield from lines(child)

    reply = next(r for r in house.rows("scored_replies") if r["verdict"] == "wrong" and r["judge_call_id"])
    text = "\n".join(lines(walk(house.lake.store, reply["question_id"])))
    assert "reward by rule (" in text and f"said {reply['reply']}: rule wrong, judge 0" in text
    assert any(n.mark for n in _nodes(walk(house.lake.store, reply["reply_id"])))
    assert f"scored reply {reply['reply_id']}" in "\n".join(lines(walk(house.lake.store, reply["judge_call_id"])))


def _nodes(node):
    yield node
    for child in node.children:
        yield from _nodes(child)


def test_the_server_received_the_image_of_every_vision_call(house):
    """Told by the server, not by the client: images that are silently not sent are a known fault of others."""
    received: dict[tuple[str, str], list[list[str]]] = {}
    for model, text, hashes in house.teacher.received:
        received.setdefault((model, text), []).append(hashes)
    seeing = set()
    for call in house.sql("SELECT prompt, model, messages, image_ids, images_sent FROM calls"):
        arrived = received[call["model"], prompt_text(json.loads(call["messages"]))]
        assert call["image_ids"] == call["images_sent"] and call["image_ids"] in arrived
        assert all(len(hashes) == len(call["image_ids"]) for hashes in arrived), "also in every retry and repair"
        if call["image_ids"]:
            seeing.add(call["prompt"])
    looking = {
        "describe",
        "answer_visual_details",
        "check_answerable",
        "answer_from_image",
        "adjudicate",
        "refine_path",
    }
    assert seeing == looking, "every prompt whose role looks, and no other"


def test_malformed_replies_were_repaired(house):
    planted = [json.loads(x) for x in (house.settings.truth_root / PLANTED_FILE).read_text("utf-8").splitlines()]
    assert any(p["kind"] == "malformed_json" for p in planted)
    assert house.sql("SELECT count(*) AS n FROM calls WHERE error = 'invalid_reply'")[0]["n"] == 0
    assert (
        house.sql("SELECT count(*) AS n FROM calls WHERE status = 'ok' AND first_problem = 'invalid_reply'")[0]["n"] > 0
    )


def test_filters_are_measured_against_the_planted_truth(house):
    (event,) = house.first.asset_materializations_for_node("samples")
    metadata = {k: v.value for k, v in event.metadata.items()}
    assert 0 <= metadata["bad_samples_share"] < 0.2
    assert metadata["question_filter_recall"] > 0.5
    assert "data:image/png;base64," in metadata["model_calls"]
    assert "data:image/jpeg;base64," in metadata["examples"] and len(metadata["examples"]) < 100_000
    assert metadata["explorer"] == "http://127.0.0.1:3200/rows?batch=g1"
    (linked,) = re.findall(r"\(http://127\.0\.0\.1:3200/row/(\w+)\)", metadata["examples"])[:1]
    assert house.lake.store.sql("FROM samples WHERE sample_id = $id", id=linked).height == 1


def test_rates_and_costs_are_numbers_that_dagster_plots(house):
    (event,) = house.first.asset_materializations_for_node("descriptions")
    shown = {k: v.value for k, v in event.metadata.items()}
    assert shown["calls_paid"] == shown["calls_asked"] == house.images and shown["reuse_rate"] == 0.0
    assert (
        shown["cost"] > 0
        and shown["prompt_tokens"] > 0
        and 0 <= shown["failure_rate"] < 0.2
        and 0 <= shown["malformed_rate"] < 0.2
    )


def test_gates_warn_of_malformed_replies_and_of_the_budget():
    asked = {
        "asked": 20,
        "paid": 10,
        "reused": 10,
        "failed": 3,
        "malformed": 2,
        "refused": 1,
        "refused_runs": 2,
        "http_requests": 12,
        "prompt_tokens": 5,
        "completion_tokens": 5,
        "cost": 1.0,
        "saved": 1.0,
    }

    class Recorded:
        """A lake in which one asset committed in run r, with these calls."""

        def __init__(self, **more):
            self.asked = asked | more

        def rows(self, name, **parameters):
            return {
                "quality/select_accounting": [{"run_id": "r", "details": None}],
                "synthesis/summarise_calls": [self.asked],
                "calls/sum_spent": [{"cost": self.asked["cost"], "tokens": 10, "calls": 10}],
            }[name]

    def verdicts(lake, **budget):
        scope = Scope(lake, Settings(budget=BudgetSettings(**budget)), "descriptions", "g1")
        return [gate.judge(scope).passed for gate in calls_metadata.CALL_GATES]

    shown = calls_metadata.metadata(asked)
    assert (shown["failure_rate"], shown["malformed_rate"], shown["reuse_rate"]) == (0.3, 0.2, 0.5)
    assert (shown["calls_refused"], shown["calls_refused_in_runs"]) == (1, 2)
    assert verdicts(Recorded(), cost=0.5) == [False, False, False]
    assert verdicts(Recorded(failed=0, malformed=0), cost=2.0) == [True, True, True]
    assert {gate.severity for gate in calls_metadata.CALL_GATES} == {"WARN"}


def test_written_questions_pass_the_gate_of_the_evaluation_sets(tmp_path, tmp_path_factory, monkeypatch):
    house = House(tmp_path / "house", copy_of=finished_house(tmp_path_factory))
    written = next(q for q in house.rows("questions") if len(q["question"].split()) >= 8)
    item = {"benchmark": "MMStar", "item": "9", "question": written["question"].upper()}
    house.lake.write(Commit("benchmark_items"), known([item]))
    house.run(selection=ASSETS[2:3])
    assert written["question"] not in {q["question"] for q in house.rows("questions")}
    verdicts = house.sql("SELECT related_id, detail FROM verdicts WHERE reason = 'benchmark_question'")
    assert verdicts and all(v["related_id"] == "MMStar:9" and "MMStar:9" in v["detail"] for v in verdicts)

    monkeypatch.setattr(Questions, "repeated_by", lambda self, question: None)  # a gate that lets everything through
    passed = house.run(selection=ASSETS[2:4], must_succeed=False)
    check = next(c for c in passed.get_asset_check_evaluations() if c.check_name == "no_benchmark_question")
    assert not check.passed and check.blocking and "MMStar:9" in check.description
    assert not passed.asset_materializations_for_node("valid_questions"), "nothing more was paid for"
    house.lake.store.close()


@pytest.mark.long
def test_a_lost_image_fails_alone_and_too_many_stop_the_asset(tmp_path):
    house = House(tmp_path, seeds=1)
    lost = house.sql("SELECT image_id, image_uri FROM images WHERE batch = 'g2' ORDER BY image_id")[0]
    (house.settings.sources_root / lost["image_uri"]).unlink()
    strict = house.settings.model_copy(
        update={"synthesis": house.settings.synthesis.model_copy(update={"max_failed_share": 0.0})}
    )
    stopped = house.run("g2", strict, ASSETS[:1], must_succeed=False)
    assert not stopped.success
    (failure,) = [e for e in stopped.all_events if e.is_step_failure]
    message = failure.step_failure_data.error.message
    assert (
        "descriptions: 1 of 5 rows failed" in message and "image_missing" in message and "max_failed_share" in message
    )
    assert not house.rows("descriptions", "g2") and house.sql("SELECT count(*) AS n FROM calls")[0]["n"] == 4
    assert house.run("g2", selection=ASSETS[:1]).success
    assert len(house.rows("descriptions", "g2")) == 4
    verdict = house.sql("SELECT * FROM verdicts")[0]
    assert (verdict["subject_id"], verdict["verdict"], verdict["reason"]) == (
        lost["image_id"],
        "failed",
        "image_missing",
    )
    assert house.sql("SELECT count(*) AS n FROM calls")[0]["n"] == 4, "finished calls were not paid again"
    house.lake.store.close()


@pytest.mark.long
def test_a_bundle_rebuilds_the_same_release_without_any_endpoint_and_in_small_windows(house, tmp_path):
    """Export, import into a fresh lake whose endpoints cannot be reached, rebuild with a few rows at a time: the same
    rows, the same accounts, the same data version.
    """

    def details(of):
        rows = of.sql("SELECT asset, details FROM materializations WHERE batch = 'g1' ORDER BY asset")
        return [{k: v for k, v in json.loads(row["details"]).items() if k != DETAIL} for row in rows]

    def version(result):
        (event,) = result.asset_materializations_for_node("release")
        return event.tags["dagster/data_version"]

    path = tmp_path / "calls.parquet"
    assert export_calls(house.lake.store, path, batch="g1") > 50
    fresh = House(tmp_path / "fresh")
    unreachable = {
        r: e.model_copy(update={"base_url": "http://127.0.0.1:9/v1", "max_attempts": 1})
        for r, e in house.settings.endpoints.items()
    }
    windows = house.settings.synthesis.model_copy(update={"window_rows": 20})
    fresh.settings = fresh.settings.model_copy(
        update={"endpoints": unreachable, "truth_root": house.settings.truth_root, "synthesis": windows}
    )
    assert not fresh.run(selection=ASSETS[:1], must_succeed=False).success, "without the bundle nothing can be built"
    imported = import_calls(fresh.lake.store, path)
    assert imported.new == imported.calls
    assert fresh.run().success
    for table in tables_written():
        assert fresh.rows(table) == house.rows(table), table
    assert details(fresh) == details(house)
    assert not list(fresh.settings.scratch_dir.glob("*/")), "what was spooled is gone"
    assert version(fresh.run(selection=[release_asset()], batch=None)) == version(house.released)
    reuse = fresh.sql("SELECT sum(paid) AS paid, sum(reused) AS reused FROM call_reuse")[0]
    assert reuse["paid"] == 0 and reuse["reused"] >= imported.calls
    fresh.lake.store.close()


def test_prompts_diff_reads_the_real_ledger(house):
    from rich.console import Console

    from wethink_assets.cli.prompts import show_prompt_changes

    console = Console(width=300, record=True, file=io.StringIO())
    show_prompt_changes(console, house.lake.store, house.settings)
    text = console.export_text()
    assert "No prompt differs" in text and "describe" in text and "grade_answer" in text and "removed" not in text


REFUSED = [
    ("descriptions", "description"),
    ("refined_descriptions", "missing_details"),
    ("refined_descriptions", "visual_answer"),
    ("refined_descriptions", "merged_description"),
    ("questions", "question_list"),
    ("valid_questions", "well_posed"),
    ("valid_questions", "answerable"),
    ("dual_answers", "answer"),
    ("dual_answers", "judgement"),
    ("chosen_answers", "adjudication"),
    ("reasoning_paths", "refined_path"),
    ("routed_answers", "judgement"),
]


def test_every_prompt_has_its_place_among_the_refused():
    off = {"blind_answer", "second_look"}  # unless it is asked for
    assert {schema for _, schema in REFUSED} == {*SCHEMAS, judge.SCHEMA_NAME} - off


@pytest.mark.parametrize(("key", "schema"), REFUSED)
def test_every_stage_stops_paying_at_too_many_failures(house, key, schema):
    """With sampling parameters of its own nothing is in the ledger; of one kind of call the first refusal is one too
    many.
    """
    strict = house.settings.synthesis.model_copy(update={"max_failed_share": 0.0, "stop_after_failed": 0})
    endpoints = house.teacher.endpoints(parameters={"top_p": 0.5 + REFUSED.index((key, schema)) / 100}, concurrency=1)
    settings = house.settings.model_copy(update={"synthesis": strict, "endpoints": endpoints})
    before = house.rows("verdicts")
    with house.teacher.refusing(schema):
        stopped = house.run("g1", settings, [a for a in ASSETS if a.key.path == [key]], must_succeed=False)
    (failure,) = [e for e in stopped.all_events if e.is_step_failure]
    message = (
        failure.step_failure_data.error.cause.message
        if failure.step_failure_data.error.cause
        else failure.step_failure_data.error.message
    )
    assert "TooManyFailedError" in message and f"{key}: 1 of " in message and "(refusal 1); " in message
    assert 1 <= house.teacher.refused <= 2 and house.rows("verdicts") == before, (
        "one call at a time at each of two roles"
    )
