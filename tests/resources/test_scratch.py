"""Scratch folders: private, removed at the end, and after kill -9 by the next process that makes one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from resources.scratch import ScratchError, remove_abandoned, scratch_folder
from tests.conftest import PROJECT_ROOT

HOLD = """
import sys, pathlib
from resources.scratch import scratch_folder
with scratch_folder(pathlib.Path(sys.argv[1]), "held") as folder:
    (folder / "rows.parquet").write_bytes(b"x")
    print(folder, flush=True)
    sys.stdin.read()
"""


def test_a_folder_is_private_and_ends_with_its_block(tmp_path):
    with scratch_folder(tmp_path / "scratch", "stage") as folder:
        (folder / "part").write_bytes(b"x")
        assert folder.stat().st_mode & 0o077 == 0 and folder.parent == tmp_path / "scratch"
        assert remove_abandoned(folder.parent) == [] and folder.is_dir()
    assert not folder.exists()


def test_a_folder_that_cannot_be_made_is_one_line_with_its_cure(tmp_path):
    (tmp_path / "file").touch()
    refused = pytest.raises(ScratchError, match=r"made in .*file: .* point WETHINK_HOME to a local disk")
    with refused, scratch_folder(tmp_path / "file", "stage"):
        pass
    with scratch_folder(tmp_path, "stage" * 100) as folder:
        assert folder.is_dir(), "a long name of a stage is cut"


def test_what_a_killed_process_left_is_removed_and_what_a_living_one_holds_stays(tmp_path):
    held = [
        subprocess.Popen(
            [sys.executable, "-c", HOLD, str(tmp_path)],
            cwd=PROJECT_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    folders = [process.stdout.readline().strip() for process in held]
    others = [tmp_path / "somebody-elses", tmp_path / "other_host-stage-abc"]
    for other, lock in zip(others, ("lock", ".wethink-scratch"), strict=True):
        other.mkdir(mode=0o700)
        (other / lock).touch()
    os.kill(held[0].pid, signal.SIGKILL)
    held[0].wait()
    with scratch_folder(tmp_path, "mine"):
        assert [Path(folder).exists() for folder in folders] == [False, True]
    held[1].communicate("")
    assert {p.name for p in tmp_path.iterdir()} == {
        *(other.name for other in others),
        f".wethink-scratch.{os.getuid()}",  # each user has one of its own in a shared place
    }
    for process in held:
        process.stdin.close()
        process.stdout.close()
