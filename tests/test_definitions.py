"""The graph as Dagster sees it: complete, described and checked."""

from __future__ import annotations

import dagster as dg
import pytest
from dagster._core.remote_representation.external_data import RepositorySnap
from dagster._serdes import serialize_value

from jobs.executor import one_process_executor
from wethink_assets.benchmark_sets.gates import ITEM_GATES
from wethink_assets.benchmark_sets.registry import ALL_SETS
from wethink_assets.dataset.gates import RELEASE_GATES
from wethink_assets.evaluation.gates import BOARD_GATES, PREDICTION_GATES
from wethink_assets.gate_quality.gates import QUALITY_GATES
from wethink_assets.gates import CONSERVATION, Gate, gates_of
from wethink_assets.graph import build_definitions, build_resources
from wethink_assets.growth.gates import PLAN_GATES, REPORT_GATES
from wethink_assets.images.gates import POOL_GATES
from wethink_assets.partitions import growth_batches
from wethink_assets.pass_rates.gates import BASE_GATES, RL_GATES
from wethink_assets.rewards.gates import judge_gates, judges
from wethink_assets.settings import Settings, load_settings
from wethink_assets.sources.assets import source_asset
from wethink_assets.sources.catalog import SOURCES
from wethink_assets.sources.gates import source_gates
from wethink_assets.synthesis.calls_metadata import CALL_GATES
from wethink_assets.synthesis.registry import stages
from wethink_assets.training.gates import GUARD_GATES, IMPROVED, LOSS_FELL, NON_FINITE, SOUND

GROUPS = {"rewards", "sources", "images", "synthesis", "dataset", "training", "fine_tuning", "evaluation"}


@pytest.fixture(scope="module")
def definitions() -> dg.Definitions:
    return build_definitions()


@pytest.fixture(scope="module")
def specs(definitions) -> dict[str, dg.AssetSpec]:
    return {s.key.to_user_string(): s for s in definitions.resolve_all_asset_specs()}


def own_gates() -> dict[str, tuple[Gate, ...]]:
    """The gates of each asset's own, by asset; the judge's are of the one that is configured without any setting."""
    return {
        "judge_calibration": tuple(judge_gates(judges([Settings().endpoint("judge")]))),
        "benchmark_items": ITEM_GATES,
        "image_pool": POOL_GATES,
        "growth_plan": PLAN_GATES,
        "growth_report": REPORT_GATES,
        "release": RELEASE_GATES,
        "gate_quality": QUALITY_GATES,
        "base_policy": (SOUND,),
        "sft_policy": (SOUND, LOSS_FELL, NON_FINITE),
        "rl_policy": (SOUND, IMPROVED, *GUARD_GATES),
        **dict.fromkeys(("predictions_base", "predictions_sft", "predictions_rl"), PREDICTION_GATES),
        "pass_rates_base": BASE_GATES,
        "pass_rates_rl": RL_GATES,
        "scoreboard": BOARD_GATES,
        **{source_asset(source).key.to_user_string(): source_gates(source) for source in SOURCES},
        **{s.name: (*s.gates, *(CALL_GATES if s.asks else ())) for s in stages()},
    }


def test_every_asset_says_what_it_is(specs):
    assert {k for k in specs if k.startswith("sources/")} == {source_asset(s).key.to_user_string() for s in SOURCES}
    assert len([k for k in specs if k.startswith("scores/")]) == len(ALL_SETS)
    for name, spec in specs.items():
        assert spec.description and len(spec.description) > 20, name
        assert spec.group_name in GROUPS and spec.owners and spec.kinds, name
        assert "dagster/column_schema" in spec.metadata, name


def test_the_checks_of_every_asset_are_its_gates(definitions, specs):
    """Conservation of rows first, which every asset has, then its own: by name, by blocking and by what they say."""
    graph = definitions.resolve_asset_graph()
    own = own_gates()
    assert own.keys() <= specs.keys()
    for name, spec in specs.items():
        checks = {key.name: graph.get_check_spec(key) for key in graph.get(spec.key).check_keys}
        gates = gates_of(name, own.get(name, ()))
        assert gates[0].name == CONSERVATION and gates[0].blocking
        assert {check.name: (check.blocking, check.description) for check in checks.values()} == {
            gate.name: (gate.blocking, gate.protects_from) for gate in gates
        }, name


def test_growth_is_the_only_partition(definitions, specs):
    graph = definitions.resolve_asset_graph()
    partitioned = {s.group_name for s in specs.values() if graph.get(s.key).partitions_def is not None}
    assert partitioned == {"sources", "images", "synthesis"}
    assert {graph.get(s.key).partitions_def for s in specs.values()} <= {None, growth_batches}


def test_what_the_ui_materialises_runs_as_jobs_do(definitions):
    """One process a run: with one per step, every asset would pay for a start-up."""
    implicit = definitions.resolve_implicit_global_asset_job_def()
    assert implicit.executor_def.name == one_process_executor.name
    assert {job.executor_def.name for job in definitions.resolve_all_job_defs()} == {one_process_executor.name}


def test_what_dagster_records_of_the_graph_holds_no_value_of_settings(tmp_path, monkeypatch):
    """Run storage and the UI show the configuration of resources, with its defaults."""
    monkeypatch.setenv("WETHINK_HOME", str(tmp_path / "m4rk3d"))
    monkeypatch.setenv("WETHINK_LAKE_CATALOG", "postgres:host=m4rk3d dbname=m4rk3d user=m4rk3d")
    monkeypatch.setenv("WETHINK_LAKE_DATA", "s3://m4rk3d/m4rk3d")
    for given in (None, load_settings()):
        graph = build_definitions(given)
        recorded = serialize_value(RepositorySnap.from_def(graph.get_repository_def()))
        recorded += "".join(serialize_value(job.get_job_snapshot()) for job in graph.resolve_all_job_defs())
        assert "progress" in recorded and "m4rk3d" not in recorded
        assert build_resources(given)["lake"].catalog == "postgres:host=m4rk3d dbname=m4rk3d user=m4rk3d"
