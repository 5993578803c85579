"""Folders of data are for their owner; one that is there stays as it is."""

from __future__ import annotations

import os
import stat

import pytest

from resources.lake.commit_lock import step_lock
from resources.lake.store import LakeStore
from resources.private import private_folder, told_if_open


@pytest.fixture(autouse=True)
def usual_mask():
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_missing_is_made_private_and_what_is_there_stays(tmp_path):
    (tmp_path / "team").mkdir(mode=0o755)
    private_folder(tmp_path / "team" / "home" / "lake")
    private_folder(tmp_path / "team" / "home" / "lake")
    assert [mode(tmp_path / p) for p in ("team", "team/home", "team/home/lake")] == [0o755, 0o700, 0o700]


def test_an_open_folder_is_told_with_its_cure(tmp_path):
    (tmp_path / "home").mkdir(mode=0o755)
    assert "mode 0755" in told_if_open(tmp_path / "home") and "chmod 700" in told_if_open(tmp_path / "home")
    (tmp_path / "home").chmod(0o750)
    assert told_if_open(tmp_path / "home") == told_if_open(tmp_path / "none") == ""


def test_a_step_that_waits_for_its_turn_before_there_is_a_lake_makes_its_home_private(tmp_path):
    with step_lock(f"sqlite:{tmp_path}/home/lake/catalog.sqlite", "image_pool"):
        assert [mode(tmp_path / p) for p in ("home", "home/lake", "home/lake/locks")] == [0o700] * 3


def test_a_new_lake_makes_its_home_private(tmp_path):
    lake = LakeStore(f"sqlite:{tmp_path}/home/lake/catalog.sqlite", f"{tmp_path}/home/lake/data")
    assert lake.snapshot_id() >= 0
    lake.close()
    assert [mode(tmp_path / p) for p in ("home", "home/lake", "home/lake/data")] == [0o700] * 3
