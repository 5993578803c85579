"""Import contracts: the laws of docs/architecture.md hold, and every one of them can be broken."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from fnmatch import fnmatchcase
from pathlib import Path

from tests.conftest import PROJECT_ROOT
from tests.contracts.import_graph import PACKAGES, circles, contracts, graph, own_modules

# One line for each contract that breaks it, and the module that it is planted in.
VIOLATIONS = {
    "layers": ("wethink_assets/sources/check.py", "def late():\n    import wethink_assets.evaluation.metrics\n"),
    "resources": ("resources/calls/wire.py", "from wethink_assets.accounting import Stopped\n"),
    "no-dagster": ("wethink_assets/dataset/record.py", "import dagster as dg\n"),
    "no-engines": ("wethink_assets/training/identity.py", "def late():\n    import torch\n"),
    "workers": ("wethink_assets/training/assets.py", "def late():\n    from wethink_assets.training import worker\n"),
    "no-circles": ("wethink_assets/evaluation/families/heldout.py", "import wethink_assets.evaluation.report.html\n"),
}


def _lint(root: Path) -> tuple[int, dict[str, str]]:
    """The exit code of lint-imports in `root`, and KEPT or BROKEN by contract name."""
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    environment = {**os.environ, "PYTHONPATH": str(root), "COLUMNS": "300"}
    out = subprocess.run(
        [sys.executable, "-c", code], cwd=root, env=environment, capture_output=True, text=True, timeout=120
    )
    verdicts = dict(re.findall(r"^(.+?) (KEPT|BROKEN)\b", out.stdout, re.MULTILINE))
    assert verdicts, out.stdout + out.stderr
    return out.returncode, verdicts


def test_every_import_contract_holds():
    code, verdicts = _lint(PROJECT_ROOT)
    assert verdicts == {contract["name"]: "KEPT" for contract in contracts().values()} and code == 0


def test_every_import_contract_can_be_broken(tmp_path):
    assert VIOLATIONS.keys() == contracts().keys()
    for package in PACKAGES:
        shutil.copytree(
            PROJECT_ROOT / package, tmp_path / package, ignore=lambda _, names: [n for n in names if n == "__pycache__"]
        )
    shutil.copy(PROJECT_ROOT / "pyproject.toml", tmp_path)
    for place, lines in VIOLATIONS.values():
        with (tmp_path / place).open("a", encoding="utf-8") as module:
            module.write(lines)
    code, verdicts = _lint(tmp_path)
    assert verdicts == {contract["name"]: "BROKEN" for contract in contracts().values()} and code == 1


def test_every_room_has_its_place_in_the_layers():
    named = [room.strip() for layer in contracts()["layers"]["layers"] for room in re.split("[:|]", layer)]
    assert len(named) == len(set(named))
    modules = graph().modules
    rooms = {m for m in modules if re.fullmatch(r"wethink_assets\.\w+", m)} | {"resources", "jobs"}
    parted = {room for room in rooms if any(n.startswith(f"{room}.") for n in named)}  # demo is cut into layers itself
    rooms = (rooms - parted) | {m for m in modules if m.rpartition(".")[0] in parted}
    assert set(named) == rooms


def test_no_module_is_in_a_circle_of_imports():
    own = own_modules(graph())
    imports = {m: {d for d in graph().find_modules_directly_imported_by(m) if d in set(own)} for m in own}
    # A package and a module of it import each other wherever a package offers its modules' names.
    inside = {m: {d for d in targets if not m.startswith(f"{d}.")} for m, targets in imports.items()}
    assert circles(inside) == []


def test_a_circle_is_seen():
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}) == [{"b", "c"}]
    assert circles({"a": {"b"}, "b": {"c"}, "c": set()}) == []


def test_pure_modules_import_no_glue():
    patterns = [line.split(" -> ")[0] for line in contracts()["no-dagster"]["ignore_imports"]]
    glue = {m for m in graph().modules if any(fnmatchcase(m, pattern) for pattern in patterns)}
    assert graph().find_modules_that_directly_import("dagster") <= glue | {
        m for m in graph().modules if m.split(".")[0] in ("resources", "jobs")
    }
    may = ("graph", "definitions", "cli", "assets", "_assets", "_metadata", "gates", "asset_factory")
    impure = {
        (m, d)
        for m in own_modules(graph())
        if m.startswith("wethink_assets.") and m not in glue and not m.endswith(may) and ".cli." not in m
        for d in graph().find_modules_directly_imported_by(m)
        if d in glue
    }
    assert impure == set()


def test_only_workers_import_an_engine():
    forbidden = set(contracts()["no-engines"]["forbidden_modules"])
    workers = set(contracts()["workers"]["protected_modules"])
    for engine in forbidden & graph().modules:
        assert graph().find_modules_that_directly_import(engine) <= workers, engine


# What a run needs and the definitions do not: each of them costs every start of Dagster and of a step's process.
LATE = (
    "aiohttp fsspec huggingface_hub ijson imagehash jsonschema math_verify matplotlib msgspec openai openpyxl "
    "pint pybase64 ray rich sympy uvloop wethink_assets.rewards.number_prose wethink_assets.rewards.rule_choice "
    "wethink_assets.rewards.formulas wethink_assets.rewards.rule_numbers wethink_assets.rewards.rule_texts"
).split()


def test_definitions_load_without_the_engines_and_without_what_only_a_run_needs():
    heavy = (*contracts()["no-engines"]["forbidden_modules"], *LATE)
    assert not [name for name in LATE if importlib.util.find_spec(name) is None]
    code = (
        "import gc, sys, wethink_assets.definitions, resources.calls.resource\n"
        f"print([m for m in {heavy!r} if m in sys.modules], gc.get_freeze_count() > 100_000, gc.isenabled())"
    )
    out = subprocess.run([sys.executable, "-c", code], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[] True True", "loaded late; what was loaded is out of later collections; these go on"
