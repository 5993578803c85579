"""Benchmarks: each is a program that `make bench NAME=…` starts, and says so in its docstring."""

from __future__ import annotations

import ast
import importlib

import pytest

from benchmarks.__main__ import HERE, benchmarks
from tests.conftest import PROJECT_ROOT


def test_every_benchmark_says_what_it_measures_and_how_to_run_it():
    assert len(benchmarks()) >= 15
    for name, measures in benchmarks().items():
        text = (HERE / f"{name}.py").read_text("utf-8")
        assert measures.endswith((".", "?")) and f"python -m benchmarks.{name}" in text, name
        assert "sys.path.insert" not in text, f"{name} can be started from one place only: by make bench"
        assert any(isinstance(node, ast.If) and "__main__" in ast.unparse(node.test) for node in ast.parse(text).body)


@pytest.mark.parametrize("name", sorted(benchmarks()))
def test_every_benchmark_says_its_help(name, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", [f"benchmarks.{name}", "--help"])
    with pytest.raises(SystemExit) as end:
        importlib.import_module(f"benchmarks.{name}").main()
    assert end.value.code in (0, None) and capsys.readouterr().out.startswith("usage: ")


def test_the_makefile_runs_them_by_name():
    assert "-m benchmarks.$(NAME) $(ARGS)" in (PROJECT_ROOT / "Makefile").read_text("utf-8")
