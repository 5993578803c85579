"""The page of quality gates, docs/checks.md: `python -m wethink_assets.cli.checks_page > docs/checks.md`.

Belongs here: the table of every gate, made from the definitions. Does not belong here: any gate.
"""

from __future__ import annotations

import sys
from collections import defaultdict

import dagster as dg

from wethink_assets.asset_factory import asset_label
from wethink_assets.graph import build_definitions
from wethink_assets.presentation.markdown import cell
from wethink_assets.settings import Settings

MOST_NAMES = 4  # of assets in a cell; more are counted
HEAD = """# Quality gates

A gate reads back from the lake what an asset committed ([how](extending/gate.md)). It runs right after the commit, in
the same step; in the UI each is an asset check that **Execute** runs again alone, over every growth batch of the asset,
and the verdicts of every batch are kept. A failure of severity ERROR fails the run; where a gate blocks, nothing behind
its asset starts. This page is made from the definitions: `python -m wethink_assets.cli.checks_page > docs/checks.md`.

| gate | guards | protects from | severity | blocks |
|---|---|---|---|---|
"""


def page() -> str:
    """The page: one line per gate, in the order of the flow; assets with the same gate share a line."""
    definitions = build_definitions(Settings())
    graph = definitions.resolve_asset_graph()
    order = {key: position for position, key in enumerate(graph.toposorted_asset_keys)}
    specs = {key: graph.get_check_spec(key) for key in graph.asset_check_keys}
    lines: dict[tuple[str, str, str], list[dg.AssetKey]] = defaultdict(list)
    blocking: dict[tuple[str, str, str], bool] = {}
    for key in sorted(specs, key=lambda key: (order[key.asset_key], key.name)):
        spec = specs[key]
        line = (key.name, spec.description or "", str(spec.metadata["severity"]))
        lines[line].append(key.asset_key)
        blocking[line] = spec.blocking
    rows = [
        f"| `{name}` | {_names(assets)} | {cell(protects, 400)} | {severity} "
        f"| {_behind(graph, assets) if blocking[name, protects, severity] else 'no'} |"
        for (name, protects, severity), assets in lines.items()
    ]
    return HEAD + "\n".join(rows) + "\n"


def _names(keys: list[dg.AssetKey]) -> str:
    labels = [f"`{asset_label(key)}`" for key in keys]
    if len(labels) <= MOST_NAMES:
        return ", ".join(labels)
    return f"{len(labels)} assets: {', '.join(labels[:MOST_NAMES])} …"


def _behind(graph: dg.AssetGraph, assets: list[dg.AssetKey]) -> str:
    """What does not start where the gate fails."""
    if len(assets) > MOST_NAMES:
        return "what reads the asset"
    children = sorted({child for key in assets for child in graph.get(key).child_keys} - set(assets))
    return _names(children) if children else "the run"


if __name__ == "__main__":
    sys.stdout.write(page())
