"""The quality of gates through Dagster, on a batch that the sample teacher answered and on data without a truth."""

from __future__ import annotations

import shutil

import pytest

from tests.synthesis.finished import finished_house
from tests.synthesis.house import House
from wethink_assets.dataset.assets import release_asset
from wethink_assets.gate_quality.assets import gate_quality_assets
from wethink_assets.gate_quality.chain import chain
from wethink_assets.settings import Settings
from wethink_assets.synthesis.registry import stages


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    house = House(tmp_path_factory.mktemp("gates"), copy_of=finished_house(tmp_path_factory))
    house.run(selection=[release_asset()], batch=None)
    yield house
    house.lake.store.close()


def measured(house, **settings):
    own = Settings.model_validate(house.settings.model_dump(exclude_unset=True) | settings)
    result = house.run(selection=gate_quality_assets(), batch=None, settings=own, must_succeed=False)
    checks = {check.check_name: check for check in result.get_asset_check_evaluations()}
    (event,) = result.get_asset_materialization_events()
    shown = {name: value.value for name, value in event.materialization.metadata.items()}
    return result, checks["gate_quality_floor"], shown


@pytest.mark.long
def test_every_gate_is_held_against_what_was_planted(house):
    result, check, shown = measured(house)
    assert result.success and check.passed, check.description
    rows = {r["gate"]: r for r in house.sql("SELECT * FROM gate_quality WHERE source = ''")}
    assert list(rows) and set(rows) == {step.name for step in chain(stages()) if step.is_gate}
    questions, dropped = (
        house.sql(f"SELECT count(*) AS n FROM {what}")[0]["n"]
        for what in ("questions", "verdicts WHERE reason = 'ill_posed'")
    )
    first = rows["well_posed"]
    assert (first["looked_at"], first["dropped_first"]) == (questions, dropped) and 0 < first["bad_alone"] <= dropped
    assert first["calls"] == house.sql("SELECT count(*) AS n FROM calls WHERE prompt = 'check_well_posed'")[0]["n"]
    assert first["cost_saved"] > 0 and rows["path_loops"]["looked_at"] > 0 and rows["agreement"]["aimed_rows"] > 0
    (last,) = house.sql("SELECT count(*) AS n FROM samples")
    assert rows["near_duplicate_question"]["looked_at"] == last["n"]
    assert (
        "|agreement|" in shown["gates"]
        and "data:image/png;base64," in shown["plot"]
        and "coco" in shown["dropped_by_source"]
    )
    _, _, again = measured(house)
    assert again["unchanged"]


def test_a_gate_below_its_floor_warns_or_by_setting_fails(house):
    floors = {"least_recall": 1.0}
    result, check, _ = measured(house, gates=floors)
    assert (
        not check.passed
        and check.severity.value == "WARN"
        and result.success
        and check.description.startswith("agreement: ")
    )
    result, check, _ = measured(house, gates={**floors, "blocking": True})
    assert not check.passed and check.severity.value == "ERROR" and not result.success


def test_without_a_truth_the_check_says_so_and_does_not_pass(house, tmp_path):
    truth = house.settings.truth_root
    shutil.move(truth, tmp_path / "truth")
    try:
        result, check, shown = measured(house, gates={"blocking": True})
    finally:
        shutil.move(tmp_path / "truth", truth)
    assert result.success and not check.passed and check.severity.value == "WARN"
    assert check.description.startswith("no truth known") and shown["truth"].startswith("no truth known")
