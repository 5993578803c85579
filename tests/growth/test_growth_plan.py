"""The asset growth_plan: evidence from the lake, what sources take by it, and a batch that keeps its plan."""

from __future__ import annotations

from datetime import UTC, datetime

from resources.lake.resource import Commit, Write
from tests.sources.running import materialize
from wethink_assets.growth.assets import evidence, growth_assets
from wethink_assets.settings import GrowthSettings
from wethink_assets.sources.assets import source_assets

PLAN = [asset for asset in growth_assets() if asset.key.path == ["growth_plan"]]
ASSETS = [*PLAN, *source_assets()[:2]]


def planned(lake, batch):
    return {row["source"]: row for row in lake.rows("growth/select_plan", batch=batch)}


def taken(lake, batch):
    rows = lake.store.sql("SELECT source, count(*) AS n FROM source_images WHERE batch = $b GROUP BY source", b=batch)
    return {row["source"]: row["n"] for row in rows.to_dicts()}


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
    return next(s for s in evidence(lake, settings, "own") if s.source == source)


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


def test_without_a_plan_or_with_fixed_quotas_the_settings_decide(tiny_settings, lake):
    own = tiny_settings.model_copy(update={"sources": tiny_settings.sources.model_copy(update={"quota": 2})})
    materialize(ASSETS, "b1", lake, own)
    assert {row["quota"] for row in planned(lake, "b1").values()} == {2}
    assert {row["reason"] for row in planned(lake, "b1").values()} == {"as the settings say"}
    by_targets = own.model_copy(update={"growth": GrowthSettings(policy="targets")})
    materialize(ASSETS[1:], "b2", lake, by_targets)
    assert taken(lake, "b1") == taken(lake, "b2") == {"coco": 2, "sam": 2}


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
