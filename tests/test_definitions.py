"""The graph as Dagster sees it: complete, described, checked, and light to load."""

from __future__ import annotations

import dagster as dg
import pytest

from wethink_assets.benchmark_sets.registry import ALL_SETS
from wethink_assets.definitions import build_definitions
from wethink_assets.gates import CONSERVATION
from wethink_assets.partitions import growth_batches
from wethink_assets.sources.assets import source_asset
from wethink_assets.sources.catalog import SOURCES

GROUPS = {"rewards", "sources", "images", "synthesis", "dataset", "training", "evaluation"}


@pytest.fixture(scope="module")
def specs() -> dict[str, dg.AssetSpec]:
    return {s.key.to_user_string(): s for s in build_definitions().resolve_all_asset_specs()}


def test_every_asset_says_what_it_is(specs):
    assert {k for k in specs if k.startswith("sources/")} == {source_asset(s).key.to_user_string() for s in SOURCES}
    assert len([k for k in specs if k.startswith("scores/")]) == len(ALL_SETS)
    for name, spec in specs.items():
        assert spec.description and len(spec.description) > 20, name
        assert spec.group_name in GROUPS and spec.owners and spec.kinds, name
        assert "dagster/column_schema" in spec.metadata, name


def test_every_asset_checks_its_rows():
    checks = {
        (k.asset_key.to_user_string(), k.name) for k in build_definitions().resolve_asset_graph().asset_check_keys
    }
    assets = {k.to_user_string() for k in build_definitions().resolve_asset_graph().get_all_asset_keys()}
    assert {a for a, name in checks if name == CONSERVATION} == assets


def test_growth_is_the_only_partition(specs):
    graph = build_definitions().resolve_asset_graph()
    partitioned = {s.group_name for s in specs.values() if graph.get(s.key).partitions_def is not None}
    assert partitioned == {"sources", "images", "synthesis"}
    assert {graph.get(s.key).partitions_def for s in specs.values()} <= {None, growth_batches}
