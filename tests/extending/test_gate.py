"""A gate that no file of the project knows: it stops a batch, it can be run again alone, and it keeps what it said of
each batch.
"""

from __future__ import annotations

import dagster as dg
import pytest

from tests.extending import gate_extension
from tests.extending.gate_extension import EXTENSION, GATE
from tests.synthesis.finished import finished_house
from tests.synthesis.house import House
from wethink_assets import extensions, gates
from wethink_assets.graph import build_definitions
from wethink_assets.settings import Settings
from wethink_assets.synthesis.assets import synthesis_assets

KEY = dg.AssetCheckKey(dg.AssetKey("questions"), GATE.name)
UP_TO = ("descriptions", "refined_descriptions", "questions", "valid_questions")


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    finished = finished_house(tmp_path_factory)
    extensions.register(EXTENSION)
    house = House(tmp_path_factory.mktemp("gated"), copy_of=finished)
    house.assets = [asset for asset in synthesis_assets() if asset.key.path[0] in UP_TO]
    yield house
    house.lake.store.close()
    extensions.unregister(EXTENSION)


def verdicts(house) -> list[tuple[str | None, bool]]:
    """What the instance has recorded of the gate, oldest first: (batch, passed)."""
    records = house.instance.event_log_storage.get_asset_check_execution_history(KEY, limit=50)
    evaluations = [record.evaluation for record in records if record.event is not None]
    batches = [evaluation.metadata.get("batch") for evaluation in reversed(evaluations)]
    passed = [evaluation.passed for evaluation in reversed(evaluations)]
    return [(batch.value if batch else None, one) for batch, one in zip(batches, passed, strict=True)]


def alone(house, batch: str | None = None) -> dg.ExecuteInProcessResult:
    """A run of the gate and of nothing else; without a batch as the UI's Execute starts it."""
    job = dg.define_asset_job("alone", selection=dg.AssetSelection.checks(KEY), executor_def=dg.in_process_executor)
    definitions = dg.Definitions(assets=house.assets, jobs=[job], resources=house.resources())
    return definitions.resolve_job_def("alone").execute_in_process(
        instance=house.instance, tags={"dagster/partition": batch} if batch else None, raise_on_error=False
    )


def test_the_settings_alone_put_the_gate_on_its_asset(tmp_path):
    settings = Settings(home=tmp_path, extensions=("tests.extending.gate_extension",))
    try:
        graph = build_definitions(settings).resolve_asset_graph()
        node = graph.get(KEY)
        assert node.blocking and node.description == GATE.protects_from
        assert node.partitions_def is None, "the UI executes no check alone that has partitions"
    finally:
        extensions.unregister(EXTENSION)


def test_a_failing_gate_stops_the_run_and_each_batch_keeps_its_verdict(house, monkeypatch):
    assert house.run("g1", selection=house.assets[2:]).success
    monkeypatch.setattr(gate_extension, "MOST", 0)
    stopped = house.run("g2", selection=house.assets, must_succeed=False)
    assert not stopped.success
    assert "valid_questions" not in {e.step_key for e in stopped.get_step_success_events()}
    assert house.rows("questions", "g2") and not house.rows("valid_questions", "g2")
    assert verdicts(house) == [("g1", True), ("g2", False)]


def test_the_gate_runs_again_alone_on_its_batch_and_writes_nothing(house, monkeypatch):
    before = house.lake.snapshot_id()
    again = alone(house, "g2")
    assert again.success, "the threshold is as before, so the batch passes now"
    (result,) = again.get_asset_check_evaluations()
    assert (result.check_name, result.metadata["batch"].value, result.passed) == (GATE.name, "g2", True)
    assert result.target_materialization_data is not None
    assert not again.get_asset_materialization_events() and house.lake.snapshot_id() == before
    monkeypatch.setattr(gate_extension, "MOST", 0)
    failed = alone(house, "g1")
    assert not failed.get_asset_check_evaluations()[0].passed
    assert verdicts(house)[-2:] == [("g2", True), ("g1", False)]


def test_without_a_batch_the_gate_is_asked_about_every_batch(house, monkeypatch):
    (result,) = alone(house).get_asset_check_evaluations()
    assert result.passed and result.description == "0 of 2 batches failed"
    most = {
        row["batch"]: row["n"]
        for row in house.sql(
            "SELECT batch, max(n) AS n FROM (SELECT batch, count(*) AS n FROM questions GROUP BY batch, image_id) "
            "GROUP BY ALL"
        )
    }
    monkeypatch.setattr(gate_extension, "MOST", -1)
    (result,) = alone(house).get_asset_check_evaluations()
    table = result.metadata["batches"].value
    assert not result.passed and result.description == "2 of 2 batches failed: g1, g2"
    assert all(f"| {batch} | failed |" in table and f"{n} times" in table for batch, n in most.items())


def test_a_gate_that_ends_in_an_error_did_not_pass_and_the_others_are_asked_all_the_same(house, monkeypatch):
    monkeypatch.setattr(gate_extension, "MOST", "no number")
    stopped = house.run("g1", selection=house.assets[2:], must_succeed=False)
    results = {e.check_name: e for e in stopped.get_asset_check_evaluations() if e.asset_key.path == ["questions"]}
    assert not stopped.success and not results[GATE.name].passed
    assert results[GATE.name].description.startswith("the gate itself ended in TypeError")
    assert results["ability_synergy"].passed and results["rows_conserved"].passed


def test_a_batch_without_rows_passes_no_gate(house):
    house.instance.add_dynamic_partitions("growth_batch", ["g9"])
    (result,) = alone(house, "g9").get_asset_check_evaluations()
    assert not result.passed and "materialise it" in result.description


def test_every_gate_of_an_asset_can_be_run_alone(house):
    graph = dg.Definitions(assets=house.assets, resources=house.resources()).resolve_asset_graph()
    for key in graph.asset_check_keys:
        assert graph.get_execution_set_asset_and_check_keys(key) == {key}, key


def test_two_gates_of_one_name_are_refused(house):
    gates.register("questions", GATE)  # again, which changes nothing
    with pytest.raises(ValueError, match="no_image_dominates"):
        gates.register("questions", gates.Gate(GATE.name, "another", GATE.judge))
    gates.register("samples", gates.Gate("samples_are_usable", "a built-in one's name", GATE.judge))
    try:
        with pytest.raises(ValueError, match="two gates of one name: samples_are_usable"):
            synthesis_assets()
    finally:
        gates.unregister("samples", "samples_are_usable")
