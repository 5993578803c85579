"""The asset growth_report over a lake that two policies were scored in."""

from __future__ import annotations

from datetime import UTC, datetime

import dagster as dg
import pytest

from resources.lake.resource import Commit, Write
from resources.settings import SettingsResource
from wethink_assets.growth.assets import growth_assets
from wethink_assets.settings import Settings

ITEMS = [f"s{n:02d}" for n in range(40)]


def report(lake, tmp_path):
    settings = Settings(home=tmp_path / "home", evaluation={"resamples": 200})
    return dg.materialize(
        growth_assets(),
        selection=["growth_report"],
        resources={"lake": lake, "settings": SettingsResource.of(settings)},
        raise_on_error=False,
    )


def scored(lake, number: int, right: int) -> None:
    """Policy rl-N of release N, which has 100 N rows, with so many of the 40 held-out questions right."""
    policy_id, release_id = f"rl-{number}", f"release-{number}"
    row = {"split": "heldout", "batch": "b", "source": "coco", "licence": "l", "answer": "4", "answer_type": "number"}
    row |= {"answer_typed": {"type": "number", "raw": "4"}, "category": "FIB", "abilities": [], "refined_cot": "c"}
    row |= {"image_path": "coco/1.jpg", "reward": "rule", "release_id": release_id, "run_id": "r"}
    release = {"release_id": release_id, "batches": [f"b{n}" for n in range(number)], "target": 1000, "config": {}}
    release |= {"rows": 100 * number, "train_rows": 60, "heldout_rows": 40, "snapshot_id": number, "path": "p"}
    score = {"policy_id": policy_id, "policy_kind": "rl", "benchmark": "heldout", "metric": "accuracy", "main": True}
    score |= {"value": 2.5 * right, "low": 2.5 * right - 9, "high": 2.5 * right + 9, "scale": 100.0, "n": 40}
    score |= {"n_set": 40, "n_failed": 0, "breakdown": {}, "run_id": "r"}
    item = {"policy_id": policy_id, "benchmark": "heldout", "run_id": "r"}
    policy = {"policy_id": policy_id, "kind": "rl", "release_id": release_id, "snapshot_id": number, "path": "p"}
    account = {"asset": "release", "batch": "", "run_id": "r", "rows_in": 0, "continued": 0, "dropped": 0, "failed": 0}
    account |= {"rows_written": 0, "seconds": 0.0, "committed_at": datetime.now(UTC)}
    lake.write(
        Commit("test"),
        [
            Write(
                "materializations",
                [{**account, "details": {"release_id": release_id}}],
                replace={"asset": "release", "batch": ""},
            ),
            Write("policies", [{**policy, "config": {}, "seconds": 0.0, "run_id": "r"}]),
            Write("releases", [{**release, "run_id": "r"}]),
            Write(
                "release_rows",
                [
                    {**row, "sample_id": name, "image_id": f"i{n}", "position": n, "problem": f"How many, {name}?"}
                    for n, name in enumerate(ITEMS)
                ],
            ),
            Write("scores", [score]),
            Write(
                "predictions",
                [{**item, "policy_kind": "rl", "item": name, "call_id": "c", "prompt": "p"} for name in ITEMS],
            ),
            Write(
                "item_scores",
                [
                    {**item, "item": name, "verdict": "correct", "method": "rule", "score": float(n < right)}
                    for n, name in enumerate(ITEMS)
                ],
            ),
        ],
    )


@pytest.mark.long
def test_each_policy_has_its_change_since_the_one_before_and_a_second_look_adds_nothing(lake, tmp_path):
    failed = report(lake, tmp_path)
    assert not failed.success and not lake.rows("growth/select_report")
    scored(lake, 1, right=30)
    first = report(lake, tmp_path)
    assert first.success and [row["delta"] for row in lake.rows("growth/select_report")] == [None]
    scored(lake, 2, right=12)
    second = report(lake, tmp_path)
    one, two = lake.rows("growth/select_report")
    assert (one["policy_id"], one["rows"], two["policy_id"], two["rows"]) == ("rl-1", 100, "rl-2", 200)
    assert two["previous_id"] == "rl-1" and two["delta"] == pytest.approx(-45.0) and two["n"] == 40
    assert two["delta_high"] < 0 and (two["batches"], two["images"]) == (2, 40)
    (check,) = [c for c in second.get_asset_check_evaluations() if c.check_name == "no_set_got_worse"]
    assert not check.passed and "heldout" in check.description
    page = second.asset_materializations_for_node("growth_report")[0].metadata
    assert page["curve"].value.startswith("![") and "-45.0" in page["changes"].value and page["policies"].value == 2
    again = report(lake, tmp_path).asset_materializations_for_node("growth_report")[0].metadata
    assert again["unchanged"].value and len(lake.rows("growth/select_report")) == 2
