"""The import graph of the project's packages: who imports whom, deferred imports included."""

from __future__ import annotations

import functools
import tomllib
from typing import Any

import grimp

from tests.conftest import PROJECT_ROOT

PACKAGES = ("wethink_assets", "resources", "jobs")


@functools.cache
def graph() -> grimp.ImportGraph:
    """Modules of the project and the top-level names of everything else, as nodes."""
    return grimp.build_graph(*PACKAGES, include_external_packages=True, cache_dir=None)


def own_modules(of: grimp.ImportGraph) -> list[str]:
    return sorted(m for m in of.modules if m.split(".")[0] in PACKAGES)


def contracts() -> dict[str, dict[str, Any]]:
    """The import contracts of pyproject.toml by their id."""
    tables = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    return {table["id"]: table for table in tables}


def circles(imports: dict[str, set[str]]) -> list[set[str]]:
    """Strongly connected components of more than one module (Tarjan), without recursion."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    components: list[set[str]] = []
    for root in imports:
        if root in index:
            continue
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        walk = [(root, iter(sorted(imports[root])))]
        while walk:
            module, targets = walk[-1]
            for target in targets:
                if target not in index:
                    index[target] = low[target] = len(index)
                    stack.append(target)
                    on_stack.add(target)
                    walk.append((target, iter(sorted(imports.get(target, ())))))
                    break
                if target in on_stack:
                    low[module] = min(low[module], index[target])
            else:
                walk.pop()
                if walk:
                    low[walk[-1][0]] = min(low[walk[-1][0]], low[module])
                if low[module] == index[module]:
                    component = set()
                    while module not in component:
                        component.add(member := stack.pop())
                        on_stack.discard(member)
                    if len(component) > 1:
                        components.append(component)
    return components
