"""Code versions: the same for the same meaning, another one for any change of what code does."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wethink_assets import code_digest
from wethink_assets.code_digest import (
    PACKAGE,
    CodeDigestError,
    digest,
    module_files,
    modules_digest,
    normalised,
    room_digest,
    room_files,
)

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


@settings(deadline=None, max_examples=25)
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


@settings(deadline=None, max_examples=25)
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
    code_digest._write(tree, text)
    assert "".join(text) != normalised(SOURCES[path])


@pytest.fixture
def house(tmp_path, monkeypatch):
    """A copy of some rooms that may be edited."""
    for room in ("rewards", "training"):
        shutil.copytree(PACKAGE / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(code_digest, "PACKAGE", tmp_path)
    return tmp_path


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_a_room_has_the_same_digest_wherever_it_lies(house, monkeypatch):
    copied = room_digest("rewards"), modules_digest("rewards/hybrid")
    monkeypatch.undo()
    assert copied == (room_digest("rewards"), modules_digest("rewards/hybrid"))


def test_a_digest_belongs_to_its_room_and_sees_edits_in_one_process(house):
    before = room_digest("rewards"), room_digest("training"), modules_digest("rewards/format", "training/job")
    edit(house / "rewards/hybrid.py", "JUDGE_PASSES = 1", "JUDGE_PASSES = 2")
    after = room_digest("rewards"), room_digest("training"), modules_digest("rewards/format", "training/job")
    assert after[0] != before[0] and after[1:] == before[1:]
    (house / "rewards/one_more.py").write_text("")
    assert room_digest("rewards") not in (before[0], after[0])


def test_assets_only_wire_and_what_is_left_out_does_not_count(house):
    before = room_digest("rewards"), room_digest("rewards", without=["calibration"])
    edit(house / "rewards/assets.py", "import time", "import time, os")
    assert room_digest("rewards") == before[0]
    edit(house / "rewards/calibration/__init__.py", "from __future__ import annotations", "import os")
    assert room_digest("rewards") != before[0] and room_digest("rewards", without=["calibration"]) == before[1]


def test_the_order_of_files_does_not_count_and_their_places_do(tmp_path):
    for name, text in (("a.py", "A = 1"), ("b.py", "B = 1"), ("c.py", "A = 1")):
        (tmp_path / name).write_text(text)
    a, b, c = (tmp_path / name for name in ("a.py", "b.py", "c.py"))
    assert digest([a, b]) == digest([b, a, a]) and digest([a]) != digest([c]) and digest([]) == digest(())


def test_a_folder_counts_with_all_its_sources():
    files = module_files("demo/pack")
    assert len(files) > 1 and modules_digest("demo/pack") == digest(files)


def test_what_is_not_there_or_no_python_is_named(tmp_path):
    (tmp_path / "broken.py").write_text("def (")
    for use, name in (
        (lambda: digest([tmp_path / "broken.py"]), "broken.py"),
        (lambda: digest([tmp_path / "absent.py"]), "absent.py"),
        (lambda: modules_digest("rewards/absent"), "rewards/absent.py"),
        (lambda: room_digest("kitchen"), "kitchen"),
        (lambda: room_files("rewards", without=["absent.py"]), "absent.py"),
    ):
        with pytest.raises(CodeDigestError, match=name):
            use()


def test_later_processes_parse_nothing_and_a_broken_cache_costs_only_time(tmp_path):
    """The cache lies beside the byte code, and holds digests by what the files say."""
    program = (
        "from wethink_assets import code_digest as c\n"
        "parsed = []\n"
        "real = c.normalised\n"
        "c.normalised = lambda source: parsed.append(1) or real(source)\n"
        "print(c.room_digest('rewards'), len(parsed), c._cache_file())"
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
