"""Code versions of files, modules and rooms: what counts into them, and what they are named after."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from wethink_assets import code_digest
from wethink_assets.code_digest import (
    PACKAGE,
    CodeDigestError,
    digest,
    module_files,
    modules_digest,
    room_digest,
    room_files,
)


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
