"""Start-up time: what a command must not import, since every call of it would pay for that."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.conftest import PROJECT_ROOT

HEAVY = ("dagster", "polars", "pyarrow", "pandas", "numpy", "matplotlib", "openai")

SCRIPT = """
import json, sys
from wethink_assets.cli.main import main
try:
    main(sys.argv[1:])
finally:
    loaded = sorted({name.split(".")[0] for name, module in sys.modules.items() if module is not None})
    sys.stderr.write("MODULES " + json.dumps(loaded))
"""


def imported_by(*arguments: str, home) -> set[str]:
    """Top-level modules that a command has imported when it ends."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments],
        cwd=PROJECT_ROOT,
        env={**os.environ, "WETHINK_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "MODULES " in done.stderr, done.stderr[-2000:]
    return set(json.loads(done.stderr.partition("MODULES ")[2]))


@pytest.mark.parametrize("arguments", [["--help"], ["lineage", "--help"], ["evaluate", "--help"]])
def test_help_imports_neither_settings_nor_any_library_of_a_room(arguments, tmp_path):
    loaded = imported_by(*arguments, home=tmp_path)
    assert "click" in loaded and loaded.isdisjoint({*HEAVY, "pydantic", "duckdb", "rich"})


def test_a_walk_needs_no_data_frames_and_no_dagster(tmp_path):
    loaded = imported_by("lineage", "0" * 12, home=tmp_path)
    assert "duckdb" in loaded and loaded.isdisjoint(HEAVY)
