"""One source: the same digest for the same meaning, another one for any change of what code does, and what it names."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wethink_assets import code_sources
from wethink_assets.code_digest import PACKAGE, room_digest, room_files
from wethink_assets.code_sources import names_in, normalised

SOURCES = {path: path.read_text("utf-8") for path in room_files("rewards")}

SMALL = '''
"""What it is."""
import math

LIMIT = 3


def area(r: float, *, exact: bool = False) -> float:
    """The area."""
    if exact:
        return math.pi * r**2
    return 3.14 * r * r


class Odd(ValueError):
    """It is odd."""
'''

SAME = {
    "a comment": ("LIMIT = 3", "LIMIT = 3  # at most"),
    "another docstring": ('"""The area."""', '"""The area of a disc."""'),
    "no docstring": ('    """The area."""\n', ""),
    "pass for a docstring": ('    """It is odd."""', "    pass"),
    "other quotes and lines": (
        "(r: float, *, exact: bool = False)",
        "(\n    r: float,\n    *,\n    exact: bool = False,\n)",
    ),
    "parentheses": ("math.pi * r**2", "(math.pi * (r ** 2))"),
    "another spelling of a number": ("3.14", "3.140"),
}
OTHER = {
    "a constant": ("LIMIT = 3", "LIMIT = 4"),
    "its type": ("LIMIT = 3", "LIMIT = 3.0"),
    "true for one": ("exact: bool = False", "exact: bool = 0"),
    "none": ("LIMIT = 3", "LIMIT = None"),
    "an operator": ("3.14 * r * r", "3.14 * r + r"),
    "the order of operations": ("math.pi * r**2", "(math.pi * r)**2"),
    "a name": ("Odd", "Even"),
    "a keyword": ("*, exact", "exact"),
    "a decorator": ("def area", "@staticmethod\ndef area"),
    "a new line": ("LIMIT = 3", "LIMIT = 3\nMORE = 4"),
    "a missing one": ("LIMIT = 3\n", ""),
}


@pytest.mark.parametrize("change", SAME)
def test_what_does_nothing_does_not_count(change):
    old, new = SAME[change]
    assert old in SMALL
    assert normalised(SMALL.replace(old, new)) == normalised(SMALL)


@pytest.mark.parametrize("change", OTHER)
def test_what_does_something_counts(change):
    old, new = OTHER[change]
    assert old in SMALL
    assert normalised(SMALL.replace(old, new)) != normalised(SMALL)


@settings(deadline=None, max_examples=10)
@given(st.data())
def test_comments_and_blank_lines_anywhere_between_statements_do_not_count(data):
    path = data.draw(st.sampled_from(sorted(SOURCES)))
    lines = [line + "\n" for line in SOURCES[path].split("\n")]
    starts = sorted({node.lineno for node in ast.walk(ast.parse(SOURCES[path])) if isinstance(node, ast.stmt)})
    comment = data.draw(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Zl", "Zp")), max_size=20))
    for line in sorted(data.draw(st.sets(st.sampled_from(starts), max_size=5)), reverse=True):
        lines.insert(line - 1, f"# {comment}\n\n")
    assert normalised("".join(lines)) == normalised(SOURCES[path])


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_the_whole_layout_of_a_file_does_not_count(path):
    assert normalised(ast.unparse(ast.parse(SOURCES[path]))) == normalised(SOURCES[path])


@settings(deadline=None, max_examples=10)
@given(st.data())
def test_any_other_constant_or_name_counts(data):
    path = data.draw(st.sampled_from(sorted(SOURCES)))
    tree = ast.parse(SOURCES[path])
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    parts = [
        n
        for n in ast.walk(tree)
        if isinstance(n, (ast.Name, ast.Attribute)) or (isinstance(n, ast.Constant) and id(n) not in bare)
    ]
    if not parts:
        return
    part = data.draw(st.sampled_from(parts))
    if isinstance(part, ast.Constant):
        part.value = f"other {part.value!r}"
    else:
        name = "id" if isinstance(part, ast.Name) else "attr"
        setattr(part, name, getattr(part, name) + "_")
    text: list[str] = []
    code_sources._write(tree, text)
    assert "".join(text) != normalised(SOURCES[path])


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import json\nfrom dagster import asset", []),
        ("import wethink_assets.gates as g, os", ["wethink_assets.gates"]),
        ("from resources.calls import wire, forms", ["resources.calls.forms", "resources.calls.wire"]),
        ("def f():\n    from wethink_assets.rewards.units import Unit", ["wethink_assets.rewards.units.Unit"]),
        (
            "if TYPE_CHECKING:\n    import resources.settings\nelse:\n    import resources.scratch",
            ["resources.scratch"],
        ),
        ("import typing as t\nif t.TYPE_CHECKING:\n    import resources.settings", []),
        ("START = ['-m', 'wethink_assets.decoding.worker']", ["wethink_assets.decoding.worker"]),
        ("START = ['math_worker.py', 'not math_worker.py']", ["math_worker.py"]),
        ("def f():\n    'Docstring: from wethink_assets import gates'", []),
        ("import wethink_assets_more.rules, resourcesful", []),
    ],
)
def test_what_a_source_names_of_the_project(source, names):
    assert sorted(names_in(ast.parse(source))) == names


def test_later_processes_parse_nothing_and_a_broken_cache_costs_only_time(tmp_path):
    """The cache lies beside the byte code, and holds digests by what the files say."""
    program = (
        "from wethink_assets import code_digest, code_sources as c\n"
        "parsed = []\n"
        "real = c._normalised\n"
        "c._normalised = lambda source: parsed.append(1) or real(source)\n"
        "print(code_digest.room_digest('rewards'), len(parsed), c._cache_file())"
    )
    env = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path / "cache"), "PYTHONPATH": str(PACKAGE.parent)}
    env.pop("PYTHONDONTWRITEBYTECODE", None)

    def ask(**more: str) -> list[str]:
        run = [sys.executable, "-c", program]
        return subprocess.run(run, env={**env, **more}, capture_output=True, text=True, check=True).stdout.split()

    first, second = ask(), ask()
    file = Path(first[2])
    assert first[0] == second[0] == room_digest("rewards") and file.is_relative_to(tmp_path)
    assert int(first[1]) == len({p.read_bytes() for p in room_files("rewards")}) and second[1] == "0"
    assert len(json.loads(file.read_text())) == int(first[1])
    file.write_text("[1]")
    assert ask()[:2] == first[:2]
    (tmp_path / "file").write_text("")
    assert ask(PYTHONPYCACHEPREFIX=str(tmp_path / "file"))[:2] == first[:2], "no folder to write into"
