"""The asset growth_plan: evidence from the lake, what sources take by it, and a batch that keeps its plan."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from resources.lake.resource import Commit, Write
from tests.sources.running import materialize
from wethink_assets.commit import rows_version
from wethink_assets.dataset.assets import target_shares
from wethink_assets.growth.assets import growth_assets
from wethink_assets.growth.evidence import of_abilities, of_sources
from wethink_assets.settings import GrowthSettings
from wethink_assets.sources.assets import source_assets

PLAN = [asset for asset in growth_assets() if asset.key.path == ["growth_plan"]]
ASSETS = [*PLAN, *source_assets()[:2]]


def planned(lake, batch):
    return {row["source"]: row for row in lake.rows("growth/select_plan", batch=batch)}


def taken(lake, batch):
    rows = lake.store.sql("SELECT source, count(*) AS n FROM source_images WHERE batch = $b GROUP BY source", b=batch)
    return {row["source"]: row["n"] for row in rows.to_dicts()}


@pytest.mark.long
def test_sources_take_what_the_plan_says_and_a_begun_batch_keeps_it(tiny_settings, lake):
    growth = GrowthSettings(policy="targets", images=30)
    own = tiny_settings.model_copy(update={"growth": growth})
    result = materialize(ASSETS, "b1", lake, own)
    plan = planned(lake, "b1")
    assert len(plan) == 18 and 0 < sum(row["quota"] for row in plan.values()) <= 30
    assert taken(lake, "b1") == {s: plan[s]["quota"] for s in ("coco", "sam") if plan[s]["quota"]}
    checks = {e.check_name: e.passed for e in result.get_asset_check_evaluations()}
    assert checks["plan_within_limits"] and checks["rows_conserved"]
    page = result.asset_materializations_for_node("growth_plan")[0].metadata
    assert "| coco |" in page["plan"].value and page["images_asked"].value == sum(r["quota"] for r in plan.values())

    more = own.model_copy(update={"growth": GrowthSettings(policy="targets", images=500)})
    materialize(PLAN, "b1", lake, more)
    assert {s: row["quota"] for s, row in planned(lake, "b1").items()} == {s: row["quota"] for s, row in plan.items()}
    materialize(PLAN, "b2", lake, more)
    assert sum(row["quota"] for row in planned(lake, "b2").values()) > 30
    assert planned(lake, "b2")["coco"]["untaken"] < plan["coco"]["untaken"]


def test_evidence_counts_whole_batches_only_and_none_of_its_own(tiny_settings, lake):
    now = datetime.now(UTC)
    image = {"source": "coco", "image_id": "i", "file_bytes": 1, "position": 0, "licence": "l", "context": "{}"}
    account = {"asset": "samples", "run_id": "r", "rows_in": 0, "continued": 0, "dropped": 0, "failed": 0}
    account |= {"rows_written": 0, "seconds": 0.0, "committed_at": now}
    images = [
        {**image, "batch": batch, "image_uri": f"coco/{batch}-{n}", "run_id": "r"}
        for batch in ("whole", "half", "own")
        for n in range(3)
    ]
    lake.write(
        Commit("test"),
        [
            Write("source_images", images),
            Write("materializations", [{**account, "batch": batch} for batch in ("whole", "own")]),
        ],
    )
    coco = known(lake, tiny_settings, "coco")
    assert (coco.images, coco.samples, coco.coming, coco.taken) == (3, 0, 3, 3)
    assert (coco.untaken, coco.accuracy) == (None, None)


def known(lake, settings, source):
    return next(s for s in of_sources(lake, settings, "own", target_shares(settings)) if s.source == source)


def test_evidence_is_of_the_policy_on_the_scoreboard_and_of_its_own_release(tiny_settings, lake):
    board = {"benchmark": "heldout", "base_id": "base-1", "rl_id": "rl-2", "n": 3, "run_id": "r"}
    policy = {"kind": "rl", "path": "p", "config": {}, "seconds": 0.0, "run_id": "r"}
    row = {"image_id": "i", "split": "heldout", "position": 0, "run_id": "r"}
    score = {"benchmark": "heldout", "verdict": "correct", "method": "rule", "run_id": "r"}
    lake.write(
        Commit("test"),
        [
            Write("scoreboard", [board]),
            Write("policies", [{**policy, "policy_id": f"rl-{n}", "release_id": f"release-{n}"} for n in (1, 2)]),
            Write(
                "release_rows",
                [
                    {**row, "release_id": release, "sample_id": sample, "source": source}
                    for release in ("release-1", "release-2")
                    for sample, source in (("a", "coco"), ("b", "coco"), ("c", "sam"), ("d", "sam"))
                ],
            ),
            Write(
                "item_scores",
                [
                    {**score, "policy_id": policy_id, "item": item, "score": value}
                    for policy_id, marks in (("rl-1", (0, 0, 0, 0)), ("rl-2", (1, 0, 1, None)))
                    for item, value in zip("abcd", marks, strict=True)
                ],
            ),
        ],
    )
    coco, sam = known(lake, tiny_settings, "coco"), known(lake, tiny_settings, "sam")
    assert (coco.accuracy, coco.answers, sam.accuracy, sam.answers) == (0.5, 2, 1.0, 1)


def asked_for(lake, batch):
    return [row["ability"] for row in lake.rows("growth/select_abilities", batch=batch) if row["asked"]]


def made(lake, batch="b0", **tags):
    """A whole batch: so many questions with each ability, of which all but one became samples."""
    question = {"image_id": "i", "refined_id": "r", "batch": batch, "position": 0, "question": "?", "category": "FIB"}
    question |= {"options": [], "call_id": "c", "run_id": "r"}
    sample = {"image_id": "i", "answer_id": "a", "path_id": "p", "source": "coco", "licence": "l", "problem": "?"}
    sample |= {"answer": "1", "answer_typed": "{}", "answer_type": "number", "category": "FIB", "refined_cot": "."}
    sample |= {"image_path": "p", "reward": "rule", "batch": batch, "run_id": "r"}
    account = {"asset": "samples", "batch": batch, "run_id": "r", "rows_in": 0, "continued": 0, "dropped": 0}
    account |= {"failed": 0, "rows_written": 0, "seconds": 0.0, "committed_at": datetime.now(UTC)}
    ids = [(f"{batch}-{name}-{n}", ["reasoning", name], n) for name, count in tags.items() for n in range(count)]
    own = {"batch": batch}
    lake.write(
        Commit("test"),
        [
            Write("questions", [{**question, "question_id": i, "abilities": a} for i, a, _ in ids], replace=own),
            Write(
                "samples",
                [{**sample, "sample_id": i, "question_id": i, "abilities": a} for i, a, n in ids if n],
                replace=own,
            ),
            Write("materializations", [account], replace=own),
        ],
    )


LACKING = {"recognition": 201, "ocr": 101, "knowledge": 11, "spatial": 101, "math": 41}
ALIKE = dict.fromkeys(LACKING, 90)


def test_a_batch_asks_for_abilities_that_the_others_have_too_little_of(tiny_settings, lake):
    made(lake, **LACKING)
    own = tiny_settings.model_copy(update={"growth": GrowthSettings(policy="targets", images=30)})
    result = materialize(PLAN, "b1", lake, own)
    assert asked_for(lake, "b1") == ["knowledge", "math"]
    rows = {row["ability"]: row for row in lake.rows("growth/select_abilities", batch="b1")}
    assert (rows["ocr"]["samples"], rows["ocr"]["proposed"], rows["math"]["samples"]) == (100, 101, 40)
    assert sum(row["share"] for row in rows.values()) == pytest.approx(1)
    (event,) = result.asset_materializations_for_node("growth_plan")
    assert event.metadata["abilities_asked"].value == "knowledge, math"
    told = event.metadata["abilities"].value
    assert "| knowledge | yes | 10 of 450 tags of samples (2%), 20% are wanted; asked for |" in told
    assert event.metadata["rows_in"].value == 18, "the rows of the plan are the sources"


def test_other_policies_ask_for_none_and_their_plan_has_the_version_that_it_had(tiny_settings, lake):
    made(lake, **LACKING)
    result = materialize(PLAN, "b1", lake, tiny_settings)
    assert asked_for(lake, "b1") == [] and len(lake.rows("growth/select_abilities", batch="b1")) == 5
    quotas = {source: row["quota"] for source, row in planned(lake, "b1").items()}
    assert version_of(result) == rows_version(f"{source} {quota}" for source, quota in quotas.items())
    assert [quotas] == [dict.fromkeys(quotas, tiny_settings.sources.quota)]


def version_of(result):
    (event,) = result.asset_materializations_for_node("growth_plan")
    return event.tags["dagster/data_version"]


@pytest.mark.long
def test_what_a_batch_asks_for_stays_once_it_has_taken_files(tiny_settings, lake):
    own = tiny_settings.model_copy(update={"growth": GrowthSettings(policy="targets", images=30)})
    made(lake, **ALIKE)
    first = version_of(materialize(PLAN, "b1", lake, own))
    assert asked_for(lake, "b1") == []
    made(lake, **LACKING)
    second = version_of(materialize(PLAN, "b1", lake, own))
    assert asked_for(lake, "b1") == ["knowledge", "math"] and second != first, "made again before files are taken"
    materialize(ASSETS[1:], "b1", lake, own)
    made(lake, **ALIKE)
    fixed = own.model_copy(update={"growth": GrowthSettings()})
    assert version_of(materialize(PLAN, "b1", lake, fixed)) == second
    assert asked_for(lake, "b1") == ["knowledge", "math"]


@pytest.mark.long
def test_a_batch_that_took_files_before_abilities_were_planned_asks_for_none(tiny_settings, lake):
    """As a home of an earlier version has them: its questions may have been asked, and are not asked anew."""
    own = tiny_settings.model_copy(update={"growth": GrowthSettings(policy="targets", images=30)})
    made(lake, **LACKING)
    materialize(ASSETS, "b1", lake, own)
    lake.write(Commit("test"), [Write("growth_abilities", [], replace={"batch": "b1"})])
    materialize(ASSETS[1:], "b2", lake, own)  # without any plan
    for batch in ("b1", "b2"):
        result = materialize(PLAN, batch, lake, own)
        assert lake.rows("growth/select_abilities", batch=batch) == []
        (event,) = result.asset_materializations_for_node("growth_plan")
        assert "before abilities were planned" in event.metadata["abilities"].value


def test_evidence_of_pass_rates_and_accuracy_is_of_the_policies_of_now(tiny_settings, lake):
    row = {"image_id": "i", "position": 0, "run_id": "r", "release_id": "release-1", "source": "coco"}
    rate = {"policy_kind": "base", "release_id": "release-1", "answers": 4, "scored": 4, "rate": 0.0, "low": 0.0}
    rate |= {"high": 1.0, "sampling": "{}", "verifier": "v", "run_id": "r"}
    account = {"batch": "", "run_id": "r", "rows_in": 0, "continued": 0, "dropped": 0, "failed": 0, "rows_written": 0}
    account |= {"seconds": 0.0, "committed_at": datetime.now(UTC)}
    policy = {"kind": "base", "path": "p", "config": {}, "seconds": 0.0, "run_id": "r"}
    board = {"benchmark": "heldout", "base_id": "base-2", "rl_id": "rl-1", "n": 1, "run_id": "r"}
    score = {"policy_id": "rl-1", "benchmark": "heldout", "verdict": "correct", "method": "rule", "run_id": "r"}
    samples = {"a": ["math"], "b": ["math", "ocr"], "c": ["ocr"], "d": ["math"], "h": ["math", "spatial"]}
    right = {"a": 0, "b": 3, "c": 4, "d": 4, "h": 2}
    lake.write(
        Commit("test"),
        [
            Write("policies", [{**policy, "policy_id": f"base-{n}"} for n in (1, 2)]),
            Write("policies", [{**policy, "policy_id": "rl-1", "kind": "rl", "release_id": "release-1"}]),
            Write("materializations", [{**account, "asset": "base_policy", "details": '{"policy_id": "base-2"}'}]),
            Write("scoreboard", [board]),
            Write("item_scores", [{**score, "item": "h", "score": 1.0}]),
            Write(
                "release_rows",
                [
                    {**row, "sample_id": s, "abilities": ["reasoning", *a], "split": "heldout" if s == "h" else "train"}
                    for s, a in samples.items()
                ],
            ),
            Write(
                "pass_rates",
                [
                    {**rate, "policy_id": f"base-{n}", "sample_id": s, "correct": right[s] if n == 2 else 1}
                    for s in samples
                    for n in (1, 2)
                ],
            ),
        ],
    )
    known_ = {one.ability: one for one in of_abilities(lake, tiny_settings, "own")}
    assert {name: (one.learnable, one.rated) for name, one in known_.items()} == {
        "recognition": (0, 0),
        "ocr": (1, 2),
        "knowledge": (0, 0),
        "spatial": (0, 0),
        "math": (1, 3),
    }
    assert [known_[name].accuracy for name in ("math", "spatial", "ocr")] == [1.0, 1.0, None]
    coco = known(lake, tiny_settings, "coco")
    assert (coco.learnable, coco.rated, coco.accuracy) == (1, 4, 1.0)


def test_without_a_plan_or_with_fixed_quotas_the_settings_decide(tiny_settings, lake):
    own = tiny_settings.model_copy(update={"sources": tiny_settings.sources.model_copy(update={"quota": 2})})
    materialize(ASSETS, "b1", lake, own)
    assert {row["quota"] for row in planned(lake, "b1").values()} == {2}
    assert {row["reason"] for row in planned(lake, "b1").values()} == {"as the settings say"}
    by_targets = own.model_copy(update={"growth": GrowthSettings(policy="targets")})
    materialize(ASSETS[1:], "b2", lake, by_targets)
    assert taken(lake, "b1") == taken(lake, "b2") == {"coco": 2, "sam": 2}


@pytest.mark.long
def test_a_limit_holds_with_fixed_quotas_and_for_a_source_that_the_plan_does_not_know(tiny_settings, lake):
    own = tiny_settings.model_copy(update={"growth": GrowthSettings(images=18)})
    result = materialize(ASSETS, "b1", lake, own)
    assert taken(lake, "b1") == {"coco": 1, "sam": 1}
    assert all(check.passed for check in result.get_asset_check_evaluations())
    materialize(ASSETS[1:2], "b3", lake, own)
    materialize(PLAN, "b3", lake, own)
    plan = planned(lake, "b3")
    assert plan["coco"]["reason"].startswith("has taken") and plan["coco"]["quota"] == taken(lake, "b3")["coco"]


def test_a_plan_that_is_made_again_leaves_a_finished_batch_whole(tiny_settings, lake):
    materialize(ASSETS, "b1", lake, tiny_settings)
    account = {"asset": "samples", "batch": "b1", "run_id": "r", "rows_in": 0, "continued": 0, "dropped": 0}
    account |= {"failed": 0, "rows_written": 0, "seconds": 0.0, "committed_at": datetime.now(UTC)}
    lake.write(Commit("test"), [Write("materializations", [account])])
    materialize(PLAN, "b1", lake, tiny_settings)
    (row,) = [row for row in lake.rows("growth/select_batch_accounts") if row["batch"] == "b1"]
    assert row["filled_at"] < row["samples_at"]
