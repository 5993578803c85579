"""The page of quality gates: current, and with a line for every check of the graph."""

from __future__ import annotations

from tests.conftest import PROJECT_ROOT
from wethink_assets.cli.checks_page import page
from wethink_assets.graph import build_definitions


def test_the_page_of_quality_gates_is_current():
    written = (PROJECT_ROOT / "docs" / "checks.md").read_text("utf-8")
    assert written == page(), "run: python -m wethink_assets.cli.checks_page > docs/checks.md"


def test_every_check_says_what_it_protects_from_and_where_it_blocks():
    graph = build_definitions().resolve_asset_graph()
    text = page()
    for key in graph.asset_check_keys:
        spec = graph.get_check_spec(key)
        assert spec.description and f"| `{key.name}` |" in text, key
        assert spec.metadata["severity"] == "ERROR" or not spec.blocking, key
