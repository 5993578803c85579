"""The asset factory in Dagster: whose batch a step is about, and which gates it asks."""

from __future__ import annotations

from types import SimpleNamespace

import dagster as dg
import pytest

from resources.lake.resource import Lake
from resources.settings import SettingsResource
from wethink_assets.accounting import StageResult
from wethink_assets.asset_factory import gate_results, lake_asset
from wethink_assets.commit import commit_result
from wethink_assets.gates import gates_of
from wethink_assets.settings import Settings


@pytest.fixture
def run(lake, tmp_path):
    """A run of a batch that takes a partitioned and an unpartitioned asset, or only checks of these."""
    keys = {True: dg.AssetKey("grows"), False: dg.AssetKey("looks_at_all")}

    def asset(partitioned: bool) -> dg.AssetsDefinition:
        key = keys[partitioned]

        @lake_asset(
            key=key, group="g", description="d", tables=("images",), kinds=(), owner="team:t", partitioned=partitioned
        )
        def _asset(context: dg.AssetExecutionContext, lake: Lake) -> dg.MaterializeResult:
            return commit_result(context, lake, StageResult(1, 1, {}), key=key, started=0.0)

        return _asset

    resources = {"lake": lake, "settings": SettingsResource.of(Settings(home=tmp_path / "home"))}
    instance = dg.DagsterInstance.ephemeral()
    instance.add_dynamic_partitions("growth_batch", ["g1"])

    def run(selection: dg.AssetSelection) -> dict[str, tuple[bool, str | None]]:
        """Of each asset whether rows are conserved, and the batch that its check is on."""
        job = dg.define_asset_job("job", selection=selection, executor_def=dg.in_process_executor)
        definitions = dg.Definitions(assets=[asset(True), asset(False)], jobs=[job], resources=resources)
        result = definitions.resolve_job_def("job").execute_in_process(
            instance=instance, tags={"dagster/partition": "g1"}
        )
        verdicts = {}
        for evaluation in result.get_asset_check_evaluations():
            batch = evaluation.metadata.get("batch")
            verdicts[evaluation.asset_key.path[0]] = (evaluation.passed, batch.value if batch else None)
        return verdicts

    return run


def test_an_unpartitioned_asset_in_the_run_of_a_batch_belongs_to_no_batch(run, lake):
    assert run(dg.AssetSelection.all()) == {"grows": (True, "g1"), "looks_at_all": (True, None)}
    accounting = lake.store.sql("SELECT asset, batch FROM materializations ORDER BY asset").rows()
    assert accounting == [("grows", "g1"), ("looks_at_all", "")]


def test_checks_of_both_kinds_run_alone_in_the_run_of_a_batch(run):
    everything = dg.AssetSelection.all()
    run(everything)
    assert run(everything - everything.without_checks()) == {"grows": (True, "g1"), "looks_at_all": (True, None)}


def test_an_asset_of_which_nothing_is_selected_costs_no_query():
    nothing = SimpleNamespace(rows=None, get=lambda: None)
    context = SimpleNamespace(
        resources=SimpleNamespace(lake=nothing, settings=nothing),
        selected_asset_check_keys=set(),
        has_partition_key=False,
    )
    assert not list(gate_results(context, {dg.AssetKey("x"): gates_of("x")}, materialised=set()))
