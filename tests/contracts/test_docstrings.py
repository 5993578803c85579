"""Module docstrings: a purpose line first, then what belongs there and what does not."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.conftest import PROJECT_ROOT
from tests.contracts.import_graph import PACKAGES

ASKED = ("Belongs here: ", "Does not belong here: ")


def lacking(source: str) -> list[str]:
    """What a module's docstring lacks; nothing of a package's file that holds no code."""
    tree = ast.parse(source)
    if all(isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) for node in tree.body):
        return []
    purpose, *rest = (ast.get_docstring(tree) or "").split("\n\n")
    text = " ".join(" ".join(rest).split())
    lines = [] if re.search(r'[.?]"?$', purpose) else ["a purpose line"]
    return lines + [asked.strip(": ") for asked in ASKED if asked not in text]


def modules() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (PROJECT_ROOT / package).rglob("*.py"))


def test_every_module_says_what_belongs_there_and_what_does_not():
    sources = {path.relative_to(PROJECT_ROOT).as_posix(): path.read_text("utf-8") for path in modules()}
    assert {place: lacks for place, source in sources.items() if (lacks := lacking(source))} == {}


@pytest.mark.parametrize(
    ("source", "lacks"),
    [
        ('"""A lake: rows.\n\nBelongs here: a. Does not belong here: b.\n"""\nX = 1', []),
        ('"""A lake."""\n', []),
        ("", []),
        ('"""A lake: rows."""\nX = 1', ["Belongs here", "Does not belong here"]),
        ('"""A lake\n\nBelongs here: a.\nDoes not belong\nhere: b.\n"""\nX = 1', ["a purpose line"]),
        ("X = 1", ["a purpose line", "Belongs here", "Does not belong here"]),
    ],
)
def test_what_a_docstring_lacks_is_seen(source, lacks):
    assert lacking(source) == lacks
