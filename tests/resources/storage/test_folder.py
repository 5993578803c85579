"""Folders of a disk that were made to break a walk."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from resources.storage.folder import LocalFolder
from resources.storage.tree import Tree


@pytest.fixture
def nested(tmp_path):
    """Makes folders within folders, a file in the last. They go by `rm`, since Python's own removal would recurse."""
    before = Path.cwd()

    def make(depth: int) -> LocalFolder:
        os.chdir(tmp_path)
        for _ in range(depth):
            Path("d").mkdir()
            os.chdir("d")
        Path("deep.jpg").touch()
        os.chdir(before)
        (tmp_path / "z.jpg").touch()
        return LocalFolder(tmp_path)

    yield make
    os.chdir(before)
    subprocess.run(["rm", "-rf", str(tmp_path / "d")], check=True)


def test_a_thousand_nested_folders_are_walked(nested):
    folder = nested(1_100)
    assert list(folder.files()) == ["d/" * 1_100 + "deep.jpg", "z.jpg"] and not folder.too_long


def test_a_path_that_the_system_cannot_open_is_told_and_costs_no_other(nested):
    tree = Tree(nested(2_500))
    assert list(tree.files()) == ["z.jpg"]
    (problem,) = tree.problems()
    assert problem.reason == "path_too_long" and problem.archive.startswith("d/d/") and len(problem.archive) < 100
